/* SPDX-License-Identifier: BSD-3-Clause */
#include "export_flight.h"

static struct export_flight_message *at(struct export_flight *flight, unsigned int i)
{
	return &flight->messages[(flight->first + i) % EXPORT_FLIGHT_MAX];
}

void export_flight_add(struct export_flight *flight, uint64_t end, const struct export_load *load)
{
	bool full = export_flight_is_full(flight);
	struct export_flight_message *last = at(flight, full ? flight->count - 1 : flight->count);

	if (!full) {
		*last = (struct export_flight_message){0};
		flight->count++;
	}
	last->end = end;
	export_load_add(&last->load, load);
	export_load_add(&flight->load, load);
}

struct export_load export_flight_land(struct export_flight *flight, uint64_t acknowledged)
{
	struct export_load landed = {0};

	while (flight->count > 0 && at(flight, 0)->end <= acknowledged) {
		export_load_add(&landed, &at(flight, 0)->load);
		export_load_subtract(&flight->load, &at(flight, 0)->load);
		flight->first = (flight->first + 1) % EXPORT_FLIGHT_MAX;
		flight->count--;
	}
	return landed;
}

struct export_load export_flight_clear(struct export_flight *flight)
{
	struct export_load load = flight->load;

	flight->first = 0;
	flight->count = 0;
	flight->load = (struct export_load){0};
	return load;
}
