/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Community ID, version 1, seed 0: a name of a conversation that other monitors compute alike, so
 * that records of different tools can be joined. "1:" and the Base64 text of
 *
 *   SHA-1 of: seed (2 octets, 0) | lower address | higher address | protocol | 0 | port | port
 *
 * in network order, the lower endpoint first. Protocols without ports leave the ports out; ICMP
 * puts the type of the message and of its answer in their place, or type and code when the message
 * has no answer, and then keeps the direction. https://github.com/corelight/community-id-spec
 */
#ifndef EXPORT_COMMUNITY_H
#define EXPORT_COMMUNITY_H

#include "base_cacheline.h"
#include "flow_record.h"

/* "1:" and 28 characters, always. */
#define EXPORT_COMMUNITY_BYTES 30

/* The state of the hash: for one thread at a time. */
struct export_community;

/* 0, or -ENOMEM, or -ENOSYS when the cryptographic library offers no SHA-1. */
int export_community_create(struct export_community **community) BASE_MUST_CHECK;
void export_community_destroy(struct export_community *community);

/*
 * Writes the id of the record's flow at `out` and returns its end. NULL, and nothing useful
 * written, when the flow has none: its ports were not seen (later fragments, cut captures).
 */
char *export_community_write(
		struct export_community *community, char *out, const struct flow_record *record);

#endif
