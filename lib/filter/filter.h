/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which packets are metered, by an expression in the language of libpcap (pcap-filter(7)).
 *
 * The expression is compiled once for each link type that libpcap can compile it for, and run by
 * libpcap's interpreter: 13 cycles a packet for "len > 100", 20 for "tcp", 50 for "tcp port 80 and
 * host ADDRESS". DPDK's BPF library was tried: its machine code takes a quarter of that, but
 * in 22.11 it reads other octets than it should for "tcp[13] & 0x81 != 0" and crashes on "tcp[13] &
 * 2 != 0", and its interpreter is slower than libpcap's. A packet of a link type that the
 * expression does not fit
 * ("ether host" without Ethernet) is rejected and counted as unfit.
 *
 * Threads: create and destroy on the main thread. One filter a worker: matching writes to it.
 */
#ifndef FILTER_H
#define FILTER_H

#include "base_cacheline.h"
#include "packet_meta.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct filter;

/*
 * Compiles `expression`. 0, or -EINVAL with what is wrong with the expression in
 * error[error_bytes], or -ENOMEM.
 */
int filter_create(struct filter **filter, const char *expression, char *error,
		size_t error_bytes) BASE_MUST_CHECK;
/* NULL is allowed. */
void filter_destroy(struct filter *filter);

/*
 * True when the packet is to be metered. `captured_bytes` are readable at `data`; the expression's
 * `len` is wire_bytes.
 */
bool filter_matches(struct filter *filter, enum packet_link link, const uint8_t *data,
		uint32_t captured_bytes, uint32_t wire_bytes);

/* Packets of link types that the expression does not fit. Any thread. */
uint64_t filter_unfit_packets(const struct filter *filter);

#endif
