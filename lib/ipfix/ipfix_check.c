/* SPDX-License-Identifier: BSD-3-Clause */
#include "ipfix_check.h"

#include "ipfix_judge.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* What is kept of an exporter: more than any honest one has. */
#define TEMPLATES_MAX 4096
#define FIELDS_MAX (1 << 17)

static void add_finding(struct ipfix_check *check, uint16_t rule, const struct ipfix_spot *spot,
		const char *sentence)
{
	unsigned int index = ipfix_rule_find(rule);
	struct ipfix_finding *finding;

	if (index == ipfix_rule_count)
		return;
	if (check->listener && check->listener->problem)
		check->listener->problem(check->listener_context, rule, spot->offset, sentence);
	if (check->counts[index]++ >= IPFIX_CHECK_EXAMPLES)
		return;
	finding = &check->examples[index * IPFIX_CHECK_EXAMPLES + check->counts[index] - 1];
	finding->rule = rule;
	finding->spot = *spot;
	snprintf(finding->sentence, sizeof(finding->sentence), "%s", sentence);
}

void ipfix_check_find(
		struct ipfix_check *check, uint16_t rule, uint32_t offset, const char *format, ...)
{
	struct ipfix_spot spot = check->spot;
	char sentence[IPFIX_SENTENCE_BYTES];
	va_list args;

	spot.offset = offset;
	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	add_finding(check, rule, &spot, sentence);
}

void ipfix_check_find_at(struct ipfix_check *check, uint16_t rule, const struct ipfix_spot *spot,
		const char *format, ...)
{
	char sentence[IPFIX_SENTENCE_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	add_finding(check, rule, spot, sentence);
}

static void take_head(void *context, const struct ipfix_head *head)
{
	struct ipfix_check *check = context;

	/* who shows a message wants its head before what is wrong with it */
	if (check->listener && check->listener->head)
		check->listener->head(check->listener_context, head);
	ipfix_domain_head(check, head);
}

static void take_template(void *context, const struct ipfix_known *known,
		const struct ipfix_known *before, uint32_t offset)
{
	struct ipfix_check *check = context;

	if (check->listener && check->listener->announced)
		check->listener->announced(check->listener_context, known, before, offset);
	ipfix_judge_template(check, known, before, offset);
}

static void take_withdrawal(
		void *context, const struct ipfix_head *head, uint16_t id, uint32_t offset)
{
	struct ipfix_check *check = context;

	if (check->listener && check->listener->withdrawn)
		check->listener->withdrawn(check->listener_context, head, id, offset);
	ipfix_judge_withdrawal(check, head, id, offset);
}

static void take_record(void *context, const struct ipfix_record_seen *record)
{
	struct ipfix_check *check = context;

	if (check->listener && check->listener->record)
		check->listener->record(check->listener_context, record);
	ipfix_judge_record(check, record);
}

static void take_unknown(void *context, const struct ipfix_head *head, uint16_t id, uint32_t offset)
{
	struct ipfix_check *check = context;

	if (check->listener && check->listener->unknown)
		check->listener->unknown(check->listener_context, head, id, offset);
	ipfix_domain_unknown(check, head, id, offset);
}

static void take_problem(void *context, uint16_t rule, uint32_t offset, const char *sentence)
{
	ipfix_check_find(context, rule, offset, "%s", sentence);
}

static void take_end(void *context, const struct ipfix_head *head, const struct ipfix_tally *tally)
{
	struct ipfix_check *check = context;

	ipfix_domain_end(check, head, tally);
	if (check->listener && check->listener->end)
		check->listener->end(check->listener_context, head, tally);
}

static const struct ipfix_reader_ops ops = {
		.head = take_head,
		.announced = take_template,
		.withdrawn = take_withdrawal,
		.record = take_record,
		.unknown = take_unknown,
		.problem = take_problem,
		.end = take_end,
};

struct ipfix_check *ipfix_check_create(enum ipfix_carrier carrier, uint32_t own_enterprise)
{
	struct ipfix_check *check = calloc(1, sizeof(*check));

	if (!check)
		return NULL;
	check->counts = calloc(ipfix_rule_count, sizeof(*check->counts));
	check->examples = calloc(ipfix_rule_count * IPFIX_CHECK_EXAMPLES, sizeof(*check->examples));
	if (!check->counts || !check->examples) {
		free(check->counts);
		free(check->examples);
		free(check);
		return NULL;
	}
	check->carrier = carrier;
	check->own_enterprise = own_enterprise;
	ipfix_reader_init(&check->reader, &ops, check, TEMPLATES_MAX, FIELDS_MAX);
	return check;
}

void ipfix_check_destroy(struct ipfix_check *check)
{
	if (!check)
		return;
	ipfix_reader_fini(&check->reader);
	free(check->counts);
	free(check->examples);
	free(check);
}

void ipfix_check_set_joined(struct ipfix_check *check)
{
	check->joined = true;
}

void ipfix_check_set_place(struct ipfix_check *check, uint64_t place)
{
	check->spot.place = place;
}

void ipfix_check_skip(struct ipfix_check *check)
{
	for (unsigned int i = 0; i < check->domain_count; i++) {
		ipfix_sequence_forget(&check->domains[i].sequence);
		check->domains[i].stepped = false;
	}
}

void ipfix_check_blame(struct ipfix_check *check, uint16_t rule, const char *sentence)
{
	check->spot.message = check->reader.messages;
	check->spot.position = check->totals.octets;
	ipfix_check_find(check, rule, 0, "%s", sentence);
}

void ipfix_check_message(struct ipfix_check *check, const uint8_t *octets, size_t length,
		int64_t received_ns)
{
	check->spot.message = check->reader.messages;
	check->spot.position = check->totals.octets;
	check->totals.messages++;
	check->totals.octets += length;
	check->domain = NULL;
	if (ipfix_reader_message(&check->reader, octets, length, received_ns) < 0)
		check->totals.unreadable++;
}

int64_t ipfix_check_stream(struct ipfix_check *check, const uint8_t *octets, size_t length,
		int64_t received_ns)
{
	size_t at = 0;

	for (;;) {
		int bytes = ipfix_reader_split(octets + at, length - at);
		if (bytes < 0) {
			/* lets the reader say what is wrong with it */
			ipfix_check_message(check, octets + at, length - at, received_ns);
			return bytes;
		}
		if (bytes == 0)
			return (int64_t)at;
		ipfix_check_message(check, octets + at, (size_t)bytes, received_ns);
		at += (size_t)bytes;
	}
}

void ipfix_check_finish(struct ipfix_check *check)
{
	/* what follows belongs to no message that is being shown */
	check->listener = NULL;
	check->spot = (struct ipfix_spot){.message = IPFIX_SESSION_WHOLE};
	ipfix_domain_finish(check);
	ipfix_judge_session(check);
}

const struct ipfix_check_totals *ipfix_check_totals(const struct ipfix_check *check)
{
	return &check->totals;
}

const struct ipfix_check_domain *ipfix_check_domain(
		const struct ipfix_check *check, unsigned int index)
{
	return index < check->domain_count ? &check->domains[index].seen : NULL;
}

void ipfix_check_templates(
		const struct ipfix_check *check, ipfix_check_template_fn visit, void *context)
{
	for (unsigned int i = 0; i < IPFIX_CACHE_BUCKETS; i++) {
		const struct ipfix_known *known = check->reader.cache.buckets[i];
		for (; known; known = known->next)
			visit(context, known);
	}
}

uint64_t ipfix_check_count(const struct ipfix_check *check, unsigned int rule_index)
{
	return rule_index < ipfix_rule_count ? check->counts[rule_index] : 0;
}

const struct ipfix_finding *ipfix_check_examples(
		const struct ipfix_check *check, unsigned int rule_index, unsigned int *count)
{
	uint64_t all = ipfix_check_count(check, rule_index);

	*count = all < IPFIX_CHECK_EXAMPLES ? (unsigned int)all : IPFIX_CHECK_EXAMPLES;
	return *count ? &check->examples[rule_index * IPFIX_CHECK_EXAMPLES] : NULL;
}

unsigned int ipfix_check_broken(const struct ipfix_check *check, enum ipfix_severity severity)
{
	unsigned int broken = 0;

	for (unsigned int i = 0; i < ipfix_rule_count; i++)
		broken += check->counts[i] > 0 && ipfix_rules[i].severity == severity;
	return broken;
}

void ipfix_check_set_listener(
		struct ipfix_check *check, const struct ipfix_reader_ops *listener, void *context)
{
	check->listener = listener;
	check->listener_context = context;
}
