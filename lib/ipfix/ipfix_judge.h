/* SPDX-License-Identifier: BSD-3-Clause */
/* What a check makes of a reader's events: the inside of a check. */
#ifndef IPFIX_JUDGE_H
#define IPFIX_JUDGE_H

#include "ipfix_check.h"
#include "ipfix_sequence.h"

/* One observation domain of the exporter, as it is followed. */
struct ipfix_domain {
	struct ipfix_check_domain seen;
	struct ipfix_sequence sequence;
	bool began; /* its first message was the first of the session */
	/* of the message before */
	bool stepped; /* what it counts is known */
	uint32_t last;
	uint32_t last_records;
	uint32_t last_templates;
	/* messages that show what is counted, and how many were numbered as if it were that */
	uint64_t steps;
	uint64_t as_messages;
	uint64_t as_templates;
};

/* Data that came before its template, which may still come. */
struct ipfix_waiting {
	uint32_t domain;
	uint16_t version;
	uint16_t id;
	uint64_t sets;
	uint32_t export_sec; /* of the first */
	struct ipfix_spot spot; /* of the first */
};

struct ipfix_check {
	struct ipfix_reader reader;
	enum ipfix_carrier carrier;
	uint32_t own_enterprise;
	bool joined;
	struct ipfix_check_totals totals;
	uint64_t *counts; /* by rule */
	struct ipfix_finding *examples; /* IPFIX_CHECK_EXAMPLES by rule */
	struct ipfix_domain domains[IPFIX_CHECK_DOMAINS_MAX];
	unsigned int domain_count;
	struct ipfix_domain *domain; /* of the message that is being judged, or NULL */
	struct ipfix_waiting waiting[IPFIX_CHECK_WAITING_MAX];
	unsigned int waiting_count;
	bool fair; /* it was watched from the start, or for long enough to miss what never came */
	uint32_t saw; /* enum saw of ipfix_judge.c */
	/* private elements: used in data, explained by type records */
	struct ipfix_spec used[IPFIX_CHECK_PRIVATE_MAX];
	struct ipfix_spec explained[IPFIX_CHECK_PRIVATE_MAX];
	unsigned int used_count;
	unsigned int explained_count;
	struct ipfix_spot spot; /* of the message that is being judged */
	uint32_t record_offset; /* of the record that is being judged */
	const struct ipfix_reader_ops *listener;
	void *listener_context;
};

void ipfix_check_find(struct ipfix_check *check, uint16_t rule, uint32_t offset, const char *format,
		...) __attribute__((format(printf, 4, 5)));
/* The same of what was somewhere else: *spot is where. */
void ipfix_check_find_at(struct ipfix_check *check, uint16_t rule, const struct ipfix_spot *spot,
		const char *format, ...) __attribute__((format(printf, 4, 5)));

/* struct ipfix_reader_ops, with a check as context; a domain's are in ipfix_domain.c */
void ipfix_domain_head(void *context, const struct ipfix_head *head);
void ipfix_domain_announced(struct ipfix_check *check, const struct ipfix_known *known,
		const struct ipfix_known *before);
void ipfix_domain_unknown(
		void *context, const struct ipfix_head *head, uint16_t id, uint32_t offset);
void ipfix_domain_end(
		void *context, const struct ipfix_head *head, const struct ipfix_tally *tally);
void ipfix_judge_template(void *context, const struct ipfix_known *known,
		const struct ipfix_known *before, uint32_t offset);
void ipfix_judge_withdrawal(
		void *context, const struct ipfix_head *head, uint16_t id, uint32_t offset);
void ipfix_judge_record(void *context, const struct ipfix_record_seen *record);

/* At the end of the session. */
void ipfix_domain_finish(struct ipfix_check *check);
void ipfix_judge_session(struct ipfix_check *check);

#endif
