/* SPDX-License-Identifier: BSD-3-Clause */
#include "ring_records.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>

struct ring_records {
	/* read-only after init */
	uint32_t capacity;
	uint32_t record_bytes;
	uint32_t record_version;
	uint32_t reserved;
	uint64_t mask;

	/* producer writes, consumer reads */
	_Atomic uint64_t head BASE_CACHE_ALIGNED;
	uint64_t tail_seen; /* producer only: its copy of tail */

	/* consumer writes, producer reads */
	_Atomic uint64_t tail BASE_CACHE_ALIGNED;
	uint64_t head_seen; /* consumer only: its copy of head */

	struct flow_record slots[] BASE_CACHE_ALIGNED;
};
static_assert(__builtin_offsetof(struct ring_records, head) == 64, "documented layout");
static_assert(__builtin_offsetof(struct ring_records, tail) == 128, "documented layout");
static_assert(__builtin_offsetof(struct ring_records, slots) == 192, "documented layout");

static bool capacity_valid(uint32_t capacity)
{
	return capacity >= 2 && capacity <= UINT32_C(1) << 28 && (capacity & (capacity - 1)) == 0;
}

size_t ring_memory_bytes(uint32_t capacity)
{
	return sizeof(struct ring_records) + (size_t)capacity * sizeof(struct flow_record);
}

int ring_init(struct ring_records **out, const struct base_region *region, uint32_t capacity)
{
	if (!capacity_valid(capacity) || region->payload_bytes < ring_memory_bytes(capacity))
		return -EINVAL;
	struct ring_records *ring = region->payload;
	ring->capacity = capacity;
	ring->record_bytes = sizeof(struct flow_record);
	ring->record_version = FLOW_RECORD_VERSION;
	ring->mask = capacity - 1;
	ring->tail_seen = ring->head_seen = 0;
	atomic_init(&ring->head, 0);
	atomic_init(&ring->tail, 0);
	*out = ring;
	return 0;
}

uint32_t ring_reserve(struct ring_records *ring, uint32_t wanted, struct flow_record **slots,
		uint64_t *first, uint64_t *mask)
{
	/* relaxed: only this thread stores head */
	uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
	uint64_t room = ring->capacity - (head - ring->tail_seen);

	if (room < wanted) {
		/* acquire: the consumer has read the slots it gave back; pairs with ring_release()
		 */
		ring->tail_seen = atomic_load_explicit(&ring->tail, memory_order_acquire);
		room = ring->capacity - (head - ring->tail_seen);
	}
	*slots = ring->slots;
	*first = head;
	*mask = ring->mask;
	return room < wanted ? (uint32_t)room : wanted;
}

void ring_publish(struct ring_records *ring, uint32_t count)
{
	/* relaxed: only this thread stores head */
	uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);

	/* release: the records are written before they can be seen; pairs with ring_peek() */
	atomic_store_explicit(&ring->head, head + count, memory_order_release);
}

const struct flow_record *ring_peek(struct ring_records *ring, uint32_t wanted, uint32_t *count)
{
	/* relaxed: only this thread stores tail */
	uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
	uint64_t ready = ring->head_seen - tail;

	if (ready < wanted) {
		/* acquire: the records up to head are whole; pairs with ring_publish() */
		ring->head_seen = atomic_load_explicit(&ring->head, memory_order_acquire);
		ready = ring->head_seen - tail;
	}
	uint64_t to_end = ring->capacity - (tail & ring->mask);
	if (ready > to_end)
		ready = to_end;
	*count = ready < wanted ? (uint32_t)ready : wanted;
	return *count ? &ring->slots[tail & ring->mask] : NULL;
}

void ring_release(struct ring_records *ring, uint32_t count)
{
	/* relaxed: only this thread stores tail */
	uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);

	/* release: the slots are read before they can be written again; pairs with ring_reserve()
	 */
	atomic_store_explicit(&ring->tail, tail + count, memory_order_release);
}

uint32_t ring_capacity(const struct ring_records *ring)
{
	return ring->capacity;
}

uint64_t ring_produced(const struct ring_records *ring)
{
	/* acquire: who reads `consumed` first and this second never sees more consumed than
	 * produced */
	return atomic_load_explicit(&ring->head, memory_order_acquire);
}

uint64_t ring_consumed(const struct ring_records *ring)
{
	/* acquire: orders this read before a later ring_produced() */
	return atomic_load_explicit(&ring->tail, memory_order_acquire);
}
