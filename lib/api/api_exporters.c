/* SPDX-License-Identifier: BSD-3-Clause */
/* exporters: every output, where it goes and how it is doing. export_check: what it sent, judged.
 */
#include "api_answer.h"
#include "base_clock.h"
#include "config_schema.h"
#include "export_transport.h"
#include "ipfix_check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct api_param api_export_check_params[] = {
		{.name = "name", .type = API_PARAM_STRING}, {.type = API_PARAM_END}};

static const char *word_of(const char *path, int value)
{
	const struct config_choice *choice = config_key_get(path)->choices;

	while (choice->name && (int)choice->value != value)
		choice++;
	return choice->name ? choice->name : "unknown";
}

static const char *transport_of(const struct config_output *config)
{
	if (!config->collector[0])
		return "file";
	return word_of("outputs[].transport", (int)config->transport);
}

static json_t *losses(const uint64_t *values)
{
	json_t *lost = json_array();

	for (int row = 0; row < STATS_OUTPUT_COUNT; row++) {
		const char *reason = stats_output_loss((enum stats_output_index)row);
		if (reason)
			json_array_append_new(lost,
					json_pack("{s:s, s:s, s:o}", "reason", reason, "why",
							stats_output_loss_words(
									(enum stats_output_index)
											row),
							"records", proto_u64(values[row])));
	}
	return lost;
}

static json_t *text_or_null(const char *text)
{
	return text[0] ? proto_text(text) : json_null();
}

/* The clock of a replay is the packets', but outputs have the system's. */
static json_t *error_facts(const struct control_output_error *error)
{
	int64_t ago_ns = base_clock_wall_ns() - error->at_ns;

	return json_pack("{s:o, s:o, s:o}", "error",
			error->now ? proto_text(error->text) : json_null(), "last_error",
			text_or_null(error->text), "last_error_ago_ns",
			error->text[0] ? json_integer(ago_ns > 0 ? ago_ns : 0) : json_null());
}

static json_t *facts(const char *name, const struct config_output *config, const uint64_t *values,
		const struct control_output_error *error)
{
	const char *state = error->now ? "failing" : "writing";
	const char *group = config->spread[0] ? config->spread : config->failover;

	if (config->collector[0])
		state = export_link_name((enum export_link)values[STATS_output_link]);
	return json_pack("{s:o, s:s, s:s, s:o, s:s, s:o, s:o, s:o}", "name", proto_text(name),
			"format", word_of("outputs[].format", (int)config->format), "transport",
			transport_of(config), "to",
			proto_text(config->collector[0] ? config->collector : config->path),
			"state", state, "filter", text_or_null(config->filter), "group",
			text_or_null(group), "policy",
			!group[0] ? json_null()
				  : json_string(config->spread[0] ? "spread" : "failover"));
}

static json_t *counts(const struct config_output *config, const uint64_t *values)
{
	bool text = config_format_is_text(config->format);

#define MESSAGES(row) text ? json_null() : proto_u64(values[STATS_output_##row])
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "offered",
			proto_u64(values[STATS_output_offered]), "filtered",
			proto_u64(values[STATS_output_filtered]), "elsewhere",
			proto_u64(values[STATS_output_elsewhere]), "sent",
			proto_u64(values[STATS_output_sent]), "sent_octets",
			proto_u64(values[STATS_output_sent_octets]), "queued",
			proto_u64(values[STATS_output_queued]), "lost",
			proto_u64(stats_output_lost(values)), "losses", losses(values), "messages",
			MESSAGES(messages), "template_messages", MESSAGES(template_messages),
			"sessions", MESSAGES(sessions), "sequence", MESSAGES(sequence));
#undef MESSAGES
}

json_t *api_answer_exporters(const struct api_call *call)
{
	struct api_context *context = call->context;
	const struct config *config = control_get_setup(context->control)->config;
	struct control_output_error errors[CONFIG_MAX_OUTPUTS] = {0};
	json_t *list = json_array();

	control_get_output_errors(context->control, errors);
	control_snapshot(context->control, &context->view);
	const struct stats_snapshot *snapshot = &context->view.snapshot;
	for (size_t i = 0; i < snapshot->output_count && i < config->output_count; i++) {
		const struct stats_output_view *output = &context->view.outputs[i];
		const struct config_output *of = &config->outputs[i];
		json_t *exporter = facts(output->name, of, output->values, &errors[i]);
		json_object_update_new(exporter, counts(of, output->values));
		json_object_update_new(exporter, error_facts(&errors[i]));
		json_array_append_new(list, exporter);
	}
	return json_pack("{s:o}", "exporters", list);
}

static enum ipfix_carrier carrier_of(const struct config_output *config)
{
	if (!config->collector[0])
		return IPFIX_CARRIER_FILE;
	return config->transport == CONFIG_TRANSPORT_UDP ? IPFIX_CARRIER_DATAGRAMS
							 : IPFIX_CARRIER_STREAM;
}

static uint32_t read_u32(const uint8_t *octets)
{
	return (uint32_t)octets[0] << 24 | (uint32_t)octets[1] << 16 | (uint32_t)octets[2] << 8
			| octets[3];
}

static void write_u32(uint8_t *octets, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		octets[i] = (uint8_t)(value >> (24 - 8 * i));
}

/*
 * Templates went out long before the messages that follow here: they take the time of those, and
 * the numbers right before theirs.
 */
static void check_earlier(struct ipfix_check *check, const struct export_recent_message *message,
		const struct export_recent_message *next, uint32_t before_next)
{
	uint8_t octets[EXPORT_RECENT_TEMPLATE_BYTES];
	bool v9 = message->octets[1] == 9;
	size_t at = v9 ? 12 : 8;

	if (message->length > sizeof(octets) || message->length < at + 4)
		return;
	memcpy(octets, message->octets, message->length);
	memcpy(octets + 4, next->octets + 4, at - 4);
	write_u32(octets + at, read_u32(next->octets + at) - (v9 ? before_next : 0));
	ipfix_check_message(check, octets, message->length, next->sent_ns);
}

static void check_messages(struct ipfix_check *check, const struct export_recent_message *list,
		unsigned int count)
{
	unsigned int earlier = 0;

	while (earlier < count && list[earlier].earlier)
		earlier++;
	for (unsigned int i = 0; i < earlier && earlier < count; i++)
		check_earlier(check, &list[i], &list[earlier], earlier - i);
	for (unsigned int i = earlier; i < count; i++)
		ipfix_check_message(check, list[i].octets, list[i].length, list[i].sent_ns);
}

static json_t *findings(const struct ipfix_check *check)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < ipfix_rule_count; i++) {
		const struct ipfix_rule *rule = &ipfix_rules[i];
		unsigned int count;
		const struct ipfix_finding *first = ipfix_check_examples(check, i, &count);
		char name[16];
		if (count == 0)
			continue;
		snprintf(name, sizeof(name), "IPX-%03u", rule->number);
		json_array_append_new(list,
				json_pack("{s:s, s:s, s:s, s:s, s:o, s:s, s:I, s:I}", "rule", name,
						"severity",
						ipfix_severity_name((
								enum ipfix_severity)rule->severity),
						"source", rule->source, "text", rule->text, "count",
						proto_u64(ipfix_check_count(check, i)), "first",
						first->sentence, "message",
						(json_int_t)first->spot.message, "offset",
						(json_int_t)first->spot.offset));
	}
	return list;
}

static json_t *verdict(const char *name, const struct config_output *config,
		const struct export_recent_message *list, unsigned int count)
{
	struct ipfix_check *check = ipfix_check_create(carrier_of(config), config->enterprise);

	if (!check)
		return NULL;
	check_messages(check, list, count);
	const struct ipfix_check_totals *totals = ipfix_check_totals(check);
	json_t *answer = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:o}", "name",
			proto_text(name), "messages", proto_u64(totals->messages), "octets",
			proto_u64(totals->octets), "records", proto_u64(totals->records),
			"options_records", proto_u64(totals->options_records), "template_records",
			proto_u64(totals->template_records), "errors",
			(json_int_t)ipfix_check_broken(check, IPFIX_SEVERITY_ERROR), "warnings",
			(json_int_t)ipfix_check_broken(check, IPFIX_SEVERITY_WARNING), "findings",
			findings(check));
	ipfix_check_destroy(check);
	return answer;
}

static json_t *check_output(struct api_context *context, uint32_t i)
{
	const struct config *config = control_get_setup(context->control)->config;
	struct export_recent_message *list = NULL;
	int count = control_get_recent(context->control, i, &list);

	json_t *answer = count < 0 ? NULL
				   : verdict(context->view.outputs[i].name, &config->outputs[i],
						   list, (unsigned int)count);
	free(list);
	return answer;
}

static bool is_wanted(
		const struct api_call *call, const struct config_output *config, const char *name)
{
	const char *wanted = api_param_string(call, "name");

	if (config_format_is_text(config->format))
		return false;
	return !wanted || strcmp(wanted, name) == 0;
}

json_t *api_answer_export_check(const struct api_call *call)
{
	struct api_context *context = call->context;
	const struct config *config = control_get_setup(context->control)->config;
	const char *wanted = api_param_string(call, "name");
	json_t *list = json_array();

	control_snapshot(context->control, &context->view);
	for (uint32_t i = 0; i < context->view.snapshot.output_count && i < config->output_count;
			i++) {
		if (is_wanted(call, &config->outputs[i], context->view.outputs[i].name))
			json_array_append_new(list, check_output(context, i));
	}
	if (wanted && json_array_size(list) == 0) {
		json_decref(list);
		proto_error_set(call->error, PROTO_ERROR_PARAMS,
				"\"exporters\" lists them; JSON Lines and CSV are no messages",
				"no output that sends messages is called \"%.60s\"", wanted);
		return NULL;
	}
	return json_pack("{s:o}", "exporters", list);
}
