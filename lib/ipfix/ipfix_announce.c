/* SPDX-License-Identifier: BSD-3-Clause */
#include "ipfix_announce.h"

#include "ipfix_write.h"

#define NS_PER_MILLISECOND INT64_C(1000000)
/* The only sequence: the whole domain, then one selector. */
#define SEQUENCE_ID 1
/* samplerMode (49) */
#define SAMPLER_SYSTEMATIC 1
#define SAMPLER_RANDOM 2
#define V9_TEMPLATE_SET 0
#define V9_OPTIONS_SET 1

void ipfix_announcer_init(struct ipfix_announcer *announcer, struct ipfix_session *session,
		int64_t now_ns, uint8_t *octets, ipfix_emit_fn emit, void *context)
{
	*announcer = (struct ipfix_announcer){
			.session = session, .now_ns = now_ns, .emit = emit, .context = context};
	ipfix_message_start(&announcer->message, octets, session->settings.message_bytes,
			session->plan->header_bytes, !session->plan->settings.unpadded);
}

static void flush(struct ipfix_announcer *announcer)
{
	if (!ipfix_message_finish(&announcer->message))
		return;
	ipfix_session_stamp(announcer->session, &announcer->message, announcer->now_ns);
	announcer->emit(announcer->context, &announcer->message);
	ipfix_message_restart(&announcer->message);
}

static uint8_t *reserve(struct ipfix_announcer *announcer, uint16_t set_id, uint32_t bytes)
{
	uint8_t *room = ipfix_message_reserve(&announcer->message, set_id, bytes);

	if (!room) {
		flush(announcer);
		room = ipfix_message_reserve(&announcer->message, set_id, bytes);
	}
	announcer->message.records++;
	return room;
}

static bool is_version9(const struct ipfix_announcer *announcer)
{
	return announcer->session->plan->settings.protocol == IPFIX_PROTOCOL_NETFLOW9;
}

/* Each in a set of its own: pmacct 1.7.7 reads no more than the first of a set. */
static void add_options_templates(struct ipfix_announcer *announcer)
{
	uint16_t set_id = is_version9(announcer) ? V9_OPTIONS_SET : IPFIX_SET_OPTIONS_TEMPLATE;

	for (unsigned int i = 0; i < IPFIX_OPTION_COUNT; i++) {
		enum ipfix_option_kind kind = (enum ipfix_option_kind)i;
		if (ipfix_options[i].protocol != announcer->session->plan->settings.protocol)
			continue;
		ipfix_option_write_spec(
				kind, reserve(announcer, set_id, ipfix_option_spec_bytes(kind)));
		ipfix_message_close_set(&announcer->message);
	}
}

void ipfix_announce_templates(struct ipfix_announcer *announcer)
{
	uint16_t set_id = is_version9(announcer) ? V9_TEMPLATE_SET : IPFIX_SET_TEMPLATE;

	for (unsigned int i = 0; i < IPFIX_PLAN_TEMPLATES; i++) {
		const struct ipfix_template *template = &announcer->session->plan->templates[i];
		if (template->record_bytes == 0)
			continue;
		memcpy(reserve(announcer, set_id, template->spec_bytes), template->specs,
				template->spec_bytes);
	}
	add_options_templates(announcer);
	flush(announcer);
}

static void add_option(struct ipfix_announcer *announcer, enum ipfix_option_kind kind,
		const struct ipfix_value *values)
{
	uint8_t *room = reserve(
			announcer, ipfix_option_id(kind), ipfix_option_record_bytes(kind, values));

	ipfix_option_write(kind, values, room, &announcer->texts_cut);
	announcer->message.data_records++;
}

/* Numbers only, in the order of the option's fields. */
#define ADD_NUMBERS(announcer, kind, ...)                                 \
	do {                                                              \
		const uint64_t numbers[] = {__VA_ARGS__};                 \
		struct ipfix_value values[IPFIX_OPTION_FIELDS_MAX] = {0}; \
		for (unsigned int n = 0; n < BASE_COUNT_OF(numbers); n++) \
			values[n].number = numbers[n];                    \
		add_option(announcer, kind, values);                      \
	} while (0)

static uint64_t to_milliseconds(int64_t ns)
{
	return ns > 0 ? (uint64_t)(ns / NS_PER_MILLISECOND) : 0;
}

static void add_interfaces(struct ipfix_announcer *announcer, const struct ipfix_report *report)
{
	bool v9 = is_version9(announcer);

	for (unsigned int i = 0; i < report->interface_count; i++) {
		const struct ipfix_value values[] = {{.number = report->interfaces[i].index},
				{.text = report->interfaces[i].name}};
		add_option(announcer, v9 ? IPFIX_OPTION_V9_INTERFACE : IPFIX_OPTION_INTERFACE,
				values);
	}
	for (unsigned int i = 0; i < report->interface_count; i++) {
		const struct ipfix_value values[] = {{.number = report->interfaces[i].index},
				{.text = report->interfaces[i].description}};
		if (report->interfaces[i].description)
			add_option(announcer,
					v9 ? IPFIX_OPTION_V9_DESCRIPTION : IPFIX_OPTION_DESCRIPTION,
					values);
	}
}

static void add_selector(struct ipfix_announcer *announcer, const struct ipfix_selector *selector)
{
	uint32_t domain = announcer->session->settings.domain;

	if (selector->algorithm == IPFIX_ALGORITHM_RANDOM)
		ADD_NUMBERS(announcer, IPFIX_OPTION_SELECTOR_RANDOM, selector->id,
				selector->algorithm, 1, selector->interval);
	else
		ADD_NUMBERS(announcer, IPFIX_OPTION_SELECTOR_SYSTEMATIC, selector->id,
				selector->algorithm, 1, selector->interval - 1);
	/* nfdump marks flows as sampled when it sees it, at any rate */
	if (selector->interval > 1)
		ADD_NUMBERS(announcer, IPFIX_OPTION_RATE, selector->id, selector->interval);
	ADD_NUMBERS(announcer, IPFIX_OPTION_SEQUENCE, SEQUENCE_ID, domain, selector->id);
	ADD_NUMBERS(announcer, IPFIX_OPTION_SEQUENCE_STATISTICS, SEQUENCE_ID,
			selector->observed_packets, selector->selected_packets);
}

static void add_flow_keys(struct ipfix_announcer *announcer)
{
	for (unsigned int i = 0; i < IPFIX_PLAN_TEMPLATES; i++) {
		const struct ipfix_template *template = &announcer->session->plan->templates[i];
		if (template->record_bytes > 0)
			ADD_NUMBERS(announcer, IPFIX_OPTION_FLOW_KEYS, template->id,
					template->keys);
	}
}

static void add_types(struct ipfix_announcer *announcer)
{
	for (unsigned int i = 0; i < ipfix_own_element_count; i++) {
		const struct ipfix_element *element = &ipfix_own_elements[i].element;
		const struct ipfix_value values[] = {
				{.number = announcer->session->plan->settings.enterprise},
				{.number = element->id}, {.number = element->type},
				{.number = element->semantics}, {.number = element->unit},
				{.text = element->name},
				{.text = ipfix_own_elements[i].description}};
		add_option(announcer, IPFIX_OPTION_TYPE, values);
	}
}

static void add_ledger(struct ipfix_announcer *announcer, const struct ipfix_report *report)
{
	const struct ipfix_totals *totals = &announcer->session->totals;
	const struct ipfix_loss *ignored = &report->ignored, *lost = &report->not_sent;
	uint32_t domain = announcer->session->settings.domain;

	ADD_NUMBERS(announcer, IPFIX_OPTION_METERING_RELIABILITY, domain, report->metering_id,
			ignored->packets, ignored->octets, to_milliseconds(ignored->first_ns),
			to_milliseconds(ignored->last_ns));
	ADD_NUMBERS(announcer, IPFIX_OPTION_EXPORTING_RELIABILITY, report->exporting_id,
			lost->flows, lost->packets, lost->octets, to_milliseconds(lost->first_ns),
			to_milliseconds(lost->last_ns));
	/* totals are those before the message that carries them (RFC 7011, section 4.1) */
	flush(announcer);
	ADD_NUMBERS(announcer, IPFIX_OPTION_METERING, domain, report->metering_id, totals->messages,
			totals->exported_records, totals->octets);
}

static void announce_version9(struct ipfix_announcer *announcer, const struct ipfix_report *report)
{
	const struct ipfix_totals *totals = &announcer->session->totals;

	add_interfaces(announcer, report);
	for (unsigned int i = 0; i < report->selector_count; i++) {
		const struct ipfix_selector *selector = &report->selectors[i];
		bool random = selector->algorithm == IPFIX_ALGORITHM_RANDOM;
		ADD_NUMBERS(announcer, IPFIX_OPTION_V9_SAMPLER, 0, selector->id,
				random ? SAMPLER_RANDOM : SAMPLER_SYSTEMATIC, selector->interval);
		if (selector->interval > 1)
			ADD_NUMBERS(announcer, IPFIX_OPTION_V9_RATE, 0, selector->interval);
	}
	flush(announcer);
	ADD_NUMBERS(announcer, IPFIX_OPTION_V9_TOTALS, 0, totals->messages,
			totals->exported_records, totals->octets);
}

void ipfix_announce_options(struct ipfix_announcer *announcer, const struct ipfix_report *report)
{
	if (is_version9(announcer)) {
		announce_version9(announcer, report);
	} else {
		for (unsigned int i = 0; i < report->selector_count; i++)
			add_selector(announcer, &report->selectors[i]);
		add_interfaces(announcer, report);
		if (!announcer->session->plan->settings.plain)
			add_types(announcer);
		add_flow_keys(announcer);
		add_ledger(announcer, report);
	}
	flush(announcer);
}
