/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The last messages that an exporter sent, so that someone may look at them while it runs. The
 * exporter's thread adds, any thread copies.
 *
 *     | templates |    | message | message | templates | message |
 *       ^ those that the ring let go last      ^ all of them, in a ring
 *
 * Invariant: the newest messages stand as they were sent, templates among them, for numbers and
 * times go on from each to the next; what they need of templates is among them or kept beside them.
 */
#ifndef EXPORT_RECENT_H
#define EXPORT_RECENT_H

#include "base_cacheline.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* Templates of all kinds are about 4 KiB, over a narrow path twice that. */
#define EXPORT_RECENT_TEMPLATE_BYTES 16384u
/* Some 90 datagrams, or at least 8 of the largest messages over TCP and in files. */
#define EXPORT_RECENT_BYTES 131072u

struct export_recent {
	pthread_mutex_t lock;
	uint8_t *octets; /* both parts, templates first; NULL: nothing is kept */
	uint32_t template_bytes;
	bool keeping; /* the message that the ring let go last held templates */
	/* of the second part: a ring of messages, each behind its struct export_recent_head */
	uint32_t begin, used;
};

/* 0 or -ENOMEM. */
int export_recent_init(struct export_recent *recent) BASE_MUST_CHECK;
void export_recent_fini(struct export_recent *recent);

/* A message was sent. templates: it holds templates and no data. sent_ns: wall clock. */
void export_recent_add(struct export_recent *recent, const uint8_t *octets, uint32_t length,
		bool templates, int64_t sent_ns);
/* Nothing that was sent before means anything now: a new session. */
void export_recent_clear(struct export_recent *recent);

/* A message of a copy. */
struct export_recent_message {
	const uint8_t *octets;
	uint32_t length;
	bool earlier; /* templates, sent before the others, but not right before */
	int64_t sent_ns;
};

/*
 * A copy of what is kept: earlier templates, then the messages as they were sent. *list is one
 * piece of memory that the caller frees. Returns how many, or -ENOMEM.
 */
int export_recent_copy(
		struct export_recent *recent, struct export_recent_message **list) BASE_MUST_CHECK;

#endif
