/* SPDX-License-Identifier: BSD-3-Clause */
/* What a check makes of a reader's events: the inside of a check. */
#ifndef IPFIX_JUDGE_H
#define IPFIX_JUDGE_H

#include "ipfix_check.h"

/* One observation domain of the exporter. */
struct ipfix_domain {
	uint32_t domain;
	uint16_t version;
	bool counting; /* expected is known */
	uint32_t expected; /* sequence number of its next message */
	uint32_t last; /* sequence number of the message before */
	uint32_t export_sec;
	uint64_t wrong; /* messages whose number was not the expected one */
	uint64_t as_messages; /* ... which it was, were messages counted */
};

struct ipfix_check {
	struct ipfix_reader reader;
	enum ipfix_carrier carrier;
	uint32_t own_enterprise;
	struct ipfix_check_totals totals;
	uint64_t *counts; /* by rule */
	struct ipfix_finding *examples; /* IPFIX_CHECK_EXAMPLES by rule */
	struct ipfix_domain domains[IPFIX_CHECK_DOMAINS_MAX];
	unsigned int domain_count;
	uint32_t saw; /* enum saw of ipfix_judge.c */
	/* private elements: used in data, explained by type records */
	struct ipfix_spec used[IPFIX_CHECK_PRIVATE_MAX];
	struct ipfix_spec explained[IPFIX_CHECK_PRIVATE_MAX];
	unsigned int used_count;
	unsigned int explained_count;
	uint32_t record_offset; /* of the record that is being judged */
	ipfix_check_record_fn listener;
	void *listener_context;
};

void ipfix_check_find(struct ipfix_check *check, uint16_t rule, uint32_t offset, const char *format,
		...) __attribute__((format(printf, 4, 5)));

/* struct ipfix_reader_ops, with a check as context */
void ipfix_judge_head(void *context, const struct ipfix_head *head);
void ipfix_judge_template(void *context, const struct ipfix_known *known,
		const struct ipfix_known *before, uint32_t offset);
void ipfix_judge_withdrawal(
		void *context, const struct ipfix_head *head, uint16_t id, uint32_t offset);
void ipfix_judge_record(void *context, const struct ipfix_record_seen *record);
void ipfix_judge_end(void *context, const struct ipfix_head *head, const struct ipfix_tally *tally);

/* At the end of the session. */
void ipfix_judge_session(struct ipfix_check *check);

#endif
