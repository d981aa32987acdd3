/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One function an identity, in the order of the path. An identity is built term by term: the first
 * is the left side, the rest must add up to it; close_identity() takes the difference.
 */
#include "stats_audit.h"

#include "base_cacheline.h"

#include <stdio.h>

static_assert(2 + (STATS_WORKER_COUNT - STATS_DROP_FIRST) / STATS_DROP_ROWS <= STATS_MAX_TERMS,
		"all reasons fit in one identity");

struct list {
	struct stats_identity *identities;
	size_t count, max;
};

static struct stats_identity *open_identity(
		struct list *list, const char *kind, const char *name, const char *unit)
{
	if (list->count == list->max)
		return NULL;
	struct stats_identity *identity = &list->identities[list->count++];
	*identity = (struct stats_identity){.unit = unit, .judged = true};
	/* A name that does not fit beside its kind is cut: it only labels the line. */
	snprintf(identity->subject, sizeof(identity->subject), "%s%s%.*s", kind, *name ? " " : "",
			STATS_NAME_BYTES - 8, name);
	return identity;
}

static void add_term(struct stats_identity *identity, const char *name, uint64_t value)
{
	if (!identity || identity->term_count == STATS_MAX_TERMS)
		return;
	struct stats_term *term = &identity->terms[identity->term_count];
	*term = (struct stats_term){.value = value, .sign = identity->term_count == 0 ? '=' : '+'};
	snprintf(term->name, sizeof(term->name), "%s", name);
	identity->term_count++;
}

/* Makes the last term unknown; `why` is a literal. */
static void mark_unknown(struct stats_identity *identity, const char *why)
{
	if (!identity || identity->term_count == 0)
		return;
	identity->terms[identity->term_count - 1].unknown = true;
	identity->terms[identity->term_count - 1].value = 0;
	identity->judged = false;
	identity->note = why;
}

static void close_identity(struct stats_identity *identity)
{
	if (!identity || !identity->judged)
		return;
	uint64_t residual = identity->terms[0].value;
	for (size_t i = 1; i < identity->term_count; i++)
		residual -= identity->terms[i].value;
	identity->residual = (int64_t)residual;
}

static void audit_port(struct list *list, const struct stats_port_view *port)
{
	uint64_t received = port->values[STATS_port_received_packets];
	uint64_t missed = port->values[STATS_port_missed_packets];
	uint64_t errors = port->values[STATS_port_error_packets];

	struct stats_identity *identity = open_identity(list, "port", port->name, "packets");
	add_term(identity, "offered", received + missed + errors);
	if (!port->drops_observable)
		mark_unknown(identity, "this driver cannot report drops");
	add_term(identity, "received", received);
	add_term(identity, "missed", missed);
	if (!port->drops_observable && identity)
		identity->terms[identity->term_count - 1].unknown = true;
	add_term(identity, "errors", errors);
	close_identity(identity);

	identity = open_identity(list, "port", port->name, "packets");
	add_term(identity, "received", received);
	add_term(identity, "polled", port->polled_packets);
	close_identity(identity);
}

/* `first` is the row of the first reason in this unit. */
static void add_drops(struct stats_identity *identity, const uint64_t *worker, size_t first)
{
	static const char *const names[] = {
#define REASON_NAME(name, help) #name,
			BASE_REASONS(REASON_NAME)
#undef REASON_NAME
	};

	for (size_t i = 0; i < BASE_COUNT_OF(names); i++)
		add_term(identity, names[i], worker[first + STATS_DROP_ROWS * i]);
}

static void audit_workers(struct list *list, const uint64_t *worker)
{
	struct stats_identity *identity = open_identity(list, "workers", "", "packets");
	add_term(identity, "received", worker[STATS_rx_packets]);
	add_term(identity, "metered", worker[STATS_metered_packets]);
	add_drops(identity, worker, STATS_DROP_PACKETS(0));
	close_identity(identity);

	identity = open_identity(list, "workers", "", "octets");
	add_term(identity, "received", worker[STATS_rx_octets]);
	add_term(identity, "metered", worker[STATS_metered_wire_octets]);
	add_drops(identity, worker, STATS_DROP_OCTETS(0));
	close_identity(identity);
}

static void audit_flows(struct list *list, const struct stats_snapshot *snapshot)
{
	const uint64_t *worker = snapshot->worker;
	struct stats_identity *identity = open_identity(list, "flows", "", "flows");

	add_term(identity, "created", worker[STATS_flows_created]);
	add_term(identity, "live",
			snapshot->scanned ? snapshot->scan_flows : worker[STATS_flows_active]);
	add_term(identity, "ended idle", worker[STATS_flows_ended_idle]);
	add_term(identity, "ended by TCP", worker[STATS_flows_ended_detected]);
	add_term(identity, "ended forced", worker[STATS_flows_ended_forced]);
	add_term(identity, "evicted", worker[STATS_flows_ended_resources]);
	if (identity)
		identity->note = snapshot->scanned ? "live by a scan of the tables"
						   : "live by the gauges of the workers";
	close_identity(identity);
}

/* Catches an export that is missing or made twice: both sides are counted apart. */
static void audit_content(struct list *list, const struct stats_snapshot *snapshot)
{
	const uint64_t *worker = snapshot->worker;
	const char *note = snapshot->scanned ? "in live flows by a scan of the tables"
					     : "in live flows by the gauges of the workers";

	struct stats_identity *identity = open_identity(list, "packets", "", "packets");
	uint64_t inner = worker[STATS_inner_packets];
	add_term(identity, inner ? "metered, both views" : "metered",
			worker[STATS_metered_packets] + inner);
	add_term(identity, "in records", worker[STATS_records_packets]);
	add_term(identity, "in live flows",
			snapshot->scanned ? snapshot->scan_packets
					  : worker[STATS_resident_packets]);
	if (identity)
		identity->note = note;
	close_identity(identity);

	identity = open_identity(list, "octets", "", "octets");
	add_term(identity, inner ? "metered, both views" : "metered",
			worker[STATS_metered_octets] + worker[STATS_inner_octets]);
	add_term(identity, "in records", worker[STATS_records_octets]);
	add_term(identity, "in live flows",
			snapshot->scanned ? snapshot->scan_octets : worker[STATS_resident_octets]);
	if (identity)
		identity->note = note;
	close_identity(identity);
}

/*
 * What waiting records hold is only known when they are taken. Until then it is inferred: all that
 * is neither taken nor lost, so that only more taken than made shows.
 */
static void audit_ring_content(
		struct list *list, const char *unit, const uint64_t sides[3], uint64_t waiting)
{
	struct stats_identity *identity = open_identity(list, "rings", "", unit);
	uint64_t made = sides[0], taken = sides[1], lost = sides[2];
	int64_t rest = (int64_t)(made - taken - lost);

	add_term(identity, "made", made);
	add_term(identity, "taken", taken);
	if (waiting > 0)
		add_term(identity, "waiting, inferred", rest > 0 ? (uint64_t)rest : 0);
	else
		add_term(identity, "waiting", 0);
	add_term(identity, "lost", lost);
	if (identity && waiting > 0)
		identity->note = "what waiting records hold is known when they are taken";
	close_identity(identity);
}

static void audit_rings(struct list *list, const struct stats_snapshot *snapshot)
{
	const uint64_t *worker = snapshot->worker;
	const uint64_t *control = snapshot->control;
	uint64_t made = worker[STATS_records_idle] + worker[STATS_records_active]
			+ worker[STATS_records_detected] + worker[STATS_records_forced]
			+ worker[STATS_records_resources];

	struct stats_identity *identity = open_identity(list, "rings", "", "records");
	add_term(identity, "made", made);
	add_term(identity, "taken", control[STATS_records_taken]);
	add_term(identity, "waiting", snapshot->ring_waiting);
	add_term(identity, "lost", worker[STATS_ring_drop_full]);
	close_identity(identity);

	const uint64_t packets[] = {worker[STATS_records_packets],
			control[STATS_records_taken_packets], worker[STATS_ring_drop_full_packets]};
	const uint64_t octets[] = {worker[STATS_records_octets],
			control[STATS_records_taken_octets], worker[STATS_ring_drop_full_octets]};
	audit_ring_content(list, "packets", packets, snapshot->ring_waiting);
	audit_ring_content(list, "octets", octets, snapshot->ring_waiting);
}

static void audit_output(struct list *list, const struct stats_output_view *output, uint64_t taken)
{
	const uint64_t *values = output->values;

	struct stats_identity *identity = open_identity(list, "output", output->name, "records");
	add_term(identity, "taken", taken);
	add_term(identity, "offered", values[STATS_output_offered]);
	add_term(identity, "filtered", values[STATS_output_filtered]);
	add_term(identity, "elsewhere", values[STATS_output_elsewhere]);
	close_identity(identity);

	identity = open_identity(list, "output", output->name, "records");
	add_term(identity, "offered", values[STATS_output_offered]);
	add_term(identity, "sent", values[STATS_output_sent]);
	add_term(identity, "queued", values[STATS_output_queued]);
	add_term(identity, "lost, no space", values[STATS_output_lost_no_space]);
	add_term(identity, "lost, write error", values[STATS_output_lost_io_error]);
	add_term(identity, "lost, queue full", values[STATS_output_lost_queue_full]);
	add_term(identity, "lost, closed", values[STATS_output_lost_closed]);
	add_term(identity, "lost, unreachable", values[STATS_output_lost_unreachable]);
	add_term(identity, "lost, unacknowledged", values[STATS_output_lost_unacknowledged]);
	add_term(identity, "lost, unfit", values[STATS_output_lost_unfit]);
	close_identity(identity);
}

size_t stats_audit(const struct stats_snapshot *snapshot, struct stats_identity *identities,
		size_t max)
{
	struct list list = {.identities = identities, .max = max};

	for (size_t i = 0; i < snapshot->port_count; i++)
		audit_port(&list, &snapshot->ports[i]);
	audit_workers(&list, snapshot->worker);
	audit_flows(&list, snapshot);
	audit_content(&list, snapshot);
	audit_rings(&list, snapshot);
	for (size_t i = 0; i < snapshot->output_count; i++)
		audit_output(&list, &snapshot->outputs[i], snapshot->control[STATS_records_taken]);
	return list.count;
}

bool stats_audit_holds(const struct stats_identity *identities, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (identities[i].judged && identities[i].residual != 0)
			return false;
	}
	return true;
}
