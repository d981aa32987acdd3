/* SPDX-License-Identifier: BSD-3-Clause */
/* Capture files for the tests of the source module, made octet by octet and held in memory. */
#ifndef SOURCE_BUILD_H
#define SOURCE_BUILD_H

#include <check.h>

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SEC INT64_C(1000000000)
#define PCAP_MICRO 0xa1b2c3d4
#define PCAP_NANO 0xa1b23c4d
#define BASE_SEC 1700000000

struct octets {
	uint8_t *data;
	size_t len, room;
	bool swapped; /* write in the other byte order */
};

static inline void octets_free(struct octets *o)
{
	free(o->data);
	*o = (struct octets){0};
}

static inline void put(struct octets *o, const void *data, size_t len)
{
	if (o->len + len > o->room) {
		o->room = (o->len + len) * 2;
		o->data = realloc(o->data, o->room);
		ck_assert_ptr_nonnull(o->data);
	}
	if (len > 0)
		memcpy(o->data + o->len, data, len);
	o->len += len;
}

static inline void put_u16(struct octets *o, uint16_t value)
{
	value = o->swapped ? __builtin_bswap16(value) : value;
	put(o, &value, sizeof(value));
}

static inline void put_u32(struct octets *o, uint32_t value)
{
	value = o->swapped ? __builtin_bswap32(value) : value;
	put(o, &value, sizeof(value));
}

static inline void put_zero(struct octets *o, size_t len)
{
	while (len-- > 0)
		put(o, "", 1);
}

static inline void pcap_begin(struct octets *o, uint32_t magic, uint32_t snap, uint32_t link)
{
	put_u32(o, magic);
	put_u16(o, 2);
	put_u16(o, 4);
	put_zero(o, 8);
	put_u32(o, snap);
	put_u32(o, link);
}

static inline void pcap_packet(struct octets *o, uint32_t sec, uint32_t fraction, const void *data,
		uint32_t captured, uint32_t wire)
{
	put_u32(o, sec);
	put_u32(o, fraction);
	put_u32(o, captured);
	put_u32(o, wire);
	put(o, data, captured);
}

/* Ethernet, IPv4, UDP: `len` octets (42 at least), filled with what the ports say. */
static inline void make_udp(uint8_t *frame, uint32_t len, uint32_t from, uint32_t to,
		uint16_t from_port, uint16_t to_port)
{
	const uint16_t words[] = {len - 14, from_port, to_port, len - 34};
	const uint8_t at[] = {16, 34, 36, 38};

	memset(frame, from_port ^ to_port, len);
	memset(frame, 2, 12);
	memcpy(frame + 12, "\x08\x00\x45\x00", 4);
	memset(frame + 18, 0, 8);
	frame[22] = 64;
	frame[23] = 17;
	for (int i = 0; i < 4; i++) {
		frame[at[i]] = (uint8_t)(words[i] >> 8);
		frame[at[i] + 1] = (uint8_t)words[i];
		frame[26 + i] = (uint8_t)(from >> (24 - 8 * i));
		frame[30 + i] = (uint8_t)(to >> (24 - 8 * i));
	}
}

#define PACKETS 20000
#define FLOWS 500

/* Flow i, either direction; the octets name the flow, not the direction. */
static inline uint32_t make_flow(uint8_t *frame, uint32_t flow, bool reply)
{
	uint32_t len = 60 + flow % 100;
	uint32_t client = 0x0a000000 + flow, server = 0xc0a80000 + flow % 7;
	uint16_t port = (uint16_t)(20000 + flow);

	if (reply)
		make_udp(frame, len, server, client, 53, port);
	else
		make_udp(frame, len, client, server, port, 53);
	return len;
}

/* Packets of many flows, in both directions, 1 ms apart, a late one now and then, some no IP at
 * all. */
static inline void make_traffic(struct octets *o)
{
	uint8_t frame[200];

	*o = (struct octets){0};
	pcap_begin(o, PCAP_NANO, 65535, 1);
	for (uint32_t i = 0; i < PACKETS; i++) {
		uint32_t flow = i * 7919 % FLOWS;
		uint32_t len = make_flow(frame, flow, i % 3 == 0);
		uint32_t ms = i % 50 == 49 ? i - 30 : i;

		if (i % 100 == 17)
			frame[12] = 0x88;
		pcap_packet(o, BASE_SEC + ms / 1000, ms % 1000 * 1000000 + flow, frame, len, len);
	}
}

static inline size_t ng_begin(struct octets *o, uint32_t type)
{
	put_u32(o, type);
	put_u32(o, 0);
	return o->len - 8;
}

static inline void ng_end(struct octets *o, size_t start)
{
	put_zero(o, -(o->len - start) & 3);
	uint32_t total = (uint32_t)(o->len - start) + 4;
	put_u32(o, total);
	memcpy(o->data + start + 4, o->data + o->len - 4, 4);
}

static inline void ng_section(struct octets *o)
{
	size_t start = ng_begin(o, 0x0a0d0d0a);

	put_u32(o, 0x1a2b3c4d);
	put_u16(o, 1);
	put_u16(o, 0);
	put(o, "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
	ng_end(o, start);
}

/* resolution < 0: no option, microseconds */
static inline void ng_interface(struct octets *o, uint16_t link, uint32_t snap, int resolution)
{
	size_t start = ng_begin(o, 1);

	put_u16(o, link);
	put_u16(o, 0);
	put_u32(o, snap);
	if (resolution >= 0) {
		uint8_t value[4] = {(uint8_t)resolution};

		put_u16(o, 2); /* if_name */
		put_u16(o, 3);
		put(o, "lo0\0", 4);
		put_u16(o, 9);
		put_u16(o, 1);
		put(o, value, 4);
		put_u32(o, 0);
	}
	ng_end(o, start);
}

static inline void ng_packet(struct octets *o, uint32_t interface, uint64_t ticks, const void *data,
		uint32_t captured, uint32_t wire)
{
	size_t start = ng_begin(o, 6);

	put_u32(o, interface);
	put_u32(o, (uint32_t)(ticks >> 32));
	put_u32(o, (uint32_t)ticks);
	put_u32(o, captured);
	put_u32(o, wire);
	put(o, data, captured);
	ng_end(o, start);
}

/* A regular file in memory; `path` holds 32 octets. Returns its descriptor: close it. */
static inline int file_make(const void *data, size_t len, char *path)
{
	int fd = memfd_create("capture", MFD_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	for (size_t done = 0; done < len;) {
		ssize_t n = write(fd, (const uint8_t *)data + done, len - done);
		ck_assert_int_gt(n, 0);
		done += (size_t)n;
	}
	snprintf(path, 32, "/proc/self/fd/%d", fd);
	return fd;
}

#endif
