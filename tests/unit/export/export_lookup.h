/* SPDX-License-Identifier: BSD-3-Clause */
/* Name servers of the tests' own: they know what a test tells them, and answer when it says so. */
#ifndef EXPORT_LOOKUP_H
#define EXPORT_LOOKUP_H

#include <check.h>

#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct {
	const char *addresses[12]; /* in order, up to NULL */
	int error; /* EAI_..., instead of them */
	atomic_bool held; /* no answer while it is true */
	atomic_uint asked, answered;
	char host[300];
} lookup_zone;

static int lookup_fake(const char *host, const char *port, const struct addrinfo *hints,
		struct addrinfo **found)
{
	struct addrinfo numeric = *hints, *last = NULL;

	atomic_fetch_add(&lookup_zone.asked, 1);
	while (atomic_load(&lookup_zone.held))
		usleep(1000);
	snprintf(lookup_zone.host, sizeof(lookup_zone.host), "%s", host);
	numeric.ai_flags |= AI_NUMERICHOST;
	*found = NULL;
	int error = lookup_zone.error;
	for (unsigned int i = 0; error == 0 && lookup_zone.addresses[i]; i++) {
		struct addrinfo *one;
		error = getaddrinfo(lookup_zone.addresses[i], port, &numeric, &one);
		if (last)
			last->ai_next = one; /* as one list, which freeaddrinfo() frees */
		else
			*found = one;
		last = one;
	}
	atomic_fetch_add(&lookup_zone.answered, 1);
	return error;
}

/* Until `condition`, for 10 s at most. */
#define LOOKUP_AWAIT(condition)                                            \
	do {                                                               \
		bool holds = (condition);                                  \
		for (int turn = 0; turn < 10000 && !holds; turn++) {       \
			usleep(1000);                                      \
			holds = (condition);                               \
		}                                                          \
		ck_assert_msg(holds, "waited in vain for %s", #condition); \
	} while (0)

#endif
