/* SPDX-License-Identifier: BSD-3-Clause */
/* Where a message of IPFIX or NetFlow begins and ends, by its own octets. */
#ifndef COLLECT_CUT_H
#define COLLECT_CUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Length of the message at the start of octets that follow one another, of which `length` are there
 * (`ended`: and no more will come): 0 when more are needed, -EBADMSG when no message can begin or
 * end so. IPFIX and NetFlow version 5 say how long they are; a message of version 9 ends where the
 * next one begins, for 9 is no id of a set.
 */
int collect_cut(const uint8_t *octets, size_t length, bool ended);

/* True when the octets begin like a message: a version that is known, and a whole header. */
bool collect_begins(const uint8_t *octets, size_t length);

/*
 * True when a datagram, or what follows in a stream, is hardly anything but a message: lengths,
 * counts and the first set fit, too.
 */
bool collect_resembles(const uint8_t *octets, size_t length, bool datagram);

/* True when the octets are the start of a TLS or DTLS record. */
bool collect_is_encrypted(const uint8_t *octets, size_t length);

#endif
