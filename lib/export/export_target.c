/* SPDX-License-Identifier: BSD-3-Clause */
#include "export_target.h"

#include "base_clock.h"
#include "base_log.h"
#include "config_collector.h"

#include <string.h>

/* Name servers that are there answer within that, over a lost packet and a second server. */
#define ANSWER_NS (6 * BASE_NS_PER_SEC)

int export_target_open(struct export_target *target, const char *collector, export_lookup_fn lookup)
{
	struct config_collector parsed;
	int error = config_collector_parse(collector, &parsed);

	*target = (struct export_target){0};
	if (error < 0)
		return error;
	if (parsed.address_len == 0)
		return export_resolver_create(&target->resolver, parsed.host, parsed.port, lookup);
	target->addresses.count = 1;
	target->addresses.at[0] = (struct export_address){parsed.address, parsed.address_len};
	return 0;
}

void export_target_close(struct export_target *target)
{
	export_resolver_destroy(target->resolver);
	*target = (struct export_target){0};
}

void export_target_ask(struct export_target *target, int64_t now_ns)
{
	if (!target->resolver)
		return;
	target->asked_ns = now_ns;
	target->asked = export_resolver_ask(target->resolver) == 0;
	if (!target->asked)
		target->error = EAI_MEMORY;
}

static bool is_same(const struct export_address *a, const struct export_address *b)
{
	return a->len == b->len && memcmp(&a->address, &b->address, a->len) == 0;
}

static void take_answer(struct export_target *target, const struct export_addresses *found)
{
	const struct export_address before = *export_target_current(target);
	bool had = target->addresses.count > 0;

	target->addresses = *found;
	target->current = 0;
	for (unsigned int i = 0; had && i < found->count; i++) {
		if (is_same(&before, &found->at[i]))
			target->current = i;
	}
}

static void report(const struct export_target *target)
{
	static struct base_log_limit limit;
	char address[EXPORT_ADDRESS_TEXT_BYTES];

	if (export_target_print(target, address, sizeof(address)))
		base_log_limited(&limit, 60, BASE_LOG_WARNING,
				"the collector at %s: its name is not found now (%s); sending goes "
				"on to that address",
				address, gai_strerror(target->error));
}

enum export_target_state export_target_poll(struct export_target *target, int64_t now_ns)
{
	struct export_addresses found;
	bool known = target->addresses.count > 0;

	if (target->asked && export_resolver_take(target->resolver, &found, &target->error)) {
		target->asked = false;
		if (target->error == 0)
			take_answer(target, &found);
		else if (known)
			report(target);
	}
	if (target->asked && now_ns - target->asked_ns < ANSWER_NS)
		return EXPORT_TARGET_WAITING;
	if (target->addresses.count > 0)
		return EXPORT_TARGET_KNOWN;
	if (target->asked) /* it goes on, and the next question gets its answer */
		target->error = EAI_AGAIN;
	return EXPORT_TARGET_UNKNOWN;
}

bool export_target_next(struct export_target *target)
{
	target->current++;
	if (target->current < target->addresses.count)
		return true;
	target->current = 0;
	return false;
}

bool export_target_print(const struct export_target *target, char *out, size_t bytes)
{
	const struct export_address *address = export_target_current(target);

	return target->resolver && target->addresses.count > 0
			&& getnameinfo((const struct sockaddr *)&address->address, address->len,
					   out, (socklen_t)bytes, NULL, 0, NI_NUMERICHOST)
			== 0;
}
