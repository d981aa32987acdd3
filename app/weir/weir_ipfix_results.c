/* SPDX-License-Identifier: BSD-3-Clause */
/* What text and JSON both show, put in order. */
#include "weir_ipfix.h"

#include <stdlib.h>

const char *weir_ipfix_version_name(uint16_t version)
{
	return version == IPFIX_VERSION                     ? "IPFIX"
			: version == IPFIX_VERSION_NETFLOW9 ? "NetFlow 9"
			: version == IPFIX_VERSION_NETFLOW5 ? "NetFlow 5"
							    : "unknown";
}

struct listing {
	struct weir_ipfix_templates *templates;
	uint32_t domain;
	unsigned int room;
};

static void add_template(void *context, const struct ipfix_known *known)
{
	struct listing *listing = context;
	struct weir_ipfix_templates *templates = listing->templates;

	if (known->domain != listing->domain)
		return;
	if (templates->count == listing->room) {
		unsigned int room = listing->room ? 2 * listing->room : 16;
		const struct ipfix_known **list = reallocarray(
				templates->list, room, sizeof(const struct ipfix_known *));
		if (!list)
			return;
		templates->list = list;
		listing->room = room;
	}
	templates->list[templates->count++] = known;
}

static int compare_templates(const void *a, const void *b)
{
	const struct ipfix_known *const *x = a, *const *y = b;

	return (int)(*x)->id - (int)(*y)->id;
}

void weir_ipfix_list_templates(struct weir_ipfix_templates *templates,
		const struct collect_session *session, uint32_t domain)
{
	struct listing listing = {.templates = templates, .domain = domain};

	*templates = (struct weir_ipfix_templates){0};
	ipfix_check_templates(session->check, add_template, &listing);
	if (templates->count > 1)
		qsort(templates->list, templates->count, sizeof(*templates->list),
				compare_templates);
}

static bool fill_broken(
		const struct collect *collect, unsigned int rule, struct weir_ipfix_broken *broken)
{
	*broken = (struct weir_ipfix_broken){.rule = rule};
	for (unsigned int i = 0; collect_session_at(collect, i); i++) {
		const struct collect_session *session = collect_session_at(collect, i);
		uint64_t count = ipfix_check_count(session->check, rule);
		unsigned int examples;
		if (count == 0)
			continue;
		if (broken->count == 0) {
			broken->session = session;
			broken->first = ipfix_check_examples(session->check, rule, &examples);
		}
		broken->count += count;
		broken->sessions++;
	}
	return broken->count > 0;
}

unsigned int weir_ipfix_list_broken(const struct collect *collect, struct weir_ipfix_broken *broken)
{
	unsigned int count = 0;

	for (unsigned int severity = 0; severity < IPFIX_SEVERITY_COUNT; severity++) {
		for (unsigned int rule = 0; rule < ipfix_rule_count; rule++) {
			if (ipfix_rules[rule].severity == severity
					&& fill_broken(collect, rule, &broken[count]))
				count++;
		}
	}
	return count;
}

void weir_ipfix_describe_verdict(const struct collect *collect, struct base_strbuf *out)
{
	unsigned int errors = collect_broken(collect, IPFIX_SEVERITY_ERROR);
	unsigned int warnings = collect_broken(collect, IPFIX_SEVERITY_WARNING);

	if (errors > 0)
		base_strbuf_printf(out, "%u error%s", errors, errors == 1 ? "" : "s");
	if (warnings > 0)
		base_strbuf_printf(out, "%s%u warning%s", errors > 0 ? ", " : "", warnings,
				warnings == 1 ? "" : "s");
	if (errors + warnings == 0)
		base_strbuf_puts(out, "no rule broken");
}
