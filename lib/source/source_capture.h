/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One capture file, packet by packet.
 *
 * Three readers share the work, chosen by the first octets of the file:
 *
 *   source_pcap    pcap 2.4, micro- and nanosecond, both byte orders, of a link type that weir
 * reads: what everybody has. Parses in place. source_pcapng  pcapng, any number of sections and
 * interfaces, each with its own link type (libpcap stops at the second link type). Parses in place.
 *   source_libpcap everything else that libpcap reads: modified formats, ancient versions, other
 *                  link types. Copies each packet.
 *
 * libpcap is also the oracle of the tests for the first two.
 */
#ifndef SOURCE_CAPTURE_H
#define SOURCE_CAPTURE_H

#include "source.h"
#include "source_input.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* libpcap's limit for what one packet of a common link type may hold: more is damage. */
#define SOURCE_PACKET_MAX_BYTES 262144

/* The largest time stamp that is kept (year 2255): timeouts can be added without overflow. */
#define SOURCE_TIME_MAX_NS (INT64_C(9000000000) * 1000000000)

/* What one step of reading came to. */
enum source_step {
	SOURCE_STEP_PACKET,
	SOURCE_STEP_MORE, /* refill before the next step */
	SOURCE_STEP_END,
	SOURCE_STEP_BROKEN, /* the file cannot be read further; `message` says why */
};

struct source_capture;

struct source_format {
	/* `magic` octets of the file are there. PACKET stands for: opened. */
	enum source_step (*open)(struct source_capture *capture);
	enum source_step (*next)(struct source_capture *capture, struct source_packet *packet);
	int (*refill)(struct source_capture *capture, struct source_chunk *to); /* NULL: in place */
	void (*close)(struct source_capture *capture); /* or NULL */
};

struct source_pcap {
	uint32_t snap_bytes;
	uint32_t fraction_ns; /* of the time stamp's second word: 1 or 1000 */
	bool swapped;
	uint8_t link;
};

struct source_pcapng_interface {
	uint64_t per_second; /* ticks */
	int64_t offset_sec;
	uint32_t snap_bytes;
	uint32_t tick_ns; /* when a tick is a whole number of ns, else 0 */
	uint8_t link;
};

struct source_pcapng {
	struct source_pcapng_interface *interfaces;
	uint32_t count, room;
	bool swapped;
};

struct source_libpcap {
	struct pcap *pcap;
	struct source_chunk raw; /* what libpcap has not read yet */
	struct source_chunk *out; /* packets are copied here */
	size_t out_used;
	const uint8_t *waiting; /* a packet that did not fit into `out` any more */
	struct source_packet waiting_packet;
	uint8_t link;
};

struct source_capture {
	struct source_input input;
	const struct source_format *format; /* NULL until the first octets tell */
	size_t need; /* unread octets without which `next` cannot go on */
	uint64_t packets; /* read so far */
	int64_t clock_ns; /* set by the caller: the time of packets that carry none */
	char message[192];
	union {
		struct source_pcap pcap;
		struct source_pcapng pcapng;
		struct source_libpcap libpcap;
	};
};

/*
 * Opens a file; 0 or -errno. The first source_capture_next() says MORE. One thread owns a capture.
 * `stop` is read through the file's life.
 */
int source_capture_open(struct source_capture *capture, const char *path,
		const atomic_bool *stop) BASE_MUST_CHECK;
void source_capture_close(struct source_capture *capture);

/*
 * The next packet; its data lies in the chunk of the last refill. wire_bytes >= captured_bytes
 * always: where a file says otherwise, the octets that are there were on the wire.
 */
enum source_step source_capture_next(struct source_capture *capture, struct source_packet *packet);

/*
 * After MORE: goes on in chunk `to`, which no packet in use may point into. 0, -ECANCELED (stopped)
 * or -errno.
 */
int source_capture_refill(struct source_capture *capture, struct source_chunk *to) BASE_MUST_CHECK;

/* Octets of the file that are parsed. */
uint64_t source_capture_parsed_bytes(const struct source_capture *capture);

/* For the formats: sets the message; returns BROKEN. */
enum source_step source_capture_broken(struct source_capture *capture, const char *format, ...)
		__attribute__((format(printf, 2, 3)));
/*
 * For the formats, when fewer than `need` octets of `what` are unread: MORE, or at the file's end
 * BROKEN.
 */
enum source_step source_capture_short(
		struct source_capture *capture, size_t need, const char *what);

int64_t source_time_clamp(__int128 time_ns);

extern const struct source_format source_pcap_format;
extern const struct source_format source_pcapng_format;
extern const struct source_format source_libpcap_format;

/* Whether source_pcap reads the file that starts with these 24 octets. */
#define SOURCE_PCAP_HEADER_BYTES 24
bool source_pcap_match(const uint8_t *header);
/* Whether source_pcapng reads the file that starts with these 12 octets. */
#define SOURCE_PCAPNG_MAGIC_BYTES 12
bool source_pcapng_match(const uint8_t *header);

#endif
