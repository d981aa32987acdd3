/* SPDX-License-Identifier: BSD-3-Clause */
#include "ipfix_plan.h"

#include "ipfix_netflow5.h"
#include "ipfix_write.h"

#include <string.h>

/* Bits of a template's index, as ipfix_plan_pick() has them. */
enum {
	INDEX_IPV6 = 1,
	INDEX_REVERSE = 2,
	INDEX_AROUND = 4, /* times 0 plain, 1 no outer header, 2 IPv4, 3 IPv6 */
};

/* Of the template with that index; 0 when the plan has no use for it. */
static uint16_t list_traits(const struct ipfix_settings *settings, unsigned int index)
{
	static const uint16_t around[] = {0, IPFIX_TRAIT_AROUND,
			IPFIX_TRAIT_AROUND | IPFIX_TRAIT_OUTER4,
			IPFIX_TRAIT_AROUND | IPFIX_TRAIT_OUTER6};
	unsigned int traits = index & INDEX_IPV6 ? IPFIX_TRAIT_IPV6 : IPFIX_TRAIT_IPV4;

	if (index / INDEX_AROUND > 0 && settings->plain)
		return 0;
	traits |= around[index / INDEX_AROUND];
	if (index & INDEX_REVERSE) {
		if (settings->uniflow)
			return 0;
		traits |= IPFIX_TRAIT_REVERSE;
	}
	if (!settings->uniflow)
		traits |= IPFIX_TRAIT_BIFLOW;
	if (settings->selector_id)
		traits |= IPFIX_TRAIT_SELECTOR;
	traits |= settings->nanoseconds ? IPFIX_TRAIT_NANOSECONDS : IPFIX_TRAIT_MILLISECONDS;
	traits |= settings->protocol == IPFIX_PROTOCOL_NETFLOW9 ? IPFIX_TRAIT_NETFLOW9
								: IPFIX_TRAIT_IPFIX;
	return (uint16_t)traits;
}

uint32_t ipfix_plan_enterprise(const struct ipfix_plan *plan, enum ipfix_space space)
{
	switch (space) {
	case IPFIX_SPACE_REVERSE:
		return IPFIX_PEN_REVERSE;
	case IPFIX_SPACE_OWN:
		return plan->settings.enterprise;
	default:
		return IPFIX_PEN_IANA;
	}
}

/* A copy that goes on where the last one ended, here and there, is part of it. */
static bool joins(const struct ipfix_op *last, const struct ipfix_op *op)
{
	return last->kind == IPFIX_OP_COPY && op->kind == IPFIX_OP_COPY
			&& last->source + last->length == op->source
			&& last->target + last->length == op->target
			&& (last->length + op->length == 2 || last->length + op->length == 32);
}

static void add_op(struct ipfix_op *ops, uint16_t *count, struct ipfix_op op)
{
	if (*count > 0 && joins(&ops[*count - 1], &op))
		ops[*count - 1].length = (uint8_t)(ops[*count - 1].length + op.length);
	else
		ops[(*count)++] = op;
}

static void add_field(const struct ipfix_plan *plan, struct ipfix_template *template,
		const struct ipfix_field *field)
{
	uint32_t enterprise = ipfix_plan_enterprise(plan, (enum ipfix_space)field->space);
	uint8_t *spec = template->specs + template->spec_bytes;
	struct ipfix_op op = {.kind = field->op,
			.length = field->length,
			.source = field->source,
			.detail = field->op == IPFIX_OP_SELECTOR ? plan->settings.selector_id
								 : field->detail,
			.target = template->record_bytes};

	if (field->key)
		template->keys |= UINT64_C(1) << template->field_count;
	template->spec_bytes = (uint16_t)(template->spec_bytes
			+ ipfix_write_spec(spec, enterprise, field->id, field->length));
	template->field_count++;
	add_op(template->ops, &template->op_count, op);
	op.source = field->turned;
	if (field->op == IPFIX_OP_FLOW_ID)
		op.detail = 1;
	add_op(template->turned, &template->turned_count, op);
	template->record_bytes = (uint16_t)(template->record_bytes + field->length);
}

static void make_template(struct ipfix_plan *plan, unsigned int index)
{
	struct ipfix_template *template = &plan->templates[index];

	template->id = (uint16_t)(IPFIX_SET_FIRST_DATA + index);
	template->traits = list_traits(&plan->settings, index);
	if (template->traits == 0)
		return;
	template->spec_bytes = 4;
	for (unsigned int i = 0; i < ipfix_field_count; i++) {
		if ((ipfix_fields[i].traits & ~template->traits) == 0)
			add_field(plan, template, &ipfix_fields[i]);
	}
	ipfix_write_u16(template->specs, template->id);
	ipfix_write_u16(template->specs + 2, template->field_count);
}

void ipfix_plan_init(struct ipfix_plan *plan, const struct ipfix_settings *settings)
{
	memset(plan, 0, sizeof(*plan));
	plan->settings = *settings;
	plan->header_bytes = IPFIX_HEADER_BYTES;
	if (settings->enterprise == 0)
		plan->settings.enterprise = IPFIX_PEN_DOCUMENTATION;
	if (settings->protocol != IPFIX_PROTOCOL_IPFIX) {
		plan->settings.uniflow = true;
		plan->settings.plain = true;
		plan->settings.unpadded = false; /* a FlowSet ends at a multiple of 4 */
	}
	if (settings->protocol == IPFIX_PROTOCOL_NETFLOW9)
		plan->header_bytes = IPFIX_NETFLOW9_HEADER_BYTES;
	if (settings->protocol == IPFIX_PROTOCOL_NETFLOW5) {
		plan->header_bytes = IPFIX_NETFLOW5_HEADER_BYTES;
		return;
	}
	for (unsigned int index = 0; index < IPFIX_PLAN_TEMPLATES; index++)
		make_template(plan, index);
}
