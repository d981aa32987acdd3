/* SPDX-License-Identifier: BSD-3-Clause */
#include "ipfix_judge.h"

#include "ipfix_lint.h"
#include "ipfix_value.h"

#define NS_PER_SECOND INT64_C(1000000000)
/* Clocks of exporters differ from those of their packets. */
#define FUTURE_NS (60 * NS_PER_SECOND)
#define FUTURE_MS UINT32_C(60000)
#define DAY_MS UINT32_C(86400000)

/* Elements that show what an options record is for, or how a record is to be read. */
enum {
	PROTOCOL = 4,
	SOURCE_PORT = 7,
	INGRESS_INTERFACE = 10,
	FLOW_END_SYS_UP_TIME = 21,
	FLOW_START_SYS_UP_TIME = 22,
	ICMP_TYPE_CODE_IPV4 = 32,
	SAMPLING_INTERVAL = 34,
	EXPORTED_MESSAGES = 41,
	SAMPLER_INTERVAL = 50,
	INTERFACE_NAME = 82,
	ICMP_TYPE_CODE_IPV6 = 139,
	IGNORED_PACKETS = 164,
	NOT_SENT_FLOWS = 166,
	ELEMENT_ID = 303,
	SELECTOR_ALGORITHM = 304,
	SAMPLING_PACKET_INTERVAL = 305,
	ENTERPRISE_NUMBER = 346,
};

/* What a session has shown. */
enum saw {
	SAW_FLOWS = 1 << 0,
	SAW_INTERFACES = 1 << 1,
	SAW_INTERFACE_NAMES = 1 << 2,
	SAW_SELECTION = 1 << 3,
	SAW_STATISTICS = 1 << 4,
	SAW_IGNORED = 1 << 5,
	SAW_NOT_SENT = 1 << 6,
	SAW_PRIVATE_FULL = 1 << 7,
	SAW_TEMPLATES = 1 << 8, /* so options could have been sent */
};

struct place {
	struct ipfix_check *check;
	uint32_t offset;
};

static void take_lint(void *context, uint16_t rule, const char *sentence)
{
	const struct place *place = context;

	ipfix_check_find(place->check, rule, place->offset, "%s", sentence);
}

/* Keeps the element of a private enterprise in a list without doubles. */
static void note_private(struct ipfix_check *check, struct ipfix_spec *list, unsigned int *count,
		uint32_t enterprise, uint16_t id)
{
	for (unsigned int i = 0; i < *count; i++) {
		if (list[i].enterprise == enterprise && list[i].id == id)
			return;
	}
	if (*count == IPFIX_CHECK_PRIVATE_MAX) {
		check->saw |= SAW_PRIVATE_FULL;
		return;
	}
	list[(*count)++] = (struct ipfix_spec){.enterprise = enterprise, .id = id};
}

static void note_template(struct ipfix_check *check, const struct ipfix_known *known)
{
	check->saw |= SAW_TEMPLATES;
	if (known->scope_count == 0 && ipfix_known_has(known, 0, INGRESS_INTERFACE))
		check->saw |= SAW_INTERFACES;
	/* each record may say it, too */
	if (known->scope_count == 0
			&& (ipfix_known_has(known, 0, SAMPLING_INTERVAL)
					|| ipfix_known_has(known, 0, SAMPLING_PACKET_INTERVAL)))
		check->saw |= SAW_SELECTION;
	for (unsigned int i = 0; i < known->field_count; i++) {
		const struct ipfix_spec *spec = &known->specs[i];
		if (spec->enterprise != IPFIX_PEN_IANA && spec->enterprise != IPFIX_PEN_REVERSE
				&& spec->enterprise != IPFIX_PEN_V9_SCOPE)
			note_private(check, check->used, &check->used_count, spec->enterprise,
					spec->id);
	}
}

void ipfix_judge_template(void *context, const struct ipfix_known *known,
		const struct ipfix_known *before, uint32_t offset)
{
	struct ipfix_check *check = context;
	struct place place = {check, offset};

	ipfix_domain_announced(check, known, before);
	if (before && ipfix_known_equals(known, before))
		return;
	if (before)
		ipfix_check_find(check, 204, offset, "template %u has changed in place", known->id);
	ipfix_lint_template(known, check->own_enterprise, take_lint, &place);
	note_template(check, known);
}

void ipfix_judge_withdrawal(
		void *context, const struct ipfix_head *head, uint16_t id, uint32_t offset)
{
	struct ipfix_check *check = context;

	if (check->carrier == IPFIX_CARRIER_DATAGRAMS)
		ipfix_check_find(check, 304, offset, "template %u of domain %u is withdrawn", id,
				head->domain);
}

static bool has(const struct ipfix_record_seen *record, uint16_t id)
{
	return ipfix_record_field(record, IPFIX_PEN_IANA, id) != NULL;
}

static uint64_t number(const struct ipfix_record_seen *record, uint32_t enterprise, uint16_t id,
		uint64_t otherwise)
{
	const struct ipfix_field_value *value = ipfix_record_field(record, enterprise, id);
	uint64_t sum = 0;

	if (!value)
		return otherwise;
	for (uint32_t i = 0; i < value->length; i++)
		sum = sum << 8 | value->octets[i];
	return sum;
}

static void note_options(struct ipfix_check *check, const struct ipfix_record_seen *record)
{
	static const struct {
		uint16_t id;
		enum saw saw;
	} signs[] = {{INTERFACE_NAME, SAW_INTERFACE_NAMES}, {SELECTOR_ALGORITHM, SAW_SELECTION},
			{SAMPLING_PACKET_INTERVAL, SAW_SELECTION},
			{SAMPLING_INTERVAL, SAW_SELECTION}, {SAMPLER_INTERVAL, SAW_SELECTION},
			{EXPORTED_MESSAGES, SAW_STATISTICS}, {IGNORED_PACKETS, SAW_IGNORED},
			{NOT_SENT_FLOWS, SAW_NOT_SENT}};

	check->totals.options_records++;
	if (check->domain)
		check->domain->seen.options_records++;
	for (unsigned int i = 0; i < BASE_COUNT_OF(signs); i++) {
		if (has(record, signs[i].id))
			check->saw |= signs[i].saw;
	}
	if (has(record, ENTERPRISE_NUMBER) && has(record, ELEMENT_ID))
		note_private(check, check->explained, &check->explained_count,
				(uint32_t)number(record, 0, ENTERPRISE_NUMBER, 0),
				(uint16_t)(number(record, 0, ELEMENT_ID, 0)
						& ~(uint64_t)IPFIX_ENTERPRISE_BIT));
}

/* Pairs of start and end in the same unit. */
static void judge_times(struct ipfix_check *check, const struct ipfix_record_seen *record)
{
	int64_t export_ns = (int64_t)record->head->export_sec * NS_PER_SECOND;

	for (uint16_t id = 150; id <= 156; id = (uint16_t)(id + 2)) {
		const struct ipfix_field_value *first = ipfix_record_field(record, 0, id);
		const struct ipfix_field_value *last =
				ipfix_record_field(record, 0, (uint16_t)(id + 1));
		int64_t start, end;
		if (!first || !last || !ipfix_value_time(first, &start)
				|| !ipfix_value_time(last, &end))
			continue;
		if (start > end)
			ipfix_check_find(check, 804, record->offset,
					"template %u: the flow starts %lld ms after its end",
					record->known->id, (long long)((start - end) / 1000000));
		else if (end > export_ns + FUTURE_NS)
			ipfix_check_find(check, 804, record->offset,
					"template %u: the flow ends %lld s after its export",
					record->known->id,
					(long long)((end - export_ns) / NS_PER_SECOND));
	}
}

/*
 * NetFlow has times since the exporter started, which wrap after 49 days: so they are taken as so
 * long before the export, where a little ahead is allowed.
 */
static void judge_uptimes(struct ipfix_check *check, const struct ipfix_record_seen *record)
{
	const struct ipfix_field_value *first =
			ipfix_record_field(record, 0, FLOW_START_SYS_UP_TIME);
	const struct ipfix_field_value *last = ipfix_record_field(record, 0, FLOW_END_SYS_UP_TIME);

	if (record->head->version == IPFIX_VERSION || !first || !last || first->length != 4
			|| last->length != 4)
		return;
	uint32_t start_ms = (uint32_t)number(record, 0, FLOW_START_SYS_UP_TIME, 0);
	uint32_t end_ms = (uint32_t)number(record, 0, FLOW_END_SYS_UP_TIME, 0);
	uint32_t latest_ms = record->head->uptime_ms + FUTURE_MS;
	uint32_t ahead_ms = end_ms - record->head->uptime_ms;
	if (latest_ms - start_ms >= latest_ms - end_ms)
		return;
	if (ahead_ms < DAY_MS)
		ipfix_check_find(check, 804, record->offset,
				"template %u: the flow ends %u s after its export",
				record->known->id, ahead_ms / 1000);
	else
		ipfix_check_find(check, 804, record->offset,
				"template %u: the flow starts %u ms after its end",
				record->known->id, start_ms - end_ms);
}

static void judge_flow(struct ipfix_check *check, const struct ipfix_record_seen *record)
{
	uint64_t protocol = number(record, 0, PROTOCOL, 0);

	check->saw |= SAW_FLOWS;
	judge_times(check, record);
	judge_uptimes(check, record);
	if ((protocol == 1 && has(record, ICMP_TYPE_CODE_IPV4))
			|| (protocol == 58 && has(record, ICMP_TYPE_CODE_IPV6))) {
		if (number(record, 0, SOURCE_PORT, 0) != 0)
			ipfix_check_find(check, 409, record->offset,
					"template %u: ICMP with source port %llu",
					record->known->id,
					(unsigned long long)number(record, 0, SOURCE_PORT, 0));
	}
	if (number(record, IPFIX_PEN_REVERSE, 2, 1) == 0)
		ipfix_check_find(check, 703, record->offset,
				"template %u: a biflow without packets on the way back",
				record->known->id);
}

static void take_value(void *context, uint16_t rule, const char *sentence)
{
	struct ipfix_check *check = context;

	ipfix_check_find(check, rule, check->record_offset, "%s", sentence);
}

void ipfix_judge_record(void *context, const struct ipfix_record_seen *record)
{
	struct ipfix_check *check = context;

	check->record_offset = record->offset;
	for (unsigned int i = 0; i < record->known->field_count; i++)
		ipfix_value_check(&record->fields[i], check->own_enterprise, take_value, check);
	if (record->known->scope_count > 0)
		note_options(check, record);
	else
		judge_flow(check, record);
}

static bool is_explained(const struct ipfix_check *check, const struct ipfix_spec *spec)
{
	for (unsigned int i = 0; i < check->explained_count; i++) {
		if (check->explained[i].id == spec->id
				&& check->explained[i].enterprise == spec->enterprise)
			return true;
	}
	return false;
}

static void judge_private(struct ipfix_check *check)
{
	if (check->saw & SAW_PRIVATE_FULL)
		return;
	for (unsigned int i = 0; i < check->used_count; i++) {
		if (!is_explained(check, &check->used[i]))
			ipfix_check_find(check, 609, 0,
					"element %u of enterprise %u is not explained",
					check->used[i].id, check->used[i].enterprise);
	}
}

void ipfix_judge_session(struct ipfix_check *check)
{
	static const struct {
		enum saw saw;
		uint16_t rule;
		const char *sentence;
	} wants[] = {{SAW_SELECTION, 606, "no options record says how packets were selected"},
			{SAW_STATISTICS, 601, "no options record says how much was sent"},
			{SAW_IGNORED, 602, "no options record says what was not metered"},
			{SAW_NOT_SENT, 603, "no options record says what was not sent"}};

	if (!check->fair)
		return;
	judge_private(check);
	if (!(check->saw & SAW_FLOWS) || !(check->saw & SAW_TEMPLATES))
		return;
	if ((check->saw & SAW_INTERFACES) && !(check->saw & SAW_INTERFACE_NAMES))
		ipfix_check_find(check, 605, 0, "interfaces are numbered and never named");
	for (unsigned int i = 0; i < BASE_COUNT_OF(wants); i++) {
		if (!(check->saw & wants[i].saw))
			ipfix_check_find(check, wants[i].rule, 0, "%s", wants[i].sentence);
	}
}
