/* SPDX-License-Identifier: BSD-3-Clause */
#include "control_routes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool same_group(const struct config_output *a, const struct config_output *b)
{
	return strcmp(a->spread, b->spread) == 0 && strcmp(a->failover, b->failover) == 0;
}

static void join_group(struct control_routes *routes, const struct config *config, uint32_t index)
{
	const struct config_output *output = &config->outputs[index];

	for (uint32_t g = 0; g < routes->group_count; g++) {
		struct control_route_group *group = &routes->groups[g];
		uint32_t first = (uint32_t)__builtin_ctz(group->members);
		if (same_group(output, &config->outputs[first])) {
			group->members |= 1u << index;
			return;
		}
	}
	routes->groups[routes->group_count++] = (struct control_route_group){
			.members = 1u << index, .spread = output->spread[0] != '\0'};
}

int control_routes_init(struct control_routes *routes, const struct config *config, char *error,
		size_t error_bytes)
{
	memset(routes, 0, sizeof(*routes));
	routes->output_count = (uint32_t)config->output_count;
	for (uint32_t i = 0; i < routes->output_count; i++) {
		const struct config_output *output = &config->outputs[i];
		char why[256];
		if (output->spread[0] || output->failover[0])
			join_group(routes, config, i);
		else
			routes->alone |= 1u << i;
		if (!output->filter[0])
			continue;
		routes->filtered |= 1u << i;
		if (flow_filter_parse(&routes->filters[i], output->filter, why, sizeof(why)) < 0) {
			snprintf(error, error_bytes, "output %s: %s", output->name, why);
			return -EINVAL;
		}
	}
	routes->plain = routes->alone & ~routes->filtered;
	return 0;
}

static uint64_t mix(uint64_t x)
{
	x ^= x >> 32;
	x *= UINT64_C(0xd6e8feb86659fd93);
	x ^= x >> 32;
	x *= UINT64_C(0xd6e8feb86659fd93);
	return x ^ x >> 32;
}

static uint64_t mix_end(const union packet_address *address, uint16_t port)
{
	uint64_t words[2];

	memcpy(words, address, sizeof(words));
	return mix(words[0] ^ mix(words[1] ^ port));
}

/* The same for both directions, and for all records of a conversation. */
static uint64_t conversation_of(const struct flow_record *record)
{
	return mix(mix_end(&record->source, record->source_port)
			+ mix_end(&record->destination, record->destination_port)
			+ record->protocol);
}

static control_outputs_set heaviest(
		control_outputs_set members, control_outputs_set of, uint64_t conversation)
{
	control_outputs_set best = 0;
	uint64_t best_weight = 0;

	for (uint32_t rank = 0; members; rank++) {
		control_outputs_set member = members & -members;
		uint64_t weight = mix(conversation + (rank + 1) * UINT64_C(0x9e3779b97f4a7c15));
		members ^= member;
		if (of & member && (best == 0 || weight > best_weight)) {
			best = member;
			best_weight = weight;
		}
	}
	return best;
}

static control_outputs_set choose_member(const struct control_route_group *group,
		control_outputs_set works, const struct flow_record *record)
{
	control_outputs_set of = group->members & works;

	if (of == 0)
		of = group->members;
	if (!group->spread)
		return of & -of;
	return heaviest(group->members, of, conversation_of(record));
}

static control_outputs_set fits_of(
		const struct control_routes *routes, const struct flow_record *record)
{
	control_outputs_set fits =
			routes->output_count < 32 ? (1u << routes->output_count) - 1 : UINT32_MAX;

	for (control_outputs_set left = routes->filtered; left; left &= left - 1) {
		uint32_t i = (uint32_t)__builtin_ctz(left);
		if (!flow_filter_matches(&routes->filters[i], record))
			fits &= ~(1u << i);
	}
	return fits;
}

void control_routes_choose(const struct control_routes *routes, control_outputs_set works,
		const struct flow_record *records, uint32_t count, struct control_route *chosen)
{
	for (uint32_t i = 0; i < count; i++) {
		control_outputs_set fits = fits_of(routes, &records[i]), given = fits;
		given &= routes->alone;
		for (uint32_t g = 0; g < routes->group_count; g++)
			given |= fits & choose_member(&routes->groups[g], works, &records[i]);
		chosen[i] = (struct control_route){fits, given};
	}
}
