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

void ipfix_check_find(
		struct ipfix_check *check, uint16_t rule, uint32_t offset, const char *format, ...)
{
	unsigned int index = ipfix_rule_find(rule);
	struct ipfix_finding *finding;
	va_list args;

	if (index == ipfix_rule_count || check->counts[index]++ >= IPFIX_CHECK_EXAMPLES)
		return;
	finding = &check->examples[index * IPFIX_CHECK_EXAMPLES + check->counts[index] - 1];
	finding->rule = rule;
	finding->message = check->reader.head.index;
	finding->offset = offset;
	va_start(args, format);
	vsnprintf(finding->sentence, sizeof(finding->sentence), format, args);
	va_end(args);
}

static void take_problem(void *context, uint16_t rule, uint32_t offset, const char *sentence)
{
	ipfix_check_find(context, rule, offset, "%s", sentence);
}

static const struct ipfix_reader_ops ops = {
		.head = ipfix_judge_head,
		.announced = ipfix_judge_template,
		.withdrawn = ipfix_judge_withdrawal,
		.record = ipfix_judge_record,
		.problem = take_problem,
		.end = ipfix_judge_end,
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

void ipfix_check_message(struct ipfix_check *check, const uint8_t *octets, size_t length,
		int64_t received_ns)
{
	check->totals.messages++;
	check->totals.octets += length;
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
	ipfix_judge_session(check);
}

const struct ipfix_check_totals *ipfix_check_totals(const struct ipfix_check *check)
{
	return &check->totals;
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
		struct ipfix_check *check, ipfix_check_record_fn listener, void *context)
{
	check->listener = listener;
	check->listener_context = context;
}
