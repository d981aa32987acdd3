/* SPDX-License-Identifier: BSD-3-Clause */
/* stats and audit: every counter by name, and whether they add up. */
#include "api_answer.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/* Readings until one closes: far more than traffic needs, some microseconds each. */
#define READINGS_MAX 8

struct listing {
	json_t *list;
	bool help;
};

static void append_rows(const struct listing *listing, const char *scope,
		const struct stats_row *rows, const uint64_t *values, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		json_t *counter = json_pack("{s:o, s:s, s:s, s:s, s:o}", "scope", proto_text(scope),
				"name", rows[i].name, "unit", rows[i].unit, "kind",
				rows[i].kind == STATS_COUNTER ? "counter" : "gauge", "value",
				proto_u64(values[i]));
		if (listing->help)
			json_object_set_new(counter, "help", json_string(rows[i].help));
		json_array_append_new(listing->list, counter);
	}
}

static void append_workers(
		const struct listing *listing, const struct control_view *view, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		char scope[32];
		snprintf(scope, sizeof(scope), "worker %u", i);
		append_rows(listing, scope, stats_worker_rows, view->workers[i],
				STATS_WORKER_COUNT);
	}
}

json_t *api_answer_stats(const struct api_call *call)
{
	struct api_context *context = call->context;
	const struct control_setup *setup = control_get_setup(context->control);
	const struct control_view *view = &context->view;
	const struct listing listing = {json_array(), api_param_boolean(call, "help")};
	char scope[STATS_NAME_BYTES + 8];

	control_snapshot(context->control, &context->view);
	for (size_t i = 0; i < view->snapshot.port_count; i++) {
		snprintf(scope, sizeof(scope), "port %s", view->ports[i].name);
		append_rows(&listing, scope, stats_port_rows, view->ports[i].values,
				STATS_PORT_COUNT);
	}
	if (api_param_boolean(call, "per_worker"))
		append_workers(&listing, view, setup->worker_count);
	append_rows(&listing, "workers", stats_worker_rows, view->snapshot.worker,
			STATS_WORKER_COUNT);
	append_rows(&listing, "control", stats_control_rows, view->snapshot.control,
			STATS_CONTROL_COUNT);
	for (size_t i = 0; i < view->snapshot.output_count; i++) {
		snprintf(scope, sizeof(scope), "output %s", view->outputs[i].name);
		append_rows(&listing, scope, stats_output_rows, view->outputs[i].values,
				STATS_OUTPUT_COUNT);
	}
	return json_pack("{s:I, s:o}", "taken_ns", (json_int_t)view->taken_ns, "counters",
			listing.list);
}

static uint64_t distance(const struct stats_identity *identity)
{
	return identity->residual < 0 ? 0 - (uint64_t)identity->residual
				      : (uint64_t)identity->residual;
}

static bool is_better(const struct stats_identity *a, const struct stats_identity *b)
{
	if (a->judged != b->judged)
		return a->judged;
	return distance(a) < distance(b);
}

/* True while another reading may tell more: a residual, or a ring that was not empty. */
static bool is_open(const struct stats_identity *identity)
{
	return !identity->judged || identity->residual != 0;
}

static size_t count_open(const struct api_ledger *ledger)
{
	size_t open = 0;

	for (size_t i = 0; i < ledger->count; i++)
		open += is_open(&ledger->identities[i]);
	return open;
}

static void take_better(struct api_ledger *ledger, const struct stats_identity *again, size_t count)
{
	/* The setup is fixed, so are number and order of the identities. */
	for (size_t i = 0; i < ledger->count && i < count; i++) {
		if (is_better(&again[i], &ledger->identities[i]))
			ledger->identities[i] = again[i];
	}
}

struct api_ledger *api_ledger_read(struct api_context *context, bool scan)
{
	struct api_ledger *ledger = calloc(1, sizeof(*ledger));
	struct stats_identity *again = calloc(STATS_MAX_IDENTITIES, sizeof(*again));

	if (!ledger || !again) {
		free(ledger);
		free(again);
		return NULL;
	}
	if (scan) {
		int64_t began_ns = base_clock_mono_ns();
		control_snapshot_scanned(context->control, &context->view);
		context->pace.spent_ns += base_clock_mono_ns() - began_ns;
	} else {
		control_snapshot(context->control, &context->view);
	}
	ledger->count = stats_audit(
			&context->view.snapshot, ledger->identities, STATS_MAX_IDENTITIES);
	ledger->readings = 1;
	/* A scan that was exact saw no packet come in, so it is judged as it is. */
	bool exact = context->view.snapshot.scanned;
	while (!exact && count_open(ledger) > 0 && ledger->readings < READINGS_MAX) {
		control_snapshot(context->control, &context->view);
		size_t count = stats_audit(&context->view.snapshot, again, STATS_MAX_IDENTITIES);
		take_better(ledger, again, count);
		ledger->readings++;
	}
	free(again);
	ledger->holds = stats_audit_holds(ledger->identities, ledger->count);
	for (size_t i = 0; i < ledger->count; i++)
		ledger->unknown += !ledger->identities[i].judged;
	return ledger;
}

static json_t *term_json(const struct stats_term *term)
{
	const char sign[2] = {term->sign, '\0'};

	return json_pack("{s:o, s:s, s:o}", "name", proto_text(term->name), "sign", sign, "value",
			term->unknown ? json_null() : proto_u64(term->value));
}

static json_t *identity_json(const struct stats_identity *identity)
{
	json_t *terms = json_array();

	for (size_t i = 0; i < identity->term_count; i++)
		json_array_append_new(terms, term_json(&identity->terms[i]));
	return json_pack("{s:o, s:s, s:o, s:o, s:b, s:o}", "subject", proto_text(identity->subject),
			"unit", identity->unit, "terms", terms, "residual",
			identity->judged ? json_integer(identity->residual) : json_null(), "judged",
			identity->judged, "note",
			identity->note ? proto_text(identity->note) : json_null());
}

json_t *api_answer_audit(const struct api_call *call)
{
	struct api_ledger *ledger = api_ledger_read(call->context, api_param_boolean(call, "scan"));
	json_t *list = json_array();

	for (size_t i = 0; ledger && i < ledger->count; i++)
		json_array_append_new(list, identity_json(&ledger->identities[i]));
	json_t *result = !ledger ? NULL
				 : json_pack("{s:b, s:I, s:I, s:O}", "holds", ledger->holds,
						 "unknown", (json_int_t)ledger->unknown, "readings",
						 (json_int_t)ledger->readings, "identities", list);
	json_decref(list);
	free(ledger);
	return result;
}
