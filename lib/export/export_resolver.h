/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Addresses of a name. getaddrinfo() takes as long as name servers like, so each look-up has a
 * thread of its own that ends with it, and nobody waits for one: not for its answer, and not at the
 * end, where a look-up under way is left to itself.
 */
#ifndef EXPORT_RESOLVER_H
#define EXPORT_RESOLVER_H

#include "base_cacheline.h"

#include <netdb.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#define EXPORT_ADDRESSES_MAX 8

struct export_address {
	struct sockaddr_storage address;
	socklen_t len;
};

struct export_addresses {
	unsigned int count;
	struct export_address at[EXPORT_ADDRESSES_MAX];
};

/* As getaddrinfo(); what it found goes to freeaddrinfo(). Called by the thread of a look-up. */
typedef int (*export_lookup_fn)(const char *host, const char *port, const struct addrinfo *hints,
		struct addrinfo **found);

/* All functions: one thread. */
struct export_resolver;

/* Looks nothing up yet. lookup: NULL is getaddrinfo(). 0 or -ENOMEM. */
int export_resolver_create(struct export_resolver **resolver, const char *host, uint16_t port,
		export_lookup_fn lookup) BASE_MUST_CHECK;
void export_resolver_destroy(struct export_resolver *resolver); /* NULL is allowed */

/* Begins a look-up, unless one is under way. 0, or -errno when there is no thread for it. */
int export_resolver_ask(struct export_resolver *resolver) BASE_MUST_CHECK;
/*
 * True once for each look-up that ended: *error is 0 and *addresses, in the order in which they are
 * to be tried, holds one or more; or *error is an EAI_ of getaddrinfo().
 */
bool export_resolver_take(
		struct export_resolver *resolver, struct export_addresses *addresses, int *error);

#endif
