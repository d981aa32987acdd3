/* SPDX-License-Identifier: BSD-3-Clause */
/* Templates and options records of a session, packed into messages: the inside of a session. */
#ifndef IPFIX_ANNOUNCE_H
#define IPFIX_ANNOUNCE_H

#include "ipfix_option.h"
#include "ipfix_session.h"

struct ipfix_announcer {
	struct ipfix_session *session;
	struct ipfix_message message;
	int64_t now_ns;
	ipfix_emit_fn emit;
	void *context;
	uint32_t texts_cut;
};

void ipfix_announcer_init(struct ipfix_announcer *announcer, struct ipfix_session *session,
		int64_t now_ns, uint8_t *octets, ipfix_emit_fn emit, void *context);

/* All templates and options templates, in as few messages as hold them. */
void ipfix_announce_templates(struct ipfix_announcer *announcer);

/* All options records. Parts of the report that are empty are left out. */
void ipfix_announce_options(struct ipfix_announcer *announcer, const struct ipfix_report *report);

#endif
