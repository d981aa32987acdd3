/* SPDX-License-Identifier: BSD-3-Clause */
#include "collect_tcp.h"

#include <stdlib.h>
#include <string.h>

void collect_tcp_init(struct collect_tcp *tcp)
{
	*tcp = (struct collect_tcp){0};
}

static void drop_early(struct collect_tcp *tcp, unsigned int index)
{
	tcp->early_bytes -= tcp->early[index].length;
	free(tcp->early[index].octets);
	tcp->early[index] = tcp->early[--tcp->early_count];
}

void collect_tcp_fini(struct collect_tcp *tcp)
{
	while (tcp->early_count > 0)
		drop_early(tcp, 0);
}

void collect_tcp_start(struct collect_tcp *tcp, uint32_t sequence)
{
	tcp->started = true;
	tcp->next = sequence;
}

/* Sequence numbers wrap: the distance is signed. */
static int32_t distance(const struct collect_tcp *tcp, uint32_t sequence)
{
	return (int32_t)(sequence - tcp->next);
}

/* Gives on what of it is new; it does not begin behind `next`. */
static void give_new(struct collect_tcp *tcp, uint32_t sequence, const uint8_t *octets,
		size_t length, collect_tcp_fn give, void *context)
{
	uint32_t old = 0 - (uint32_t)distance(tcp, sequence);

	if (old >= length) {
		tcp->again++;
		return;
	}
	tcp->next = sequence + (uint32_t)length;
	give(context, octets + old, length - old, 0);
}

/* Gives on all that was kept and fits by now. */
static void give_early(struct collect_tcp *tcp, collect_tcp_fn give, void *context)
{
	for (unsigned int i = 0; i < tcp->early_count;) {
		const struct collect_tcp_early *early = &tcp->early[i];
		if (distance(tcp, early->sequence) > 0) {
			i++;
			continue;
		}
		give_new(tcp, early->sequence, early->octets, early->length, give, context);
		drop_early(tcp, i);
		i = 0;
	}
}

/* Gives up on the octets before the first segment that was kept. */
static void skip_hole(struct collect_tcp *tcp, collect_tcp_fn give, void *context)
{
	unsigned int first = 0;

	for (unsigned int i = 1; i < tcp->early_count; i++) {
		if ((int32_t)(tcp->early[i].sequence - tcp->early[first].sequence) < 0)
			first = i;
	}
	const struct collect_tcp_early early = tcp->early[first];
	uint32_t hole = early.sequence - tcp->next;
	tcp->next = early.sequence + early.length;
	give(context, early.octets, early.length, hole);
	drop_early(tcp, first);
	give_early(tcp, give, context);
}

/* False without memory: it is then as if the capture lacked it. */
static bool keep(struct collect_tcp *tcp, uint32_t sequence, const uint8_t *octets, size_t length)
{
	uint8_t *copy = malloc(length);

	if (!copy)
		return false;
	memcpy(copy, octets, length);
	tcp->early[tcp->early_count++] =
			(struct collect_tcp_early){copy, sequence, (uint32_t)length};
	tcp->early_bytes += length;
	return true;
}

void collect_tcp_segment(struct collect_tcp *tcp, uint32_t sequence, const uint8_t *octets,
		size_t length, collect_tcp_fn give, void *context)
{
	if (length == 0 || length > COLLECT_TCP_EARLY_BYTES)
		return;
	if (!tcp->started)
		collect_tcp_start(tcp, sequence);
	while (distance(tcp, sequence) > 0 && tcp->early_count > 0
			&& (tcp->early_count == COLLECT_TCP_EARLY_MAX
					|| tcp->early_bytes + length > COLLECT_TCP_EARLY_BYTES))
		skip_hole(tcp, give, context);
	if (distance(tcp, sequence) <= 0) {
		give_new(tcp, sequence, octets, length, give, context);
		give_early(tcp, give, context);
	} else {
		(void)keep(tcp, sequence, octets, length);
	}
}

void collect_tcp_end(struct collect_tcp *tcp, collect_tcp_fn give, void *context)
{
	while (tcp->early_count > 0)
		skip_hole(tcp, give, context);
}
