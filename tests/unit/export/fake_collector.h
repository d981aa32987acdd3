/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A collector for the tests of exporters: a socket on loopback that never blocks, whose messages
 * are judged by ipfix_check, and what they said. Everything runs in the thread of the test.
 */
#ifndef FAKE_COLLECTOR_H
#define FAKE_COLLECTOR_H

#include "ipfix_check.h"

#include <check.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FAKE_BUFFER_BYTES ((size_t)1 << 20)
#define FAKE_IDS_MAX 400000
#define FAKE_PORTS 2

enum {
	FAKE_OCTETS = 1,
	FAKE_PACKETS = 2,
	FAKE_INGRESS = 10,
	FAKE_MESSAGES_SENT = 41,
	FAKE_FLOWS_SENT = 42,
	FAKE_INTERFACE_NAME = 82,
	FAKE_INTERFACE_DESCRIPTION = 83,
	FAKE_FLOW_ID = 148,
	FAKE_IGNORED_PACKETS = 164,
	FAKE_IGNORED_OCTETS = 165,
	FAKE_NOT_SENT_FLOWS = 166,
	FAKE_NOT_SENT_PACKETS = 167,
	FAKE_NOT_SENT_OCTETS = 168,
	FAKE_ALGORITHM = 304,
	FAKE_INTERVAL = 305,
	FAKE_ELEMENTS = 512,
};

struct fake_collector {
	bool stream;
	int listener; /* or the socket for datagrams; -1: none */
	int connection;
	struct ipfix_check *check;
	uint8_t *octets;
	size_t waiting; /* of a stream: a message that is not whole */
	uint32_t longest; /* message */
	uint64_t messages;
	uint64_t template_messages;
	uint64_t templates_before_data; /* messages with templates, before the first with flows */
	uint64_t sessions;
	uint64_t flows;
	uint64_t flows_before; /* this session */
	uint64_t doubles; /* flow ids that came more than once */
	uint32_t next_sequence; /* the number that the next message should have, from the first on
				 */
	uint32_t export_sec; /* of the last message */
	uint64_t options[FAKE_ELEMENTS]; /* options records that had that element */
	uint64_t last[FAKE_ELEMENTS]; /* ... and its last value */
	char names[FAKE_PORTS][33], descriptions[FAKE_PORTS][33];
	uint64_t indexes[FAKE_PORTS];
	uint8_t seen[FAKE_IDS_MAX];
};

static inline uint64_t fake_number(const uint8_t *at, uint32_t bytes)
{
	uint64_t number = 0;

	for (uint32_t i = 0; i < bytes; i++)
		number = number << 8 | at[i];
	return number;
}

static inline void fake_take_flow(struct fake_collector *fake, const struct ipfix_record_seen *seen)
{
	const struct ipfix_field_value *id = ipfix_record_field(seen, 0, FAKE_FLOW_ID);

	fake->flows++;
	if (!id)
		return;
	uint64_t number = fake_number(id->octets, id->length);
	ck_assert_uint_lt(number, FAKE_IDS_MAX);
	fake->doubles += fake->seen[number];
	fake->seen[number] = 1;
}

static inline void fake_take_text(
		char *out, const struct ipfix_record_seen *seen, uint16_t id, size_t bytes)
{
	const struct ipfix_field_value *text = ipfix_record_field(seen, 0, id);

	if (text)
		snprintf(out, bytes, "%.*s", (int)text->length, (const char *)text->octets);
}

/* Names and descriptions are records of their own. */
static inline void fake_take_name(struct fake_collector *fake, const struct ipfix_record_seen *seen)
{
	const struct ipfix_field_value *index = ipfix_record_field(seen, 0, FAKE_INGRESS);
	uint64_t number = index ? fake_number(index->octets, index->length) : 0;
	unsigned int at = 0;

	while (at < FAKE_PORTS - 1 && fake->indexes[at] != 0 && fake->indexes[at] != number)
		at++;
	fake->indexes[at] = number;
	fake_take_text(fake->names[at], seen, FAKE_INTERFACE_NAME, sizeof(fake->names[at]));
	fake_take_text(fake->descriptions[at], seen, FAKE_INTERFACE_DESCRIPTION,
			sizeof(fake->descriptions[at]));
}

static inline void fake_take_record(void *context, const struct ipfix_record_seen *seen)
{
	struct fake_collector *fake = context;

	if (ipfix_record_field(seen, 0, FAKE_PACKETS)) {
		fake_take_flow(fake, seen);
		return;
	}
	if (ipfix_record_field(seen, 0, FAKE_INTERFACE_NAME)
			|| ipfix_record_field(seen, 0, FAKE_INTERFACE_DESCRIPTION))
		fake_take_name(fake, seen);
	for (uint32_t i = 0; i < seen->known->field_count; i++) {
		const struct ipfix_field_value *field = &seen->fields[i];
		if (field->spec->enterprise != 0 || field->spec->id >= FAKE_ELEMENTS)
			continue;
		fake->options[field->spec->id]++;
		if (field->length <= 8)
			fake->last[field->spec->id] = fake_number(field->octets, field->length);
	}
}

static const struct ipfix_reader_ops fake_listener = {.record = fake_take_record};

static inline bool fake_has_templates(const uint8_t *message, size_t length)
{
	bool v9 = fake_number(message, 2) == 9;

	for (size_t at = v9 ? 20 : 16; at + 4 <= length; at += fake_number(message + at + 2, 2)) {
		uint64_t id = fake_number(message + at, 2);
		if (id <= 3) /* options templates, too */
			return true;
		if (fake_number(message + at + 2, 2) < 4)
			return false;
	}
	return false;
}

static inline void fake_take_message(
		struct fake_collector *fake, const uint8_t *message, size_t length)
{
	uint64_t records = ipfix_check_totals(fake->check)->records;
	bool templates = fake_number(message, 2) != 5 && fake_has_templates(message, length);

	fake->export_sec =
			(uint32_t)fake_number(message + (fake_number(message, 2) == 10 ? 4 : 8), 4);
	if (fake_number(message, 2) == 10) {
		if (fake->messages > 0)
			ck_assert_uint_eq(fake_number(message + 8, 4), fake->next_sequence);
		fake->next_sequence = (uint32_t)fake_number(message + 8, 4);
	}
	ipfix_check_message(fake->check, message, length, 0);
	fake->next_sequence += (uint32_t)(ipfix_check_totals(fake->check)->records - records);
	fake->messages++;
	fake->template_messages += templates;
	fake->templates_before_data += templates && fake->flows == fake->flows_before;
	if (length > fake->longest)
		fake->longest = (uint32_t)length;
}

/* What a message said is kept, but it is judged anew: the next session begins. */
static inline void fake_begin_session(struct fake_collector *fake)
{
	if (fake->check)
		ipfix_check_destroy(fake->check);
	fake->check = ipfix_check_create(
			fake->stream ? IPFIX_CARRIER_STREAM : IPFIX_CARRIER_DATAGRAMS, 0);
	ipfix_check_set_listener(fake->check, &fake_listener, fake);
	fake->waiting = 0;
	fake->messages = 0;
	fake->template_messages = 0;
	fake->flows_before = fake->flows;
	fake->templates_before_data = 0;
	fake->next_sequence = 0;
	fake->longest = 0;
	fake->sessions++;
}

/* A socket that listens at `port` (0: any), of IPv4 or IPv6, with the small buffer of a slow one.
 */
static inline void fake_listen(struct fake_collector *fake, int family, uint16_t port)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	int on = 1, small = 4096;

	v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	v6.sin6_addr = in6addr_loopback;
	fake->listener = socket(family,
			(fake->stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC,
			0);
	ck_assert_int_ge(fake->listener, 0);
	setsockopt(fake->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fake->stream)
		setsockopt(fake->listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	const void *address = family == AF_INET ? (void *)&v4 : (void *)&v6;
	ck_assert_int_eq(bind(fake->listener, address, family == AF_INET ? sizeof(v4) : sizeof(v6)),
			0);
	if (fake->stream)
		ck_assert_int_eq(listen(fake->listener, 4), 0);
}

static inline struct fake_collector *fake_open(bool stream, int family)
{
	struct fake_collector *fake = calloc(1, sizeof(*fake));

	ck_assert_ptr_nonnull(fake);
	fake->stream = stream;
	fake->connection = -1;
	fake->octets = malloc(FAKE_BUFFER_BYTES);
	fake_listen(fake, family, 0);
	if (!stream)
		fake_begin_session(fake);
	return fake;
}

static inline uint16_t fake_port(const struct fake_collector *fake)
{
	struct sockaddr_in6 address; /* the port is at the same place in IPv4 */
	socklen_t len = sizeof(address);

	ck_assert_int_eq(getsockname(fake->listener, (struct sockaddr *)&address, &len), 0);
	return ntohs(address.sin6_port);
}

static inline void fake_hang_up(struct fake_collector *fake)
{
	if (fake->connection >= 0)
		close(fake->connection);
	fake->connection = -1;
}

static inline void fake_leave(struct fake_collector *fake)
{
	fake_hang_up(fake);
	if (fake->listener >= 0)
		close(fake->listener);
	fake->listener = -1;
}

static inline void fake_close(struct fake_collector *fake)
{
	fake_leave(fake);
	if (fake->check)
		ipfix_check_destroy(fake->check);
	free(fake->octets);
	free(fake);
}

static inline void fake_cut_stream(struct fake_collector *fake)
{
	size_t at = 0;
	int length;

	while ((length = ipfix_reader_split(fake->octets + at, fake->waiting - at)) > 0) {
		fake_take_message(fake, fake->octets + at, (size_t)length);
		at += (size_t)length;
	}
	ck_assert_int_eq(length, 0);
	fake->waiting -= at;
	memmove(fake->octets, fake->octets + at, fake->waiting);
}

/* Takes a connection that waits, when there is none. */
static inline bool fake_accept(struct fake_collector *fake)
{
	if (fake->stream && fake->connection < 0 && fake->listener >= 0) {
		fake->connection = accept4(fake->listener, NULL, NULL, SOCK_NONBLOCK);
		if (fake->connection >= 0)
			fake_begin_session(fake);
	}
	return fake->connection >= 0;
}

/* Reads at most about `max` octets of what is there; true when there was something. */
static inline bool fake_read_some(struct fake_collector *fake, size_t max)
{
	int fd = fake->listener;
	size_t before = 0;

	if (fake->stream) {
		if (!fake_accept(fake))
			return false;
		fd = fake->connection;
		before = fake->waiting;
	}
	if (max > FAKE_BUFFER_BYTES - before)
		max = FAKE_BUFFER_BYTES - before;
	ssize_t got = fd < 0 ? -1 : recv(fd, fake->octets + before, max, MSG_DONTWAIT);
	if (got <= 0) {
		if (got == 0 && fake->stream)
			fake_hang_up(fake);
		return false;
	}
	if (!fake->stream) {
		fake_take_message(fake, fake->octets, (size_t)got);
		return true;
	}
	fake->waiting += (size_t)got;
	fake_cut_stream(fake);
	return true;
}

/* All that is there. */
static inline void fake_read(struct fake_collector *fake)
{
	while (fake_read_some(fake, FAKE_BUFFER_BYTES))
		;
}

static inline uint64_t fake_missing(const struct fake_collector *fake)
{
	return ipfix_check_totals(fake->check)->missing;
}

/* No rule is broken but, perhaps, the one that is excused (0: none is). */
static inline void fake_judge(struct fake_collector *fake, unsigned int excused)
{
	ipfix_check_finish(fake->check);
	for (unsigned int i = 0; i < ipfix_rule_count; i++) {
		unsigned int count;
		const struct ipfix_finding *first = ipfix_check_examples(fake->check, i, &count);
		if (count > 0 && ipfix_rules[i].number != excused)
			ck_abort_msg("IPX-%u in message %llu: %s", ipfix_rules[i].number,
					(unsigned long long)first->spot.message, first->sentence);
	}
}

#endif
