/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A model of the whole program that counts as it goes: packets arrive, are dropped or metered in
 * flows, flows end in records, records are lost, wait, are taken and offered to outputs. At every
 * moment each identity must hold; one unit more anywhere must show in exactly the identities that
 * the table `touches` names, by exactly that unit.
 */
#include "base_cacheline.h"
#include "stats_audit.h"
#include "unit_main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FLOWS 50
#define PORTS 2
#define OUTPUTS 2
#define RING 200

struct amount {
	uint64_t packets, octets;
};

static struct world {
	uint64_t random;
	struct amount flows[FLOWS]; /* packets of 0: no such flow, or nothing since its record */
	bool live[FLOWS];
	struct amount ring[RING];
	uint64_t waiting;
	struct stats_port_view ports[PORTS];
	struct stats_output_view outputs[OUTPUTS];
	struct stats_snapshot snapshot;
} world;

static uint64_t pick(uint64_t below)
{
	world.random = world.random * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (world.random >> 33) % below;
}

static void make_record(struct amount *flow, enum stats_worker_index made)
{
	uint64_t *worker = world.snapshot.worker;

	worker[made]++;
	worker[STATS_records_packets] += flow->packets;
	worker[STATS_records_octets] += flow->octets;
	worker[STATS_resident_packets] -= flow->packets;
	worker[STATS_resident_octets] -= flow->octets;
	if (world.waiting == RING || pick(10) == 0) {
		worker[STATS_ring_drop_full]++;
		worker[STATS_ring_drop_full_packets] += flow->packets;
		worker[STATS_ring_drop_full_octets] += flow->octets;
	} else {
		world.ring[world.waiting++] = *flow;
	}
	*flow = (struct amount){0};
}

static void end_flow(size_t f, enum stats_worker_index ended, enum stats_worker_index made)
{
	make_record(&world.flows[f], made);
	world.live[f] = false;
	world.snapshot.worker[ended]++;
	world.snapshot.worker[STATS_flows_active]--;
}

static void meter(uint64_t octets)
{
	uint64_t *worker = world.snapshot.worker;
	size_t f = pick(FLOWS);

	if (!world.live[f]) {
		world.live[f] = true;
		worker[STATS_flows_created]++;
		worker[STATS_flows_active]++;
	}
	world.flows[f].packets++;
	world.flows[f].octets += octets - 14;
	worker[STATS_metered_packets]++;
	worker[STATS_metered_wire_octets] += octets;
	worker[STATS_metered_octets] += octets - 14;
	worker[STATS_resident_packets]++;
	worker[STATS_resident_octets] += octets - 14;
}

static void receive(void)
{
	uint64_t *worker = world.snapshot.worker;
	struct stats_port_view *port = &world.ports[pick(PORTS)];
	uint64_t octets = 60 + pick(1400);

	if (pick(20) == 0) {
		port->values[pick(2) ? STATS_port_missed_packets : STATS_port_error_packets]++;
		return;
	}
	port->values[STATS_port_received_packets]++;
	port->polled_packets++;
	worker[STATS_rx_packets]++;
	worker[STATS_rx_octets] += octets;
	if (pick(8) == 0) {
		size_t reason = pick((STATS_WORKER_COUNT - STATS_DROP_FIRST) / STATS_DROP_ROWS);
		worker[STATS_DROP_PACKETS(reason)]++;
		worker[STATS_DROP_OCTETS(reason)] += octets;
		return;
	}
	meter(octets);
}

static void take_record(void)
{
	uint64_t *control = world.snapshot.control;

	if (world.waiting == 0)
		return;
	struct amount record = world.ring[--world.waiting];
	control[STATS_records_taken]++;
	control[STATS_records_taken_packets] += record.packets;
	control[STATS_records_taken_octets] += record.octets;
	for (size_t i = 0; i < OUTPUTS; i++) {
		static const enum stats_output_index fates[] = {STATS_output_sent,
				STATS_output_queued, STATS_output_lost_no_space,
				STATS_output_lost_io_error, STATS_output_lost_queue_full,
				STATS_output_lost_closed};
		world.outputs[i].values[STATS_output_offered]++;
		world.outputs[i].values[fates[pick(BASE_COUNT_OF(fates))]]++;
	}
}

static void step(void)
{
	static const enum stats_worker_index ends[][2] = {
			{STATS_flows_ended_idle, STATS_records_idle},
			{STATS_flows_ended_detected, STATS_records_detected},
			{STATS_flows_ended_forced, STATS_records_forced},
			{STATS_flows_ended_resources, STATS_records_resources},
	};
	size_t f = pick(FLOWS);
	size_t why = pick(BASE_COUNT_OF(ends));

	switch (pick(8)) {
	case 0:
		if (world.live[f])
			end_flow(f, ends[why][0], ends[why][1]);
		break;
	case 1:
		if (world.live[f])
			make_record(&world.flows[f], STATS_records_active);
		break;
	case 2:
	case 3:
		take_record();
		break;
	default:
		receive();
	}
}

static void start_world(uint64_t seed)
{
	memset(&world, 0, sizeof(world));
	world.random = seed;
	for (size_t i = 0; i < PORTS; i++) {
		snprintf(world.ports[i].name, STATS_NAME_BYTES, "%zu net_ring", i);
		world.ports[i].drops_observable = true;
	}
	for (size_t i = 0; i < OUTPUTS; i++)
		snprintf(world.outputs[i].name, STATS_NAME_BYTES, "out%zu", i);
	world.snapshot.ports = world.ports;
	world.snapshot.port_count = PORTS;
	world.snapshot.outputs = world.outputs;
	world.snapshot.output_count = OUTPUTS;
}

static void scan_world(bool scanned)
{
	struct stats_snapshot *snapshot = &world.snapshot;

	snapshot->ring_waiting = world.waiting;
	snapshot->scanned = scanned;
	snapshot->scan_flows = snapshot->scan_packets = snapshot->scan_octets = 0;
	for (size_t f = 0; f < FLOWS; f++) {
		snapshot->scan_flows += world.live[f];
		snapshot->scan_packets += world.flows[f].packets;
		snapshot->scan_octets += world.flows[f].octets;
	}
}

static struct stats_identity found[STATS_MAX_IDENTITIES];

static size_t audit_world(void)
{
	size_t count = stats_audit(&world.snapshot, found, STATS_MAX_IDENTITIES);

	ck_assert_uint_eq(count, 2 * PORTS + 8 + 2 * OUTPUTS);
	return count;
}

START_TEST(holds_through_a_random_history)
{
	uint64_t seed = (uint64_t)_i * 7919 + 1;

	start_world(seed);
	for (int i = 0; i < 20000; i++) {
		step();
		if (i % 97 != 0)
			continue;
		scan_world(i % 2 == 0);
		size_t count = audit_world();
		for (size_t k = 0; k < count; k++) {
			ck_assert_msg(found[k].residual == 0, "seed %llu: %s %s: residual %lld",
					(unsigned long long)seed, found[k].subject, found[k].unit,
					(long long)found[k].residual);
			ck_assert(found[k].judged);
		}
		ck_assert(stats_audit_holds(found, count));
	}
	ck_assert_uint_gt(world.snapshot.worker[STATS_flows_created], FLOWS);
}
END_TEST

/* Which identities one more unit of a counter touches: "subject/unit/left side", +1 on the left. */
struct touch {
	const char *identity;
	int by;
};

#define WORKER(row, ...)                                   \
	{                                                  \
#row, &world.snapshot.worker[STATS_##row], \
		{                                          \
			__VA_ARGS__                        \
		}                                          \
	}
#define CONTROL(row, ...)                                   \
	{                                                   \
#row, &world.snapshot.control[STATS_##row], \
		{                                           \
			__VA_ARGS__                         \
		}                                           \
	}
#define PORT(row, ...)                                     \
	{                                                  \
#row, &world.ports[1].values[STATS_##row], \
		{                                          \
			__VA_ARGS__                        \
		}                                          \
	}
#define OUTPUT(row, ...)                                     \
	{                                                    \
#row, &world.outputs[1].values[STATS_##row], \
		{                                            \
			__VA_ARGS__                          \
		}                                            \
	}
#define DROP(reason, help)                                                        \
	WORKER(decode_drop_##reason##_packets, {"workers/packets/received", -1}), \
			WORKER(decode_drop_##reason##_octets, {"workers/octets/received", -1}),
#define MADE(row) WORKER(row, {"rings/records/made", 1})
#define ENDED(row) WORKER(row, {"flows/flows/created", -1})
#define FATE(row) OUTPUT(row, {"output out1/records/offered", -1})

static const struct {
	const char *name;
	uint64_t *counter;
	struct touch touches[3];
} touches[] = {
		WORKER(rx_packets, {"workers/packets/received", 1}),
		WORKER(rx_octets, {"workers/octets/received", 1}),
		BASE_REASONS(DROP) WORKER(metered_packets, {"workers/packets/received", -1},
				{"packets/packets/metered", 1}),
		WORKER(metered_wire_octets, {"workers/octets/received", -1}),
		WORKER(metered_octets, {"octets/octets/metered", 1}),
		WORKER(flows_created, {"flows/flows/created", 1}),
		ENDED(flows_active),
		ENDED(flows_ended_idle),
		ENDED(flows_ended_detected),
		ENDED(flows_ended_forced),
		ENDED(flows_ended_resources),
		WORKER(resident_packets, {"packets/packets/metered", -1}),
		WORKER(resident_octets, {"octets/octets/metered", -1}),
		MADE(records_idle),
		MADE(records_active),
		MADE(records_detected),
		MADE(records_forced),
		MADE(records_resources),
		WORKER(records_packets, {"packets/packets/metered", -1}, {"rings/packets/made", 1}),
		WORKER(records_octets, {"octets/octets/metered", -1}, {"rings/octets/made", 1}),
		WORKER(ring_drop_full, {"rings/records/made", -1}),
		WORKER(ring_drop_full_packets, {"rings/packets/made", -1}),
		WORKER(ring_drop_full_octets, {"rings/octets/made", -1}),
		CONTROL(records_taken, {"rings/records/made", -1}, {"output out0/records/taken", 1},
				{"output out1/records/taken", 1}),
		CONTROL(records_taken_packets, {"rings/packets/made", -1}),
		CONTROL(records_taken_octets, {"rings/octets/made", -1}),
		PORT(port_received_packets, {"port 1 net_ring/packets/received", 1}),
		{"polled", &world.ports[1].polled_packets,
				{{"port 1 net_ring/packets/received", -1}}},
		OUTPUT(output_offered, {"output out1/records/taken", -1},
				{"output out1/records/offered", 1}),
		OUTPUT(output_filtered, {"output out1/records/taken", -1}),
		OUTPUT(output_elsewhere, {"output out1/records/taken", -1}),
		FATE(output_sent),
		FATE(output_queued),
		FATE(output_lost_no_space),
		FATE(output_lost_io_error),
		FATE(output_lost_queue_full),
		FATE(output_lost_closed),
		FATE(output_lost_unreachable),
		FATE(output_lost_unacknowledged),
		FATE(output_lost_unfit),
};

static int expected_residual(size_t row, const struct stats_identity *identity)
{
	char name[256];

	snprintf(name, sizeof(name), "%.63s/%s/%.63s", identity->subject, identity->unit,
			identity->terms[0].name);
	for (size_t t = 0; t < BASE_COUNT_OF(touches[row].touches); t++) {
		const struct touch *touch = &touches[row].touches[t];
		if (touch->identity && !strcmp(touch->identity, name))
			return touch->by;
	}
	return 0;
}

static void quiet_world(uint64_t seed)
{
	start_world(seed);
	for (int i = 0; i < 5000; i++)
		step();
	while (world.waiting > 0)
		take_record();
	scan_world(false);
}

START_TEST(one_unit_astray_shows_where_it_went)
{
	for (int by = -1; by <= 1; by += 2) {
		quiet_world(99);
		ck_assert(stats_audit_holds(found, audit_world()));
		*touches[_i].counter += (uint64_t)(int64_t)by;
		size_t count = audit_world();
		int touched = 0;
		for (size_t k = 0; k < count; k++) {
			int expected = by * expected_residual((size_t)_i, &found[k]);
			ck_assert_msg(found[k].residual == expected,
					"%s %+d: %s %s %s has residual %lld, not %d",
					touches[_i].name, by, found[k].subject, found[k].unit,
					found[k].terms[0].name, (long long)found[k].residual,
					expected);
			touched += expected != 0;
		}
		ck_assert_int_gt(touched, 0);
		ck_assert(!stats_audit_holds(found, count));
	}
}
END_TEST

START_TEST(a_scan_is_believed_over_the_gauges)
{
	quiet_world(5);
	scan_world(true);
	world.snapshot.worker[STATS_resident_packets] += 3;
	ck_assert(stats_audit_holds(found, audit_world()));
	world.snapshot.scan_octets--;
	size_t count = audit_world();
	ck_assert(!stats_audit_holds(found, count));
	for (size_t k = 0; k < count; k++) {
		bool octets = !strcmp(found[k].subject, "octets");
		ck_assert_int_eq(found[k].residual, octets ? 1 : 0);
		if (octets)
			ck_assert_str_eq(found[k].note, "in live flows by a scan of the tables");
	}
}
END_TEST

static const struct stats_identity *find_identity(const char *subject, const char *unit)
{
	size_t count = audit_world(), k = 0;

	while (k < count && (strcmp(found[k].subject, subject) || strcmp(found[k].unit, unit)))
		k++;
	ck_assert_uint_lt(k, count);
	return &found[k];
}

START_TEST(what_waits_is_inferred_within_reason)
{
	uint64_t *worker = world.snapshot.worker;

	quiet_world(9);
	world.snapshot.ring_waiting = 3;
	worker[STATS_records_idle] += 3;
	worker[STATS_records_packets] += 5;
	const struct stats_identity *packets = find_identity("rings", "packets");
	ck_assert_int_eq(packets->residual, 0);
	ck_assert_str_eq(packets->terms[2].name, "waiting, inferred");
	ck_assert_uint_eq(packets->terms[2].value, 5);
	ck_assert_ptr_nonnull(packets->note);
	ck_assert_int_eq(find_identity("rings", "octets")->residual, 0);
	worker[STATS_records_packets] -= 7; /* more was taken than made */
	ck_assert_int_eq(find_identity("rings", "packets")->residual, -2);
	ck_assert_uint_eq(find_identity("rings", "packets")->terms[2].value, 0);
}
END_TEST

START_TEST(a_blind_driver_is_unknown_never_zero)
{
	quiet_world(6);
	world.ports[0].drops_observable = false;
	size_t count = audit_world();
	ck_assert(!found[0].judged);
	ck_assert_int_eq(found[0].residual, 0);
	ck_assert_ptr_nonnull(found[0].note);
	ck_assert_str_eq(found[0].terms[0].name, "offered");
	ck_assert(found[0].terms[0].unknown);
	ck_assert_str_eq(found[0].terms[2].name, "missed");
	ck_assert(found[0].terms[2].unknown);
	ck_assert(found[1].judged); /* received = polled can be told all the same */
	ck_assert(stats_audit_holds(found, count));
}
END_TEST

START_TEST(writes_no_more_than_there_is_room_for)
{
	struct stats_identity one[2];

	quiet_world(7);
	memset(one, 0x5a, sizeof(one));
	ck_assert_uint_eq(stats_audit(&world.snapshot, one, 1), 1);
	ck_assert_int_eq(one[1].term_count & 0xff, 0x5a);
	ck_assert_uint_eq(stats_audit(&world.snapshot, NULL, 0), 0);
}
END_TEST

START_TEST(the_largest_program_fits)
{
	static struct stats_port_view ports[16];
	static struct stats_output_view outputs[16];

	quiet_world(8);
	memset(ports[3].name, 'x', sizeof(ports[3].name) - 1);
	world.snapshot.ports = ports;
	world.snapshot.port_count = 16;
	world.snapshot.outputs = outputs;
	world.snapshot.output_count = 16;
	size_t count = stats_audit(&world.snapshot, found, STATS_MAX_IDENTITIES);
	ck_assert_uint_eq(count, 2 * 16 + 8 + 2 * 16);
	ck_assert_uint_lt(strlen(found[6].subject), STATS_NAME_BYTES);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("stats_audit");
	TCase *tcase = tcase_create("audit");

	tcase_add_loop_test(tcase, holds_through_a_random_history, 0, 8);
	tcase_add_loop_test(tcase, one_unit_astray_shows_where_it_went, 0, BASE_COUNT_OF(touches));
	tcase_add_test(tcase, a_scan_is_believed_over_the_gauges);
	tcase_add_test(tcase, what_waits_is_inferred_within_reason);
	tcase_add_test(tcase, a_blind_driver_is_unknown_never_zero);
	tcase_add_test(tcase, writes_no_more_than_there_is_room_for);
	tcase_add_test(tcase, the_largest_program_fits);
	suite_add_tcase(suite, tcase);
	return suite;
}
