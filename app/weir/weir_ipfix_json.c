/* SPDX-License-Identifier: BSD-3-Clause */
/* weir ipfix check --json: the report for scripts; docs/ipfix-check.md has its members. */
#include "base_clock.h"
#include "weir_ipfix.h"

#include <jansson.h>

#include <arpa/inet.h>
#include <stdlib.h>

static void set_u64(json_t *object, const char *name, uint64_t value)
{
	json_object_set_new(object, name, json_integer((json_int_t)value));
}

static void set_text(json_t *object, const char *name, const char *text)
{
	json_object_set_new(object, name, json_string(text));
}

/* null when it is not known */
static void set_time(json_t *object, const char *name, int64_t ns)
{
	char text[BASE_CLOCK_ISO_BYTES];

	if (ns == 0) {
		json_object_set_new(object, name, json_null());
		return;
	}
	base_clock_format_iso(ns, text);
	set_text(object, name, text);
}

static json_t *template_json(const struct ipfix_known *known)
{
	json_t *object = json_object();

	set_u64(object, "id", known->id);
	set_u64(object, "fields", known->field_count);
	set_u64(object, "scope_fields", known->scope_count);
	set_u64(object, "announced", known->announced);
	set_u64(object, "records", known->records);
	return object;
}

static json_t *templates_json(
		const struct collect_session *session, const struct ipfix_check_domain *domain)
{
	struct weir_ipfix_templates templates;
	json_t *list = json_array();

	weir_ipfix_list_templates(&templates, session, domain->domain);
	for (unsigned int i = 0; i < templates.count; i++)
		json_array_append_new(list, template_json(templates.list[i]));
	free(templates.list);
	return list;
}

static const char *counting_name(enum ipfix_counting counting)
{
	return counting == IPFIX_COUNTING_MESSAGES             ? "messages"
			: counting == IPFIX_COUNTING_TEMPLATES ? "records_and_templates"
							       : "right";
}

static json_t *domain_json(
		const struct collect_session *session, const struct ipfix_check_domain *domain)
{
	json_t *object = json_object();

	set_u64(object, "domain", domain->domain);
	set_u64(object, "version", domain->version);
	set_u64(object, "messages", domain->messages);
	set_u64(object, "octets", domain->octets);
	set_u64(object, "longest", domain->longest);
	set_u64(object, "records", domain->records);
	set_u64(object, "options_records", domain->options_records);
	set_u64(object, "template_records", domain->template_records);
	set_u64(object, "unknown_sets", domain->unknown_sets);
	set_u64(object, "waited_sets", domain->waited_sets);
	set_text(object, "sequence_counts", counting_name(domain->counting));
	set_u64(object, "lost", domain->missing);
	set_u64(object, "gaps", domain->gaps);
	set_u64(object, "late", domain->late);
	set_u64(object, "repeated", domain->again);
	set_u64(object, "restarts", domain->restarts);
	set_time(object, "first_export", (int64_t)domain->first_export_sec * BASE_NS_PER_SEC);
	set_time(object, "last_export", (int64_t)domain->last_export_sec * BASE_NS_PER_SEC);
	json_object_set_new(object, "behind_min_ms",
			domain->timed ? json_integer(domain->behind_min_ns / BASE_NS_PER_MS)
				      : json_null());
	json_object_set_new(object, "behind_max_ms",
			domain->timed ? json_integer(domain->behind_max_ns / BASE_NS_PER_MS)
				      : json_null());
	set_u64(object, "refresh_min_sec", domain->refresh_min_sec);
	set_u64(object, "refresh_max_sec", domain->refresh_max_sec);
	json_object_set_new(object, "templates", templates_json(session, domain));
	return object;
}

static void set_endpoints(json_t *object, const struct collect_endpoints *endpoints)
{
	char text[INET6_ADDRSTRLEN];

	set_text(object, "transport",
			collect_transport_name((enum collect_transport)endpoints->transport));
	if (endpoints->transport == COLLECT_FILE)
		return;
	set_text(object, "source",
			collect_address_print(&endpoints->source, endpoints->ip_version, text));
	set_u64(object, "source_port", endpoints->source_port);
	set_text(object, "destination",
			collect_address_print(
					&endpoints->destination, endpoints->ip_version, text));
	set_u64(object, "destination_port", endpoints->destination_port);
}

static json_t *session_json(const struct collect_session *session)
{
	json_t *object = json_object(), *domains = json_array();

	set_u64(object, "session", session->number);
	set_endpoints(object, &session->endpoints);
	set_time(object, "first", session->first_ns);
	set_time(object, "last", session->last_ns);
	json_object_set_new(object, "joined", json_boolean(session->joined));
	json_object_set_new(object, "encrypted", json_boolean(session->encrypted));
	set_u64(object, "cut", session->cut);
	set_u64(object, "fragmented", session->fragmented);
	set_u64(object, "holes", session->holes);
	set_u64(object, "hole_octets", session->hole_octets);
	set_u64(object, "skipped_octets", session->unsearched + session->stream.skipped);
	set_u64(object, "unreadable", ipfix_check_totals(session->check)->unreadable);
	for (unsigned int i = 0; ipfix_check_domain(session->check, i); i++)
		json_array_append_new(domains,
				domain_json(session, ipfix_check_domain(session->check, i)));
	json_object_set_new(object, "domains", domains);
	return object;
}

static void add_examples(json_t *list, const struct collect_session *session, unsigned int rule)
{
	unsigned int count;
	const struct ipfix_finding *examples = ipfix_check_examples(session->check, rule, &count);

	for (unsigned int i = 0; i < count; i++) {
		const struct ipfix_spot *spot = &examples[i].spot;
		json_t *object = json_object();
		set_u64(object, "session", session->number);
		if (spot->message == IPFIX_SESSION_WHOLE)
			json_object_set_new(object, "message", json_null());
		else
			set_u64(object, "message", spot->message + 1);
		set_u64(object, "octet", spot->offset);
		set_u64(object, "position", spot->position);
		json_object_set_new(object, "packet",
				spot->place ? json_integer((json_int_t)spot->place) : json_null());
		set_text(object, "found", examples[i].sentence);
		json_array_append_new(list, object);
	}
}

static json_t *finding_json(const struct collect *collect, const struct weir_ipfix_broken *broken)
{
	const struct ipfix_rule *rule = &ipfix_rules[broken->rule];
	json_t *object = json_object(), *examples = json_array();
	char name[16];

	snprintf(name, sizeof(name), "IPX-%u", rule->number);
	set_text(object, "rule", name);
	set_text(object, "severity", ipfix_severity_name((enum ipfix_severity)rule->severity));
	set_text(object, "source", rule->source);
	set_text(object, "what", rule->text);
	set_text(object, "collector", rule->harm);
	set_u64(object, "count", broken->count);
	set_u64(object, "sessions", broken->sessions);
	for (unsigned int i = 0; collect_session_at(collect, i); i++)
		add_examples(examples, collect_session_at(collect, i), broken->rule);
	json_object_set_new(object, "examples", examples);
	return object;
}

static json_t *input_json(const struct weir_ipfix *ipfix)
{
	static const char *const kinds[] = {"messages", "capture", "live"};
	json_t *object = json_object();

	set_text(object, "kind", kinds[ipfix->kind]);
	set_text(object, "name", ipfix->options.target);
	if (ipfix->kind == WEIR_IPFIX_CAPTURE) {
		set_u64(object, "packets", ipfix->capture.packets);
		set_u64(object, "ip_fragments", ipfix->capture.fragments);
		set_u64(object, "foreign_datagrams", ipfix->capture.foreign);
		set_u64(object, "sctp_packets", ipfix->capture.sctp);
	} else if (ipfix->kind == WEIR_IPFIX_LIVE) {
		set_text(object, "listening", ipfix->listening);
		set_u64(object, "kernel_dropped", ipfix->kernel_dropped);
	}
	set_u64(object, "not_followed", collect_refused(ipfix->collect));
	return object;
}

static json_t *verdict_json(const struct weir_ipfix *ipfix)
{
	struct ipfix_check_totals totals;
	json_t *object = json_object();

	collect_sum(ipfix->collect, &totals);
	set_u64(object, "errors", collect_broken(ipfix->collect, IPFIX_SEVERITY_ERROR));
	set_u64(object, "warnings", collect_broken(ipfix->collect, IPFIX_SEVERITY_WARNING));
	set_u64(object, "notes", collect_broken(ipfix->collect, IPFIX_SEVERITY_NOTE));
	set_u64(object, "messages", totals.messages);
	set_u64(object, "records", totals.records);
	set_u64(object, "lost", totals.missing);
	return object;
}

void weir_ipfix_print_json(const struct weir_ipfix *ipfix, FILE *out)
{
	struct weir_ipfix_broken *broken = calloc(ipfix_rule_count, sizeof(*broken));
	unsigned int count = broken ? weir_ipfix_list_broken(ipfix->collect, broken) : 0;
	json_t *whole = json_object(), *sessions = json_array(), *findings = json_array();

	for (unsigned int i = 0; collect_session_at(ipfix->collect, i); i++) {
		if (collect_session_used(collect_session_at(ipfix->collect, i)))
			json_array_append_new(sessions,
					session_json(collect_session_at(ipfix->collect, i)));
	}
	for (unsigned int i = 0; i < count; i++)
		json_array_append_new(findings, finding_json(ipfix->collect, &broken[i]));
	set_text(whole, "weir", WEIR_VERSION);
	json_object_set_new(whole, "input", input_json(ipfix));
	json_object_set_new(whole, "sessions", sessions);
	json_object_set_new(whole, "findings", findings);
	json_object_set_new(whole, "verdict", verdict_json(ipfix));
	json_dumpf(whole, out, JSON_INDENT(2));
	fputc('\n', out);
	json_decref(whole);
	free(broken);
}
