/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Round trip: flow records are encoded, the messages are read, and each field is held against what
 * the record says, worked out anew and not by the encoder's table. For the unit tests and for a
 * fuzz target: TRIP_FAIL(text) says what to do when they differ.
 */
#ifndef IPFIX_TRIP_H
#define IPFIX_TRIP_H

#include "ipfix_check.h"
#include "ipfix_read.h"
#include "ipfix_session.h"

#include <string.h>

struct trip {
	const struct ipfix_plan *plan;
	const struct ipfix_scene *scene;
	const struct flow_record *records;
	unsigned int count;
	unsigned int next; /* the record that is to come */
	bool back; /* ... of which the first half came */
	struct ipfix_session session;
	struct ipfix_check *check;
	int64_t now_ns;
};

struct trip_expected {
	const uint8_t *octets; /* of an address, or NULL */
	uint64_t number;
};

static inline uint64_t trip_index(const struct trip *trip, uint16_t port, bool egress)
{
	if (port >= trip->scene->interface_count)
		return 0;
	return egress ? trip->scene->interfaces[port].egress_index
		      : trip->scene->interfaces[port].index;
}

static inline uint64_t trip_time(const struct trip *trip, int64_t ns, uint16_t id)
{
	uint64_t time = ns > 0 ? (uint64_t)ns : 0, ms = time / 1000000;

	switch (id) {
	case 21:
	case 22:
		return (uint32_t)(ms - (uint64_t)trip->plan->settings.boot_ns / 1000000);
	case 152:
	case 153:
		return ms;
	default: /* the time again: NTP is compared as a time */
		return time;
	}
}

static inline uint64_t trip_label(uint32_t label, bool bottom)
{
	return label & PACKET_LABEL_PRESENT ? (label & 0x7fffffffu) << 4 | bottom : 0;
}

/* What a record says of what stands around it. */
static inline struct trip_expected trip_around(
		const struct flow_record *r, bool turned, const struct ipfix_spec *spec)
{
	const struct packet_encapsulation *a = &r->around;
	uint64_t id = a->tunnel_id;

	if (spec->enterprise == IPFIX_PEN_IANA) {
		switch (spec->id) {
		case 351:
			return (struct trip_expected){NULL,
					a->tunnel == PACKET_TUNNEL_VXLAN ? UINT64_C(1) << 56 | id
							: a->tunnel == PACKET_TUNNEL_NVGRE
							? UINT64_C(2) << 56 | id
							: 0};
		case 296:
			return (struct trip_expected){
					NULL, a->tunnel == PACKET_TUNNEL_GRE ? id : 0};
		case 507:
			return (struct trip_expected){
					NULL, a->tunnel == PACKET_TUNNEL_GTPU ? id : 0};
		default:
			return (struct trip_expected){NULL, trip_label(a->mpls_outermost, false)};
		}
	}
	switch (spec->id) {
	case IPFIX_OWN_TUNNEL_KIND:
		return (struct trip_expected){
				NULL, a->tunnel < PACKET_TUNNEL_COUNT ? a->tunnel : 0};
	case IPFIX_OWN_TUNNEL_ID:
		return (struct trip_expected){NULL, id};
	case IPFIX_OWN_PPPOE_SESSION:
		return (struct trip_expected){NULL, a->pppoe_session};
	case IPFIX_OWN_BOTTOM_LABEL:
		return (struct trip_expected){NULL, trip_label(a->mpls_innermost, true)};
	case IPFIX_OWN_OUTER_FLOW_ID:
		return (struct trip_expected){NULL, r->outer_flow_id};
	case IPFIX_OWN_OUTER_SOURCE_IPV4:
	case IPFIX_OWN_OUTER_SOURCE_IPV6:
		return (struct trip_expected){
				(turned ? &a->outer_destination : &a->outer_source)->octets, 0};
	default:
		return (struct trip_expected){
				(turned ? &a->outer_source : &a->outer_destination)->octets, 0};
	}
}

static inline uint64_t trip_number(const struct trip *trip, const struct flow_record *r,
		bool turned, const struct ipfix_spec *spec)
{
	bool icmp = r->protocol == 1 || r->protocol == 58;
	bool t = turned || spec->enterprise == IPFIX_PEN_REVERSE;
	uint64_t in = trip_index(trip, t ? r->rev_port : r->port, false);
	uint64_t out = trip_index(trip, t ? r->port : r->rev_port, false);

	switch (spec->id) {
	case 1:
		return t ? r->rev_bytes : r->bytes;
	case 2:
		return t ? r->rev_packets : r->packets;
	case 4:
		return r->protocol;
	case 5:
		return t ? r->rev_tos : r->tos;
	case 6:
		return (t ? r->rev_tcp_flags : r->tcp_flags) & (spec->length == 1 ? 0xff : 0xffff);
	case 7:
		return icmp ? 0 : turned ? r->destination_port : r->source_port;
	case 11:
		return icmp ? 0 : turned ? r->source_port : r->destination_port;
	case 10:
		return in;
	case 14:
		return out ? out : trip_index(trip, t ? r->rev_port : r->port, true);
	case 32:
	case 139:
		return icmp ? (uint64_t)r->icmp_type << 8 | r->icmp_code : 0;
	case 48:
	case 302:
		return trip->plan->settings.selector_id;
	case 52:
		return t ? r->rev_ttl_min : r->ttl_min;
	case 53:
		return t ? r->rev_ttl_max : r->ttl_max;
	case 58:
	case 243:
		return r->vlan;
	case 245:
		return r->vlan_inner;
	case 136:
		return r->end_reason;
	case 239:
		return r->direction_basis;
	case 148:
		return turned ? r->flow_id ^ 1 : r->flow_id;
	case 22:
	case 152:
	case 156:
		return trip_time(trip, t ? r->rev_start_ns : r->start_ns, spec->id);
	case 21:
	case 153:
	case 157:
		return trip_time(trip, r->end_ns, spec->id);
	default:
		return trip_around(r, turned, spec).number;
	}
}

static inline struct trip_expected trip_expect(const struct trip *trip, const struct flow_record *r,
		bool turned, const struct ipfix_spec *spec)
{
	if (spec->enterprise == trip->plan->settings.enterprise)
		return trip_around(r, turned, spec);
	if (spec->enterprise == IPFIX_PEN_IANA && (spec->id == 8 || spec->id == 27))
		return (struct trip_expected){(turned ? &r->destination : &r->source)->octets, 0};
	if (spec->enterprise == IPFIX_PEN_IANA && (spec->id == 12 || spec->id == 28))
		return (struct trip_expected){(turned ? &r->source : &r->destination)->octets, 0};
	return (struct trip_expected){NULL, trip_number(trip, r, turned, spec)};
}

static inline void trip_compare(const struct trip *trip, const struct flow_record *r, bool turned,
		const struct ipfix_field_value *value)
{
	struct trip_expected expected = trip_expect(trip, r, turned, value->spec);
	uint64_t found = ipfix_read_number(value->octets, value->length);

	if (expected.octets) {
		if (memcmp(expected.octets, value->octets, value->length) != 0)
			TRIP_FAIL("an address differs");
		return;
	}
	if (value->spec->id == 156 || value->spec->id == 157) {
		/* 2^32 s after 1968 an NTP time stamp begins anew */
		if (expected.number / 1000000000 < UINT64_C(4233462272 + 2000000000))
			found = (uint64_t)ipfix_ntp_to_ns(found);
		else
			expected.number = found;
	}
	if (found != expected.number)
		TRIP_FAIL("a number differs");
}

/* The listener of the check. */
static inline void trip_take(void *context, const struct ipfix_record_seen *seen)
{
	struct trip *trip = context;

	if (seen->known->scope_count > 0)
		return;
	if (trip->next >= trip->count) {
		TRIP_FAIL("a record too many");
		return;
	}
	const struct flow_record *r = &trip->records[trip->next];
	bool turned = trip->plan->settings.uniflow
			&& (trip->back || (r->packets == 0 && r->rev_packets > 0));
	for (unsigned int i = 0; i < seen->known->field_count; i++)
		trip_compare(trip, r, turned, &seen->fields[i]);
	if (trip->plan->settings.uniflow && !turned && r->rev_packets > 0) {
		trip->back = true;
	} else {
		trip->back = false;
		trip->next++;
	}
}

static inline void trip_message(void *context, struct ipfix_message *message)
{
	struct trip *trip = context;

	if (message->flow_records > 0)
		ipfix_session_stamp(&trip->session, message, trip->now_ns);
	ipfix_check_message(trip->check, message->octets, message->length, 0);
}

/* Sends all records; the caller then looks at trip->check and destroys it. */
static inline void trip_run(struct trip *trip, const struct ipfix_report *report, uint32_t limit)
{
	static uint8_t data[IPFIX_MESSAGE_MAX], options[IPFIX_MESSAGE_MAX];
	const struct ipfix_session_settings settings = {.domain = 7,
			.message_bytes = limit,
			.datagrams = true,
			.template_refresh_ns = INT64_MAX,
			.template_refresh_messages = UINT32_MAX,
			.options_refresh_ns = INT64_MAX};
	static const struct ipfix_reader_ops listener = {.record = trip_take};
	struct ipfix_builder builder;

	trip->check = ipfix_check_create(IPFIX_CARRIER_STREAM, trip->plan->settings.enterprise);
	if (!trip->check || ipfix_session_init(&trip->session, trip->plan, &settings) < 0
			|| ipfix_builder_init(&builder, trip->plan, trip->scene, data, limit) < 0) {
		TRIP_FAIL("no start");
		return;
	}
	ipfix_check_set_listener(trip->check, &listener, trip);
	ipfix_builder_set_sink(&builder, trip_message, trip);
	ipfix_session_open(&trip->session);
	ipfix_session_announce(&trip->session, trip->now_ns, report, options, trip_message, trip);
	ipfix_builder_add(&builder, trip->records, trip->count);
	ipfix_builder_flush(&builder);
	ipfix_check_finish(trip->check);
	if (trip->next != trip->count)
		TRIP_FAIL("records are missing");
}

#endif
