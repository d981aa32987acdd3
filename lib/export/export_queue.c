/* SPDX-License-Identifier: BSD-3-Clause */
#include "export_queue.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

int export_queue_init(struct export_queue *queue, size_t size)
{
	/* pages of its own, which can be given back */
	void *octets = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (octets == MAP_FAILED)
		return -errno;
	*queue = (struct export_queue){.size = size, .octets = octets};
	return 0;
}

void export_queue_fini(struct export_queue *queue)
{
	if (queue->octets)
		munmap(queue->octets, queue->size);
	*queue = (struct export_queue){0};
}

char *export_queue_reserve(struct export_queue *queue, size_t need)
{
	if (queue->limit) /* one octet stays free: head == tail means empty */
		return queue->head - queue->tail > need ? queue->octets + queue->tail : NULL;
	if (queue->size - queue->tail >= need)
		return queue->octets + queue->tail;
	if (queue->head <= need)
		return NULL;
	queue->limit = queue->tail;
	queue->tail = 0;
	return queue->octets;
}

void export_queue_publish(struct export_queue *queue, size_t len)
{
	queue->tail += len;
	if (queue->tail > queue->peak)
		queue->peak = queue->tail;
	queue->lines++;
}

size_t export_queue_bytes(const struct export_queue *queue)
{
	size_t used = queue->limit ? queue->limit - queue->head + queue->tail
				   : queue->tail - queue->head;

	return used - queue->torn;
}

int export_queue_peek(const struct export_queue *queue, size_t max, struct iovec pieces[2])
{
	size_t start = queue->head + queue->torn;
	size_t end = queue->limit ? queue->limit : queue->tail;
	size_t upper = end - start < max ? end - start : max;
	size_t lower = queue->limit ? queue->tail : 0;
	int count = 0;

	if (lower > max - upper)
		lower = max - upper;
	if (upper > 0)
		pieces[count++] = (struct iovec){queue->octets + start, upper};
	if (lower > 0)
		pieces[count++] = (struct iovec){queue->octets, lower};
	return count;
}

/* Octets up to and with the last newline in text[len]; 0 when there is none. */
static size_t whole_lines(const char *text, size_t len)
{
	const char *last = memrchr(text, '\n', len);

	return last ? (size_t)(last - text) + 1 : 0;
}

size_t export_queue_fit(const struct export_queue *queue, size_t max)
{
	struct iovec pieces[2];
	int count = export_queue_peek(queue, max, pieces);

	if (count == 2) /* the upper piece is whole then: it ends with a line */
		return pieces[0].iov_len + whole_lines(pieces[1].iov_base, pieces[1].iov_len);
	return count == 1 ? whole_lines(pieces[0].iov_base, pieces[0].iov_len) : 0;
}

static uint64_t count_lines(const char *text, size_t len)
{
	const char *end = text + len;
	uint64_t lines = 0;

	while ((text = memchr(text, '\n', (size_t)(end - text))) != NULL) {
		lines++;
		text++;
	}
	return lines;
}

/* Accepts within one part of the ring. */
static uint64_t accept_part(struct export_queue *queue, size_t len)
{
	size_t octets = queue->torn + len;
	const char *first = queue->octets + queue->head;
	size_t whole = whole_lines(first, octets);

	queue->head += whole;
	queue->torn = octets - whole;
	return count_lines(first, whole);
}

uint64_t export_queue_accept(struct export_queue *queue, size_t len)
{
	uint64_t lines = 0;

	if (len == export_queue_bytes(queue)) /* most often: all of it, nothing to count */
		return export_queue_clear(queue);
	if (queue->limit) {
		size_t upper = queue->limit - queue->head - queue->torn;
		size_t part = len < upper ? len : upper;

		lines = accept_part(queue, part);
		len -= part;
		if (queue->head < queue->limit)
			goto out;
		queue->head = 0;
		queue->limit = 0;
	}
	lines += accept_part(queue, len);
out:
	queue->lines -= lines;
	return lines;
}

void export_queue_untear(struct export_queue *queue)
{
	queue->torn = 0;
}

/* After a backlog: an empty queue has no use for the pages it grew into. */
static void give_back(struct export_queue *queue)
{
	madvise(queue->octets + EXPORT_QUEUE_KEEP_BYTES, queue->size - EXPORT_QUEUE_KEEP_BYTES,
			MADV_DONTNEED);
	queue->peak = 0;
}

uint64_t export_queue_clear(struct export_queue *queue)
{
	uint64_t lines = queue->lines;

	queue->head = 0;
	queue->tail = 0;
	queue->limit = 0;
	queue->torn = 0;
	queue->lines = 0;
	if (BASE_UNLIKELY(queue->peak > EXPORT_QUEUE_KEEP_BYTES))
		give_back(queue);
	return lines;
}
