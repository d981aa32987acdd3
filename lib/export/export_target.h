/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where a collector is: one address, or those of a name, which are tried in turn. What was found
 * last stays good until something else is found: name servers that fail stop no export.
 */
#ifndef EXPORT_TARGET_H
#define EXPORT_TARGET_H

#include "export_resolver.h"

#include <stddef.h>

/* "2001:db8::1" with its NUL. */
#define EXPORT_ADDRESS_TEXT_BYTES 64

enum export_target_state {
	EXPORT_TARGET_KNOWN, /* there are addresses, as fresh as they get */
	EXPORT_TARGET_WAITING, /* a look-up is under way */
	EXPORT_TARGET_UNKNOWN, /* none was ever found; `error` says why */
};

/* One thread. */
struct export_target {
	struct export_resolver *resolver; /* NULL: an address */
	struct export_addresses addresses;
	unsigned int current; /* of them */
	bool asked; /* and not answered */
	int64_t asked_ns; /* monotonic */
	int error; /* EAI_ of the last look-up; 0: it found something */
};

/*
 * collector: as config_collector_parse() takes it; lookup: NULL is getaddrinfo(). Looks nothing up.
 * 0 or -errno.
 */
int export_target_open(struct export_target *target, const char *collector,
		export_lookup_fn lookup) BASE_MUST_CHECK;
void export_target_close(struct export_target *target);

/* Begins a look-up, if it is a name. */
void export_target_ask(struct export_target *target, int64_t now_ns);
/*
 * Takes in what a look-up found: the current address stays so when it is still one of them, else
 * the first becomes it. An answer that takes longer than some seconds is no longer waited for.
 */
enum export_target_state export_target_poll(struct export_target *target, int64_t now_ns);

/* Only when known. */
static inline const struct export_address *export_target_current(const struct export_target *target)
{
	return &target->addresses.at[target->current];
}

/* The next address becomes the current one. False when that is the first again. */
bool export_target_next(struct export_target *target);

/* Writes the current address, without port; false when there is none, or it is the only one that
 * can be. */
bool export_target_print(const struct export_target *target, char *out, size_t bytes);

#endif
