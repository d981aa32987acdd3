/* SPDX-License-Identifier: BSD-3-Clause */
#include "export_messages.h"

#include "export_queue.h"

#include <errno.h>
#include <sys/mman.h>

#define ALIGNMENT 8

static_assert(sizeof(struct export_message_head) % ALIGNMENT == 0, "messages stay aligned");

int export_messages_init(struct export_messages *queue, size_t size)
{
	/* pages of its own, which can be given back */
	void *octets = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (octets == MAP_FAILED)
		return -errno;
	*queue = (struct export_messages){.size = size, .octets = octets};
	return 0;
}

void export_messages_fini(struct export_messages *queue)
{
	if (queue->octets)
		munmap(queue->octets, queue->size);
	*queue = (struct export_messages){0};
}

static size_t room_of(uint32_t bytes)
{
	return (sizeof(struct export_message_head) + bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static void start_over(struct export_messages *queue)
{
	queue->head = 0;
	queue->tail = 0;
	queue->limit = 0;
	if (queue->peak <= EXPORT_QUEUE_KEEP_BYTES)
		return;
	/* after a backlog: an empty queue has no use for the pages it grew into */
	madvise(queue->octets + EXPORT_QUEUE_KEEP_BYTES, queue->size - EXPORT_QUEUE_KEEP_BYTES,
			MADV_DONTNEED);
	queue->peak = 0;
}

uint8_t *export_messages_reserve(struct export_messages *queue, uint32_t bytes)
{
	size_t need = room_of(bytes);

	if (export_messages_is_empty(queue)) /* what is used again stays in the cache */
		start_over(queue);
	if (queue->limit) {
		/* one octet stays free: head == tail means empty */
		if (queue->head - queue->tail <= need)
			return NULL;
	} else if (queue->size - queue->tail < need) {
		if (queue->head <= need)
			return NULL;
		queue->limit = queue->tail;
		queue->tail = 0;
	}
	return queue->octets + queue->tail + sizeof(struct export_message_head);
}

static struct export_message_head *head_at(const struct export_messages *queue, size_t offset)
{
	return (struct export_message_head *)(void *)(queue->octets + offset);
}

void export_messages_publish(struct export_messages *queue, const struct ipfix_message *message)
{
	struct export_message_head *head = head_at(queue, queue->tail);

	*head = (struct export_message_head){
			.length = message->length,
			.room = (uint32_t)room_of(message->length),
			.records = message->records,
			.data_records = message->data_records,
			.flow_records = message->flow_records,
			.flow_packets = message->flow_packets,
			.flow_octets = message->flow_octets,
	};
	queue->tail += head->room;
	if (queue->tail > queue->peak)
		queue->peak = queue->tail;
	queue->waiting.messages++;
	queue->waiting.records += message->flow_records;
	queue->waiting.packets += message->flow_packets;
	queue->waiting.octets += message->flow_octets;
}

/* Where the message behind the one at `offset` begins. */
static size_t next_of(const struct export_messages *queue, size_t offset)
{
	offset += head_at(queue, offset)->room;
	return queue->limit && offset == queue->limit ? 0 : offset;
}

unsigned int export_messages_peek(const struct export_messages *queue, struct iovec *pieces,
		struct export_message_head **heads, unsigned int max)
{
	size_t at = queue->limit && queue->head == queue->limit ? 0 : queue->head;
	unsigned int count = 0;

	for (; count < max && count < queue->waiting.messages; count++) {
		struct export_message_head *head = head_at(queue, at);
		uint32_t torn = count == 0 ? queue->torn : 0;
		heads[count] = head;
		pieces[count] = (struct iovec){
				export_messages_octets(head) + torn, head->length - torn};
		at = next_of(queue, at);
	}
	return count;
}

static void leave_upper_part(struct export_messages *queue)
{
	if (queue->limit == 0 || queue->head < queue->limit)
		return;
	queue->head = 0;
	queue->limit = 0;
}

struct export_load export_messages_drop(struct export_messages *queue)
{
	leave_upper_part(queue);
	struct export_message_head *head = head_at(queue, queue->head);
	struct export_load load = {1, head->flow_records, head->flow_packets, head->flow_octets};

	queue->head += head->room;
	leave_upper_part(queue);
	queue->torn = 0;
	if (queue->stamped > 0)
		queue->stamped--;
	export_load_subtract(&queue->waiting, &load);
	return load;
}

void export_messages_accept(struct export_messages *queue, size_t octets, struct export_load *done)
{
	struct export_message_head *head;
	struct iovec piece;

	while (octets > 0 && export_messages_peek(queue, &piece, &head, 1) == 1) {
		if (octets < piece.iov_len) {
			queue->torn += (uint32_t)octets;
			return;
		}
		octets -= piece.iov_len;
		struct export_load load = export_messages_drop(queue);
		export_load_add(done, &load);
	}
}

void export_messages_rewind(struct export_messages *queue)
{
	queue->torn = 0;
	queue->stamped = 0;
}

struct export_load export_messages_clear(struct export_messages *queue)
{
	struct export_load load = queue->waiting;

	queue->waiting = (struct export_load){0};
	export_messages_rewind(queue);
	start_over(queue);
	return load;
}
