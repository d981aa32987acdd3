/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Flows as sums per 5-tuple, made of decoded packets or read from a table of the corpus, and what
 * differs between two such sets. Linear search: a capture of the corpus has at most some hundred.
 */
#ifndef CORPUS_FLOWS_H
#define CORPUS_FLOWS_H

#include "packet_meta.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CORPUS_FLOWS_MAX 4096

struct corpus_sums {
	uint64_t packets;
	uint64_t bytes;
};

/* One conversation; `forward` is what who.source sent. */
struct corpus_flow {
	struct packet_meta who;
	struct corpus_sums forward;
	struct corpus_sums reverse;
	uint32_t tcp_flags;
};

struct corpus_flows {
	struct corpus_flow list[CORPUS_FLOWS_MAX];
	size_t count;
};

/* Adds `add`, whose addresses and ports are those of the sender of add->forward. */
void corpus_flows_add(struct corpus_flows *flows, const struct corpus_flow *add);

/* Fills *flows with the rows of a table; 0, or -1 when it cannot be read. */
int corpus_flows_read(struct corpus_flows *flows, const char *path);

/* Adds those of `more` whose 5-tuple *flows does not have. */
void corpus_flows_merge(struct corpus_flows *flows, const struct corpus_flows *more);

struct corpus_sums corpus_flows_total(const struct corpus_flows *flows);

/* Prints the flows of `from` that `in` does not have, or has otherwise; returns how many. */
size_t corpus_flows_differ(
		const char *what, const struct corpus_flows *from, struct corpus_flows *in);

#endif
