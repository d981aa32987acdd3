/* SPDX-License-Identifier: BSD-3-Clause */
/* weir ipfix check: the report for people, 80 columns wide. */
#include "base_clock.h"
#include "base_units.h"
#include "weir_ipfix.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS 80
#define TEMPLATES_SHOWN 12

/* Numbers of one line; each call of exact() or bytes() takes the next. */
static char numbers[16][BASE_UNITS_BYTES];
static unsigned int number_count;

static const char *exact(uint64_t value)
{
	return base_units_exact(value, numbers[number_count++ % BASE_COUNT_OF(numbers)]);
}

static const char *plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

/* Breaks a text at spaces; all lines but the first begin at column `indent`. */
static void print_wrapped(FILE *out, unsigned int indent, unsigned int column, const char *text)
{
	while (*text) {
		size_t length = strcspn(text, " ");
		if (column > indent && column + 1 + length > COLUMNS) {
			fprintf(out, "\n%*s", (int)indent, "");
			column = indent;
		} else if (column > indent) {
			fputc(' ', out);
			column++;
		}
		fwrite(text, 1, length, out);
		column += (unsigned int)length;
		text += length + strspn(text + length, " ");
	}
	fputc('\n', out);
}

static void print_line(FILE *out, const char *label, const char *format, ...)
		__attribute__((format(printf, 3, 4)));

/* A label in a column of its own, and what belongs to it. */
static void print_line(FILE *out, const char *label, const char *format, ...)
{
	struct base_strbuf text = BASE_STRBUF_EMPTY;
	va_list args;

	va_start(args, format);
	base_strbuf_vprintf(&text, format, args);
	va_end(args);
	fprintf(out, "    %-11s", label);
	print_wrapped(out, 15, 15, text.text ? text.text : "");
	base_strbuf_fini(&text);
}

static void print_input(const struct weir_ipfix *ipfix, FILE *out)
{
	struct ipfix_check_totals totals;
	unsigned int sessions = collect_used(ipfix->collect);
	char text[BASE_UNITS_BYTES];

	collect_sum(ipfix->collect, &totals);
	if (ipfix->kind == WEIR_IPFIX_LIVE)
		fprintf(out, "%s, for %s:\n  ", ipfix->listening,
				base_units_duration(ipfix->took_ns, text));
	else
		fprintf(out, "%s: ",
				strcmp(ipfix->options.target, "-") == 0 ? "standard input"
									: ipfix->options.target);
	if (ipfix->kind == WEIR_IPFIX_CAPTURE)
		fprintf(out, "%s packets, ", exact(ipfix->capture.packets));
	fprintf(out, "%s message%s in %u session%s, %s\n", exact(totals.messages),
			plural(totals.messages), sessions, plural(sessions),
			base_units_bytes_si(totals.octets, text));
}

static void print_records(const struct ipfix_check_domain *domain, FILE *out)
{
	char text[BASE_UNITS_BYTES];

	print_line(out, "messages", "%s, %s; the longest has %s octets", exact(domain->messages),
			base_units_bytes_si(domain->octets, text), exact(domain->longest));
	if (domain->options_records > 0)
		print_line(out, "records", "%s, %s of them options", exact(domain->records),
				exact(domain->options_records));
	else
		print_line(out, "records", "%s", exact(domain->records));
}

/* Those that were used; the others are counted. */
static void print_template_rows(const struct weir_ipfix_templates *templates, FILE *out)
{
	unsigned int shown = 0, unused = 0, more = 0;

	for (unsigned int i = 0; i < templates->count; i++) {
		const struct ipfix_known *known = templates->list[i];
		if (known->records == 0) {
			unused++;
		} else if (shown == TEMPLATES_SHOWN) {
			more++;
		} else {
			fprintf(out, "%15s%5u  %4u fields %12s record%s%s\n", "", known->id,
					known->field_count, exact(known->records),
					known->records == 1 ? " " : "s",
					known->scope_count ? "  options" : "");
			shown++;
		}
	}
	if (more > 0)
		fprintf(out, "%15sand %u more; --json has them all\n", "", more);
	if (unused > 0)
		fprintf(out, "%15s%u without a record\n", "", unused);
}

static void print_templates(const struct collect_session *session,
		const struct ipfix_check_domain *domain, FILE *out)
{
	struct base_strbuf again = BASE_STRBUF_EMPTY;
	struct weir_ipfix_templates templates;

	if (domain->version == IPFIX_VERSION_NETFLOW5)
		return;
	weir_ipfix_list_templates(&templates, session, domain->domain);
	if (domain->refresh_max_sec > 0) {
		base_strbuf_puts(&again, ", again after ");
		if (domain->refresh_min_sec < domain->refresh_max_sec)
			base_strbuf_printf(&again, "%s to ", exact(domain->refresh_min_sec));
		base_strbuf_printf(&again, "%s s", exact(domain->refresh_max_sec));
	}
	print_line(out, "templates", "%u, announced %s time%s%s", templates.count,
			exact(domain->template_records), plural(domain->template_records),
			again.text ? again.text : "");
	print_template_rows(&templates, out);
	base_strbuf_fini(&again);
	free(templates.list);
}

static const char *unit_of(const struct ipfix_check_domain *domain)
{
	return domain->version == IPFIX_VERSION_NETFLOW9 ? "message" : "record";
}

static void print_sequence(const struct ipfix_check_domain *domain, FILE *out)
{
	if (domain->counting != IPFIX_COUNTING_RIGHT)
		print_line(out, "lost", "unknown: the sequence numbers count %s",
				domain->counting == IPFIX_COUNTING_MESSAGES ? "messages"
									    : "templates, too");
	else if (domain->missing > 0)
		print_line(out, "lost", "%s %s%s in %s gap%s of the sequence numbers",
				exact(domain->missing), unit_of(domain), plural(domain->missing),
				exact(domain->gaps), plural(domain->gaps));
	else if (domain->records == 0 && domain->unknown_sets > 0)
		print_line(out, "lost", "unknown: records without a template cannot be counted");
	else
		print_line(out, "lost", "nothing, by the sequence numbers");
	if (domain->late + domain->again > 0)
		print_line(out, "the path", "%s message%s came late, %s more than once",
				exact(domain->late), plural(domain->late), exact(domain->again));
	if (domain->waited_sets > 0)
		print_line(out, "unknown",
				"%s set%s of data without a template; for %s of them it came later",
				exact(domain->unknown_sets), plural(domain->unknown_sets),
				exact(domain->waited_sets));
	else if (domain->unknown_sets > 0)
		print_line(out, "unknown", "%s set%s of data without a template",
				exact(domain->unknown_sets), plural(domain->unknown_sets));
}

/* How far export times lie before arrival, or after it. */
static void describe_lag(int64_t ns, struct base_strbuf *out)
{
	char text[BASE_UNITS_BYTES];

	base_strbuf_printf(out, "%s %s arrival", base_units_duration(ns < 0 ? -ns : ns, text),
			ns < 0 ? "after" : "before");
}

static void print_clock(const struct ipfix_check_domain *domain, FILE *out)
{
	struct base_strbuf text = BASE_STRBUF_EMPTY;

	if (!domain->timed)
		return;
	describe_lag(domain->behind_min_ns, &text);
	if (domain->behind_max_ns > domain->behind_min_ns) {
		base_strbuf_puts(&text, " to ");
		describe_lag(domain->behind_max_ns, &text);
	}
	print_line(out, "clock", "export times are %s", text.text ? text.text : "unknown");
	base_strbuf_fini(&text);
}

/* What the session lacks for other reasons than the exporter's. */
static void print_lacks(const struct collect_session *session, FILE *out)
{
	if (session->encrypted)
		print_line(out, "encrypted",
				"TLS or DTLS: its messages cannot be read; check the exporter "
				"without, or in front of it");
	if (session->cut > 0)
		print_line(out, "cut",
				"the capture holds %s packet%s in part: tcpdump -s 0 takes "
				"them whole",
				exact(session->cut), plural(session->cut));
	if (session->fragmented > 0)
		print_line(out, "fragments",
				"%s datagram%s came in IP fragments, which are not read",
				exact(session->fragmented), plural(session->fragmented));
	if (session->holes > 0)
		print_line(out, "holes",
				"the capture lacks %s octets of the connection, in %s place%s",
				exact(session->hole_octets), exact(session->holes),
				plural(session->holes));
	if (session->unsearched > 0)
		print_line(out, "skipped", "%s octets, until a message began with a segment",
				exact(session->unsearched));
	if (session->stream.skipped > 0)
		print_line(out, "skipped", "%s octets behind the place where no message began",
				exact(session->stream.skipped));
}

static void print_session(
		const struct weir_ipfix *ipfix, const struct collect_session *session, FILE *out)
{
	struct base_strbuf text = BASE_STRBUF_EMPTY;
	char took[BASE_UNITS_BYTES];

	if (ipfix->kind != WEIR_IPFIX_MESSAGES) {
		collect_endpoints_print(&session->endpoints, &text);
		fprintf(out, "\nsession %u  %s  %s%s\n", session->number,
				text.text ? text.text : "",
				base_units_duration(session->last_ns - session->first_ns, took),
				session->joined ? "  joined in the middle" : "");
		base_strbuf_fini(&text);
	}
	for (unsigned int i = 0; ipfix_check_domain(session->check, i); i++) {
		const struct ipfix_check_domain *domain = ipfix_check_domain(session->check, i);
		fprintf(out, "  %s, domain %u\n", weir_ipfix_version_name(domain->version),
				domain->domain);
		print_records(domain, out);
		print_templates(session, domain, out);
		print_sequence(domain, out);
		print_clock(domain, out);
	}
	print_lacks(session, out);
}

static void print_place(const struct weir_ipfix *ipfix, const struct weir_ipfix_broken *broken,
		struct base_strbuf *out)
{
	const struct ipfix_spot *spot = &broken->first->spot;
	bool one_of_many = ipfix->kind != WEIR_IPFIX_MESSAGES;

	if (spot->message == IPFIX_SESSION_WHOLE) {
		if (one_of_many)
			base_strbuf_printf(out, "first in session %u as a whole",
					broken->session->number);
		else
			base_strbuf_puts(out, "in the file as a whole");
		return;
	}
	base_strbuf_puts(out, "first in ");
	if (one_of_many)
		base_strbuf_printf(out, "session %u, ", broken->session->number);
	base_strbuf_printf(out, "message %s", exact(spot->message + 1));
	if (spot->place > 0)
		base_strbuf_printf(out, " (packet %s)", exact(spot->place));
	else if (!one_of_many)
		base_strbuf_printf(out, " (at octet %s)", exact(spot->position));
	base_strbuf_printf(out, ", octet %s", exact(spot->offset));
}

static void print_finding(
		const struct weir_ipfix *ipfix, const struct weir_ipfix_broken *broken, FILE *out)
{
	const struct ipfix_rule *rule = &ipfix_rules[broken->rule];
	struct base_strbuf head = BASE_STRBUF_EMPTY;

	base_strbuf_printf(&head, "%s IPX-%u: %s time%s, ",
			ipfix_severity_name((enum ipfix_severity)rule->severity), rule->number,
			exact(broken->count), plural(broken->count));
	print_place(ipfix, broken, &head);
	fputc('\n', out);
	print_wrapped(out, 2, 0, head.text ? head.text : "");
	print_line(out, "found", "%s", broken->first->sentence);
	if (rule->severity != IPFIX_SEVERITY_NOTE)
		print_line(out, "rule", "%s (%s)", rule->text, rule->source);
	print_line(out, "collector", "%s", rule->harm);
	base_strbuf_fini(&head);
}

static void print_verdict(const struct weir_ipfix *ipfix, FILE *out)
{
	unsigned int notes = collect_broken(ipfix->collect, IPFIX_SEVERITY_NOTE);
	struct base_strbuf text = BASE_STRBUF_EMPTY;
	struct ipfix_check_totals totals;

	collect_sum(ipfix->collect, &totals);
	weir_ipfix_describe_verdict(ipfix->collect, &text);
	fprintf(out, "\n%s in %s message%s", text.text ? text.text : "", exact(totals.messages),
			plural(totals.messages));
	if (notes > 0)
		fprintf(out, " (%u note%s)", notes, plural(notes));
	fputc('\n', out);
	base_strbuf_fini(&text);
}

/* What the report as a whole lacks. */
static void print_limits(const struct weir_ipfix *ipfix, FILE *out)
{
	const struct collect_capture *capture = &ipfix->capture;

	if (ipfix->kernel_dropped > 0)
		fprintf(out,
				"\n%s datagrams were dropped by this host's kernel: that loss is "
				"not the "
				"exporter's\n",
				exact(ipfix->kernel_dropped));
	if (collect_refused(ipfix->collect) > 0)
		fprintf(out,
				"\n%s messages or connections of more than %d sessions were not "
				"followed;\n  cure: fewer exporters at a time\n",
				exact(collect_refused(ipfix->collect)), COLLECT_SESSIONS_MAX);
	if (ipfix->kind != WEIR_IPFIX_CAPTURE)
		return;
	if (capture->foreign > 0)
		fprintf(out,
				"\n%s datagrams to the same ports are no messages of IPFIX or "
				"NetFlow\n",
				exact(capture->foreign));
	if (capture->sctp > 0)
		fprintf(out, "\n%s packets of SCTP to the same ports were not read\n",
				exact(capture->sctp));
	if (capture->fragments > 0)
		fprintf(out, "\n%s IP fragments of any kind were not put together\n",
				exact(capture->fragments));
}

void weir_ipfix_print_text(const struct weir_ipfix *ipfix, FILE *out)
{
	struct weir_ipfix_broken *broken = calloc(ipfix_rule_count, sizeof(*broken));
	unsigned int count = broken ? weir_ipfix_list_broken(ipfix->collect, broken) : 0;

	if (ipfix->options.dump)
		fputc('\n', out);
	print_input(ipfix, out);
	for (unsigned int i = 0; collect_session_at(ipfix->collect, i); i++) {
		const struct collect_session *session = collect_session_at(ipfix->collect, i);
		if (collect_session_used(session))
			print_session(ipfix, session, out);
	}
	print_limits(ipfix, out);
	for (unsigned int i = 0; i < count; i++)
		print_finding(ipfix, &broken[i], out);
	print_verdict(ipfix, out);
	free(broken);
}
