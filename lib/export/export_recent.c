/* SPDX-License-Identifier: BSD-3-Clause */
#include "export_recent.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct export_recent_head {
	uint32_t length;
	int64_t sent_ns;
	bool templates;
} __attribute__((packed));

#define HEAD_BYTES ((uint32_t)sizeof(struct export_recent_head))

int export_recent_init(struct export_recent *recent)
{
	*recent = (struct export_recent){.lock = PTHREAD_MUTEX_INITIALIZER};
	recent->octets = malloc(EXPORT_RECENT_TEMPLATE_BYTES + EXPORT_RECENT_BYTES);
	return recent->octets ? 0 : -ENOMEM;
}

void export_recent_fini(struct export_recent *recent)
{
	free(recent->octets);
	recent->octets = NULL;
}

/* Copies between the ring and memory, around its end. */
static void put(struct export_recent *recent, uint32_t at, const void *from, uint32_t bytes)
{
	uint8_t *ring = recent->octets + EXPORT_RECENT_TEMPLATE_BYTES;
	uint32_t offset = at % EXPORT_RECENT_BYTES, upper = EXPORT_RECENT_BYTES - offset;

	if (upper > bytes)
		upper = bytes;
	memcpy(ring + offset, from, upper);
	memcpy(ring, (const uint8_t *)from + upper, bytes - upper);
}

static void get(const struct export_recent *recent, uint32_t at, void *to, uint32_t bytes)
{
	const uint8_t *ring = recent->octets + EXPORT_RECENT_TEMPLATE_BYTES;
	uint32_t offset = at % EXPORT_RECENT_BYTES, upper = EXPORT_RECENT_BYTES - offset;

	if (upper > bytes)
		upper = bytes;
	memcpy(to, ring + offset, upper);
	memcpy((uint8_t *)to + upper, ring, bytes - upper);
}

/* Those that came together stay so; those of before mean nothing any more. */
static void keep_templates(struct export_recent *recent, const struct export_recent_head *head)
{
	uint32_t bytes = HEAD_BYTES + head->length;

	if (!recent->keeping)
		recent->template_bytes = 0;
	if (recent->template_bytes + bytes > EXPORT_RECENT_TEMPLATE_BYTES)
		return;
	get(recent, recent->begin, recent->octets + recent->template_bytes, bytes);
	recent->template_bytes += bytes;
}

static void drop_oldest(struct export_recent *recent)
{
	struct export_recent_head head;

	get(recent, recent->begin, &head, HEAD_BYTES);
	if (head.templates)
		keep_templates(recent, &head);
	recent->keeping = head.templates;
	recent->begin = (recent->begin + HEAD_BYTES + head.length) % EXPORT_RECENT_BYTES;
	recent->used -= HEAD_BYTES + head.length;
}

static void add_message(struct export_recent *recent, const struct export_recent_head *head,
		const uint8_t *octets)
{
	uint32_t need = HEAD_BYTES + head->length;

	while (recent->used + need > EXPORT_RECENT_BYTES)
		drop_oldest(recent);
	put(recent, recent->begin + recent->used, head, HEAD_BYTES);
	put(recent, recent->begin + recent->used + HEAD_BYTES, octets, head->length);
	recent->used += need;
}

void export_recent_add(struct export_recent *recent, const uint8_t *octets, uint32_t length,
		bool templates, int64_t sent_ns)
{
	const struct export_recent_head head = {length, sent_ns, templates};

	pthread_mutex_lock(&recent->lock);
	add_message(recent, &head, octets);
	pthread_mutex_unlock(&recent->lock);
}

void export_recent_clear(struct export_recent *recent)
{
	pthread_mutex_lock(&recent->lock);
	recent->template_bytes = 0;
	recent->keeping = false;
	recent->begin = 0;
	recent->used = 0;
	pthread_mutex_unlock(&recent->lock);
}

/* Splits copied octets into messages; returns how many, and writes them when list is there. */
static unsigned int split(const uint8_t *octets, uint32_t bytes, bool earlier,
		struct export_recent_message *list)
{
	struct export_recent_head head;
	unsigned int count = 0;

	for (uint32_t at = 0; at < bytes; at += HEAD_BYTES + head.length, count++) {
		memcpy(&head, octets + at, HEAD_BYTES);
		if (list)
			list[count] = (struct export_recent_message){octets + at + HEAD_BYTES,
					head.length, earlier, head.sent_ns};
	}
	return count;
}

static int copy_locked(struct export_recent *recent, struct export_recent_message **list)
{
	/* no message is shorter than a header of 16 octets */
	size_t bytes = recent->template_bytes + recent->used;
	size_t most = bytes / (HEAD_BYTES + 16) + 1;
	struct export_recent_message *all = malloc(most * sizeof(*all) + bytes);

	if (!all)
		return -ENOMEM;
	uint8_t *octets = (uint8_t *)(all + most);
	memcpy(octets, recent->octets, recent->template_bytes);
	get(recent, recent->begin, octets + recent->template_bytes, recent->used);
	unsigned int count = split(octets, recent->template_bytes, true, all);
	count += split(octets + recent->template_bytes, recent->used, false, all + count);
	*list = all;
	return (int)count;
}

int export_recent_copy(struct export_recent *recent, struct export_recent_message **list)
{
	pthread_mutex_lock(&recent->lock);
	int count = copy_locked(recent, list);
	pthread_mutex_unlock(&recent->lock);
	return count;
}
