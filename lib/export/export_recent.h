/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The last messages that an exporter sent, so that someone may look at them while it runs: the
 * newest templates, and the newest messages after one another. The exporter's thread adds, any
 * thread copies.
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
	bool announcing; /* the last message held templates */
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
	bool templates; /* sent before the others, not necessarily right before */
	int64_t sent_ns;
};

/*
 * A copy of what is kept: templates first, then the messages in the order they were sent. *list is
 * one piece of memory that the caller frees. Returns how many, or -ENOMEM.
 */
int export_recent_copy(
		struct export_recent *recent, struct export_recent_message **list) BASE_MUST_CHECK;

#endif
