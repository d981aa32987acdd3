/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where bursts of packets come from: a NIC queue (source_port.h) or capture files
 * (source_replay.h). The worker sees only this: receive a burst, decode it, release it.
 */
#ifndef SOURCE_H
#define SOURCE_H

#include "base_cacheline.h"
#include "packet_meta.h"

#include <stdint.h>

#define SOURCE_BURST_MAX 64

struct source_packet {
	const uint8_t *data;
	uint32_t captured_bytes; /* readable at data */
	uint32_t wire_bytes; /* length of the frame on the wire */
	int64_t time_ns; /* wall clock */
	uint16_t port; /* index of the port of entry */
	uint8_t link; /* enum packet_link */
	uint8_t reserved[5];
};
static_assert(sizeof(struct source_packet) == 32, "two a cache line");

enum source_event {
	SOURCE_NONE, /* go on */
	SOURCE_REWIND, /* time went back: end all flows before this burst, and set the clock back */
	SOURCE_END, /* no more packets, ever */
};

struct source_burst {
	struct source_packet packets[SOURCE_BURST_MAX];
	void *owned[SOURCE_BURST_MAX]; /* what release gives back: mbufs, or unused */
	uint32_t count;
	enum source_event event; /* applies before the packets of this burst */
	/*
	 * The time to which flows may be aged after this burst, wall clock: the present (a port),
	 * or the newest time stamp that was read from the files by then, by whichever worker
	 * (replay).
	 */
	int64_t clock_ns;
	uint32_t backwards; /* packets of this burst older than one before them */
};

struct source;

struct source_ops {
	/* Fills *burst with at most `max` packets; never blocks longer than about a millisecond. */
	void (*receive)(struct source *source, struct source_burst *burst, uint32_t max);
	/* Gives the packets of *burst back; their data is gone afterwards. */
	void (*release)(struct source *source, struct source_burst *burst);
	void (*destroy)(struct source *source);
};

/* First member of each kind of source. One worker, and only that one, calls receive and release. */
struct source {
	const struct source_ops *ops;
	const char *name;
};

static inline void source_receive(struct source *source, struct source_burst *burst, uint32_t max)
{
	source->ops->receive(source, burst, max);
}

static inline void source_release(struct source *source, struct source_burst *burst)
{
	source->ops->release(source, burst);
}

static inline void source_destroy(struct source *source)
{
	if (source)
		source->ops->destroy(source);
}

#endif
