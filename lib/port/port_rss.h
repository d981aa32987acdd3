/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Receive-side scaling: which worker a packet meets is decided by the NIC, by a Toeplitz hash of
 * addresses and ports. With a key in which one 16-bit word repeats, swapping source and destination
 * leaves the hash as it is, so both directions of a flow meet one worker (Woo and Park, "Scalable
 * TCP Session Monitoring with Symmetric Receive-side Scaling", 2012, whose word 0x6d5a is used).
 * Where a driver cannot do that, every packet is still counted once, and records merge by key.
 */
#ifndef PORT_RSS_H
#define PORT_RSS_H

#include "port_driver.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PORT_RSS_KEY_MAX 128
#define PORT_RSS_TEXT_BYTES 128

/* Fills key with the symmetric key; `bytes` is what the device wants (40, 52, ...). */
void port_rss_make_key(uint8_t *key, size_t bytes);

/* The hash functions to ask for, of those that the device offers (flow_type_rss_offloads). */
uint64_t port_rss_choose(uint64_t offered);

struct port_rss_state {
	enum port_spread spread;
	uint64_t hash_functions; /* that are on: RTE_ETH_RSS_* */
	bool symmetric; /* our key is in use */
	uint32_t queues;
	uint32_t workers;
};

/* What is really hashed, in words, at most PORT_RSS_TEXT_BYTES with the NUL. */
void port_rss_describe(char *out, size_t bytes, const struct port_rss_state *state);

#endif
