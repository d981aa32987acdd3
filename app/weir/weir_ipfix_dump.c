/* SPDX-License-Identifier: BSD-3-Clause */
/* weir ipfix check --dump: each message, template and record as text, findings in their place. */
#include "base_clock.h"
#include "ipfix_value.h"
#include "weir_ipfix.h"

static void flush_line(struct weir_ipfix_dump *dump)
{
	if (dump->line.text)
		fwrite(dump->line.text, 1, dump->line.len, dump->out);
	base_strbuf_reset(&dump->line);
}

static void print_time(struct weir_ipfix_dump *dump, uint32_t sec)
{
	char text[BASE_CLOCK_ISO_BYTES];

	base_clock_format_iso((int64_t)sec * BASE_NS_PER_SEC, text);
	base_strbuf_printf(&dump->line, "%.19sZ", text); /* without the fraction */
}

/* The line that heads a message, once. */
static void begin_message(struct weir_ipfix_dump *dump)
{
	const struct collect_arrival *arrival;
	const struct collect_session *session = collect_current(dump->collect, &arrival);
	uint64_t message = ipfix_check_totals(session->check)->messages;

	if (session == dump->session && message == dump->message)
		return;
	dump->session = session;
	dump->message = message;
	base_strbuf_printf(&dump->line, "\nmessage %llu  ", (unsigned long long)message);
	collect_endpoints_print(&session->endpoints, &dump->line);
	if (arrival->place)
		base_strbuf_printf(
				&dump->line, "  packet %llu", (unsigned long long)arrival->place);
	base_strbuf_putc(&dump->line, '\n');
}

static void dump_head(void *context, const struct ipfix_head *head)
{
	struct weir_ipfix_dump *dump = context;

	begin_message(dump);
	base_strbuf_printf(&dump->line, "  %s  %u octets  exported ",
			weir_ipfix_version_name(head->version), head->length);
	print_time(dump, head->export_sec);
	base_strbuf_printf(&dump->line, "  sequence %u  domain %u", head->sequence, head->domain);
	if (head->version != IPFIX_VERSION)
		base_strbuf_printf(&dump->line, "  uptime %u ms  count %u", head->uptime_ms,
				head->count);
	base_strbuf_putc(&dump->line, '\n');
	flush_line(dump);
}

/* The element of a private field, when the exporter has explained it; else NULL. */
static const struct ipfix_element *find_learned(
		const struct weir_ipfix_dump *dump, const struct ipfix_spec *spec)
{
	if (spec->enterprise == IPFIX_PEN_IANA || spec->enterprise == IPFIX_PEN_REVERSE)
		return NULL;
	return weir_ipfix_names_find(&dump->names, spec);
}

static void print_name(struct weir_ipfix_dump *dump, const struct ipfix_spec *spec)
{
	const struct ipfix_element *element = find_learned(dump, spec);

	if (element)
		base_strbuf_puts(&dump->line, element->name);
	else
		ipfix_value_print_name(spec, dump->own_enterprise, &dump->line);
}

static void print_value(struct weir_ipfix_dump *dump, const struct ipfix_field_value *value)
{
	const struct ipfix_element *element = find_learned(dump, value->spec);

	if (!element) {
		ipfix_value_print(value, dump->own_enterprise, &dump->line);
		return;
	}
	base_strbuf_printf(&dump->line, "%s=", element->name);
	ipfix_value_print_as(value, element, &dump->line);
}

static void dump_template(void *context, const struct ipfix_known *known,
		const struct ipfix_known *before, uint32_t offset)
{
	struct weir_ipfix_dump *dump = context;

	(void)offset;
	base_strbuf_printf(&dump->line, "  %s %u%s, %u fields",
			known->scope_count ? "options template" : "template", known->id,
			before && ipfix_known_equals(known, before) ? " again" : "",
			known->field_count);
	if (known->scope_count)
		base_strbuf_printf(&dump->line, ", %u of scope", known->scope_count);
	base_strbuf_putc(&dump->line, ':');
	for (unsigned int i = 0; i < known->field_count; i++) {
		base_strbuf_putc(&dump->line, ' ');
		print_name(dump, &known->specs[i]);
		if (known->specs[i].length == IPFIX_VARIABLE)
			base_strbuf_puts(&dump->line, "[*]");
		else
			base_strbuf_printf(&dump->line, "[%u]", known->specs[i].length);
	}
	base_strbuf_putc(&dump->line, '\n');
	flush_line(dump);
}

static void dump_withdrawal(
		void *context, const struct ipfix_head *head, uint16_t id, uint32_t offset)
{
	struct weir_ipfix_dump *dump = context;

	(void)head;
	(void)offset;
	if (id >= IPFIX_SET_FIRST_DATA)
		base_strbuf_printf(&dump->line, "  withdrawal of template %u\n", id);
	else
		base_strbuf_printf(&dump->line, "  withdrawal of all %stemplates\n",
				id == IPFIX_SET_OPTIONS_TEMPLATE ? "options " : "");
	flush_line(dump);
}

static void dump_record(void *context, const struct ipfix_record_seen *record)
{
	struct weir_ipfix_dump *dump = context;

	base_strbuf_printf(&dump->line,
			"  %s %u:", record->known->scope_count ? "options" : "record",
			record->known->id);
	for (unsigned int i = 0; i < record->known->field_count; i++) {
		base_strbuf_putc(&dump->line, ' ');
		print_value(dump, &record->fields[i]);
	}
	base_strbuf_putc(&dump->line, '\n');
	flush_line(dump);
	if (record->known->scope_count > 0)
		weir_ipfix_names_learn(&dump->names, record);
}

static void dump_unknown(void *context, const struct ipfix_head *head, uint16_t id, uint32_t offset)
{
	struct weir_ipfix_dump *dump = context;

	(void)head;
	base_strbuf_printf(&dump->line, "  data of template %u at octet %u, which is not known\n",
			id, offset);
	flush_line(dump);
}

static void dump_problem(void *context, uint16_t rule, uint32_t offset, const char *sentence)
{
	struct weir_ipfix_dump *dump = context;
	unsigned int index = ipfix_rule_find(rule);

	begin_message(dump);
	base_strbuf_printf(&dump->line, "  %s IPX-%u at octet %u: %s\n",
			index < ipfix_rule_count ? ipfix_severity_name(
					(enum ipfix_severity)ipfix_rules[index].severity)
						 : "note",
			rule, offset, sentence);
	flush_line(dump);
}

const struct ipfix_reader_ops weir_ipfix_dump_ops = {
		.head = dump_head,
		.announced = dump_template,
		.withdrawn = dump_withdrawal,
		.record = dump_record,
		.unknown = dump_unknown,
		.problem = dump_problem,
};
