/* SPDX-License-Identifier: BSD-3-Clause */
#include "export_resolver.h"

#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PORT_TEXT_BYTES 8

/* Freed by the last of its users: who asks, and the thread of a look-up. */
struct export_resolver {
	/* read-only after create */
	char host[CONFIG_COLLECTOR_BYTES];
	char port[PORT_TEXT_BYTES];
	export_lookup_fn lookup;

	/* under the lock */
	pthread_mutex_t lock;
	unsigned int users;
	bool busy;
	bool answered;
	int error;
	struct export_addresses addresses;
};

int export_resolver_create(struct export_resolver **out, const char *host, uint16_t port,
		export_lookup_fn lookup)
{
	struct export_resolver *resolver = calloc(1, sizeof(*resolver));

	if (!resolver)
		return -ENOMEM;
	snprintf(resolver->host, sizeof(resolver->host), "%s", host);
	snprintf(resolver->port, sizeof(resolver->port), "%u", port);
	resolver->lookup = lookup ? lookup : getaddrinfo;
	pthread_mutex_init(&resolver->lock, NULL);
	resolver->users = 1;
	*out = resolver;
	return 0;
}

static void leave(struct export_resolver *resolver)
{
	pthread_mutex_lock(&resolver->lock);
	bool last = --resolver->users == 0;
	pthread_mutex_unlock(&resolver->lock);
	if (!last)
		return;
	pthread_mutex_destroy(&resolver->lock);
	free(resolver);
}

void export_resolver_destroy(struct export_resolver *resolver)
{
	if (resolver)
		leave(resolver);
}

static void take_found(struct export_addresses *addresses, const struct addrinfo *found)
{
	for (; found && addresses->count < EXPORT_ADDRESSES_MAX; found = found->ai_next) {
		struct export_address *address = &addresses->at[addresses->count];
		if (found->ai_addrlen > sizeof(address->address))
			continue;
		memcpy(&address->address, found->ai_addr, found->ai_addrlen);
		address->len = found->ai_addrlen;
		addresses->count++;
	}
}

static void *look_up(void *arg)
{
	/* each address once: the kind of socket does not matter to it */
	const struct addrinfo hints = {.ai_flags = AI_NUMERICSERV, .ai_socktype = SOCK_DGRAM};
	struct export_addresses addresses = {0};
	struct export_resolver *resolver = arg;
	struct addrinfo *found = NULL;

	int error = resolver->lookup(resolver->host, resolver->port, &hints, &found);
	if (error == 0) {
		take_found(&addresses, found);
		freeaddrinfo(found);
		if (addresses.count == 0)
			error = EAI_NODATA;
	}
	pthread_mutex_lock(&resolver->lock);
	resolver->error = error;
	resolver->addresses = addresses;
	resolver->answered = true;
	resolver->busy = false;
	pthread_mutex_unlock(&resolver->lock);
	leave(resolver);
	return NULL;
}

static int start_thread(struct export_resolver *resolver)
{
	sigset_t all, before;
	pthread_t thread;

	sigfillset(&all); /* signals are for the main thread */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = pthread_create(&thread, NULL, look_up, resolver);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error != 0)
		return -error;
	pthread_setname_np(thread, "weir-resolver");
	pthread_detach(thread);
	return 0;
}

int export_resolver_ask(struct export_resolver *resolver)
{
	pthread_mutex_lock(&resolver->lock);
	bool busy = resolver->busy;
	resolver->busy = true;
	resolver->users += !busy;
	pthread_mutex_unlock(&resolver->lock);
	if (busy)
		return 0;
	int error = start_thread(resolver);
	if (error < 0) {
		pthread_mutex_lock(&resolver->lock);
		resolver->busy = false;
		resolver->users--;
		pthread_mutex_unlock(&resolver->lock);
	}
	return error;
}

bool export_resolver_take(
		struct export_resolver *resolver, struct export_addresses *addresses, int *error)
{
	pthread_mutex_lock(&resolver->lock);
	bool answered = resolver->answered;
	if (answered) {
		resolver->answered = false;
		*error = resolver->error;
		if (*error == 0)
			*addresses = resolver->addresses;
	}
	pthread_mutex_unlock(&resolver->lock);
	return answered;
}
