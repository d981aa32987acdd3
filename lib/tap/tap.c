/* SPDX-License-Identifier: BSD-3-Clause */
#include "tap.h"

#include "base_clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CLOSE_WAIT_NS BASE_NS_PER_SEC
#define CLOSE_POLL_NS (100 * INT64_C(1000))

enum state { OFF, ON, CLOSING };

struct tap {
	/* read-only after create */
	const struct packet_policy *policy;

	/* shared */
	_Atomic int state BASE_CACHE_ALIGNED; /* reader: ON, CLOSING; worker: OFF */
	atomic_bool gone; /* worker: it has left */
	_Atomic uint64_t taken, missed; /* worker writes */
	_Atomic uint32_t head; /* worker writes: slots that are whole */
	_Atomic uint32_t tail BASE_CACHE_ALIGNED; /* reader writes: slots that are free again */

	/* reader writes while OFF, worker reads while ON */
	uint32_t count;
	struct filter *filter; /* NULL: any packet */

	/* worker only */
	uint32_t next BASE_CACHE_ALIGNED; /* head, with those of this turn */
	uint32_t left;
	bool began;
	uint32_t first_metas[TAP_SLOTS];

	struct tap_packet slots[TAP_SLOTS] BASE_CACHE_ALIGNED;
};

int tap_create(struct tap **out, const struct packet_policy *policy)
{
	struct tap *tap = aligned_alloc(BASE_CACHE_LINE_BYTES, sizeof(*tap));

	if (!tap)
		return -ENOMEM;
	memset(tap, 0, sizeof(*tap));
	tap->policy = policy;
	*out = tap;
	return 0;
}

void tap_destroy(struct tap *tap)
{
	if (!tap)
		return;
	filter_destroy(tap->filter);
	free(tap);
}

int tap_open(struct tap *tap, uint32_t count, const char *expression, char *error,
		size_t error_bytes)
{
	struct filter *filter = NULL;

	if (atomic_load_explicit(&tap->state, memory_order_acquire) != OFF)
		return -EBUSY;
	if (expression && *expression) {
		int rc = filter_create(&filter, expression, error, error_bytes);
		if (rc < 0)
			return rc;
	}
	filter_destroy(tap->filter);
	tap->filter = filter;
	tap->count = count;
	atomic_store_explicit(&tap->taken, 0, memory_order_relaxed);
	atomic_store_explicit(&tap->missed, 0, memory_order_relaxed);
	atomic_store_explicit(&tap->tail, atomic_load_explicit(&tap->head, memory_order_relaxed),
			memory_order_relaxed);
	/* release: the worker that sees ON sees what is above */
	atomic_store_explicit(&tap->state, ON, memory_order_release);
	return 0;
}

void tap_close(struct tap *tap)
{
	const struct timespec pause = {.tv_nsec = CLOSE_POLL_NS};
	int64_t until_ns = base_clock_mono_ns() + CLOSE_WAIT_NS;
	int expected = ON;

	if (!atomic_compare_exchange_strong_explicit(&tap->state, &expected, CLOSING,
			    memory_order_acq_rel, memory_order_acquire))
		return;
	/* acquire: pairs with the worker's release; the filter is ours again */
	while (atomic_load_explicit(&tap->state, memory_order_acquire) != OFF
			&& !atomic_load_explicit(&tap->gone, memory_order_acquire)
			&& base_clock_mono_ns() < until_ns)
		nanosleep(&pause, NULL);
	if (atomic_load_explicit(&tap->gone, memory_order_acquire))
		atomic_store_explicit(&tap->state, OFF, memory_order_release);
}

bool tap_read(struct tap *tap, struct tap_packet *packet)
{
	uint32_t tail = atomic_load_explicit(&tap->tail, memory_order_relaxed);

	/* acquire: pairs with the release in tap_commit() */
	if (tail == atomic_load_explicit(&tap->head, memory_order_acquire))
		return false;
	*packet = tap->slots[tail % TAP_SLOTS];
	/* release: the worker may write the slot once it sees this */
	atomic_store_explicit(&tap->tail, tail + 1, memory_order_release);
	return true;
}

uint64_t tap_taken(const struct tap *tap)
{
	return atomic_load_explicit(&tap->taken, memory_order_relaxed);
}

uint64_t tap_missed(const struct tap *tap)
{
	return atomic_load_explicit(&tap->missed, memory_order_relaxed);
}

const struct packet_policy *tap_policy(const struct tap *tap)
{
	return tap->policy;
}

bool tap_is_on(struct tap *tap)
{
	/* acquire: pairs with tap_open() */
	int state = atomic_load_explicit(&tap->state, memory_order_acquire);

	if (BASE_LIKELY(state == OFF))
		return false;
	if (state == CLOSING) {
		tap->began = false;
		/* release: the worker is done with count and filter */
		atomic_store_explicit(&tap->state, OFF, memory_order_release);
		return false;
	}
	if (!tap->began) {
		tap->began = true;
		tap->left = tap->count;
		tap->next = atomic_load_explicit(&tap->head, memory_order_relaxed);
	}
	return tap->left > 0;
}

uint32_t tap_room(const struct tap *tap)
{
	/* acquire: pairs with tap_read() */
	return TAP_SLOTS - (tap->next - atomic_load_explicit(&tap->tail, memory_order_acquire));
}

void tap_take(struct tap *tap, const struct tap_offer *offer)
{
	const struct packet_frame *frame = offer->frame;

	if (tap->left == 0
			|| (tap->filter
					&& !filter_matches(tap->filter, frame->link, frame->data,
							frame->captured_bytes, frame->wire_bytes)))
		return;
	if (tap_room(tap) == 0) {
		atomic_fetch_add_explicit(&tap->missed, 1, memory_order_relaxed);
		return;
	}
	struct tap_packet *slot = &tap->slots[tap->next % TAP_SLOTS];
	tap->first_metas[tap->next % TAP_SLOTS] = offer->first_meta;
	tap->next++;
	tap->left--;
	slot->time_ns = offer->time_ns;
	slot->flow_ids[0] = slot->flow_ids[1] = 0;
	slot->captured_bytes = frame->captured_bytes;
	slot->wire_bytes = frame->wire_bytes;
	slot->kept_bytes = frame->captured_bytes < TAP_SNAP_BYTES ? frame->captured_bytes
								  : TAP_SNAP_BYTES;
	slot->port = offer->port;
	slot->link = (uint8_t)frame->link;
	slot->verdict = (uint8_t)offer->verdict;
	slot->views = (uint8_t)offer->views;
	memcpy(slot->octets, frame->data, slot->kept_bytes);
}

void tap_commit(struct tap *tap, const struct flow_table *table, const struct packet_meta *metas)
{
	uint32_t head = atomic_load_explicit(&tap->head, memory_order_relaxed);

	for (uint32_t i = head; i != tap->next; i++) {
		struct tap_packet *slot = &tap->slots[i % TAP_SLOTS];
		for (uint32_t view = 0; view < slot->views; view++)
			slot->flow_ids[view] = flow_table_id(
					table, &metas[tap->first_metas[i % TAP_SLOTS] + view]);
	}
	atomic_fetch_add_explicit(&tap->taken, tap->next - head, memory_order_relaxed);
	/* release: who sees the head sees the slots */
	atomic_store_explicit(&tap->head, tap->next, memory_order_release);
}

void tap_leave(struct tap *tap)
{
	/* release: pairs with tap_close() */
	atomic_store_explicit(&tap->gone, true, memory_order_release);
}
