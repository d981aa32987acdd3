/* SPDX-License-Identifier: BSD-3-Clause */
/* A table with an outbox in plain memory, and packets in one line. */
#ifndef FLOW_FIXTURE_H
#define FLOW_FIXTURE_H

#include "base_clock.h"
#include "flow_table.h"
#include "unit_main.h"

#include <string.h>

#define FIXTURE_SLOTS 4096
#define SEC BASE_NS_PER_SEC
#define MS BASE_NS_PER_MS
#define FIN 0x01
#define SYN 0x02
#define RST 0x04
#define ACK 0x10
#define T0 (INT64_C(1700000000) * SEC)

struct fixture {
	struct flow_table *table;
	struct flow_record slots[FIXTURE_SLOTS];
	struct flow_outbox outbox;
};

static inline struct flow_settings fixture_settings(void)
{
	return (struct flow_settings){
			.capacity = 10000,
			.active_ns = 60 * SEC,
			.idle_tcp_ns = 40 * SEC,
			.idle_udp_ns = 30 * SEC,
			.idle_icmp_ns = 10 * SEC,
			.idle_other_ns = 20 * SEC,
			.tcp_linger_ns = 2 * SEC,
			.hash_seed = 42,
			.numa_node = -1,
	};
}

static inline void fixture_init(struct fixture *f, const struct flow_settings *settings)
{
	memset(f, 0, sizeof(*f));
	ck_assert_int_eq(flow_table_create(&f->table, settings), 0);
	f->outbox = (struct flow_outbox){
			.slots = f->slots, .mask = FIXTURE_SLOTS - 1, .room = FIXTURE_SLOTS};
}

static inline void fixture_fini(struct fixture *f)
{
	flow_table_destroy(f->table);
}

/* Host `from` to host `to`; ports and protocol as given; 100 octets. */
static inline struct packet_meta fixture_packet(uint8_t protocol, uint32_t from, uint16_t from_port,
		uint32_t to, uint16_t to_port, uint16_t tcp_flags)
{
	return (struct packet_meta){
			.source.words_be = {__builtin_bswap32(from)},
			.destination.words_be = {__builtin_bswap32(to)},
			.source_port = from_port,
			.destination_port = to_port,
			.ip_bytes = 100,
			.ip_version = 4,
			.protocol = protocol,
			.ttl = 64,
			.tcp_flags = tcp_flags,
	};
}

static inline void fixture_send(struct fixture *f, struct packet_meta meta, int64_t time_ns)
{
	uint16_t port = 0;

	flow_table_update(f->table, &meta, &time_ns, &port, NULL, 1, &f->outbox);
}

/* What must hold whatever happened. */
static inline void fixture_check_identities(const struct fixture *f)
{
	const struct flow_counters *c = flow_table_counters(f->table);
	uint64_t ended = 0, flows, packets, octets;

	for (int i = 0; i < FLOW_END_REASON_COUNT; i++)
		ended += c->ended[i];
	ck_assert_uint_eq(c->created, c->active + ended);
	ck_assert_uint_eq(c->packets, c->records_packets + c->resident_packets);
	ck_assert_uint_eq(c->octets, c->records_octets + c->resident_octets);
	flow_table_resident(f->table, &flows, &packets, &octets);
	ck_assert_uint_eq(flows, c->active);
	ck_assert_uint_eq(packets, c->resident_packets);
	ck_assert_uint_eq(octets, c->resident_octets);
}

#endif
