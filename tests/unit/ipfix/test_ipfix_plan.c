/* SPDX-License-Identifier: BSD-3-Clause */
#include "ipfix_sample.h"
#include "unit_main.h"

static struct ipfix_plan plan;

static const struct {
	const char *name;
	struct ipfix_settings settings;
	unsigned int templates;
} plans[] = {
		{"biflow", {.selector_id = 1}, 16},
		{"biflow ns", {.nanoseconds = true, .enterprise = 4711}, 16},
		{"uniflow", {.uniflow = true}, 8},
		{"plain", {.plain = true}, 4},
		{"plain uniflow", {.plain = true, .uniflow = true}, 2},
		{"netflow 9", {.protocol = IPFIX_PROTOCOL_NETFLOW9, .selector_id = 1}, 2},
};

/* Every octet of a record is written by exactly one op, in both programs. */
static void check_coverage(const struct ipfix_template *template, const struct ipfix_op *ops,
		unsigned int count)
{
	uint8_t seen[IPFIX_MESSAGE_MIN] = {0};

	for (unsigned int i = 0; i < count; i++) {
		ck_assert_uint_le(ops[i].source + ops[i].length, sizeof(struct flow_record));
		for (unsigned int n = 0; n < ops[i].length; n++)
			seen[ops[i].target + n]++;
	}
	for (unsigned int n = 0; n < sizeof(seen); n++)
		ck_assert_uint_eq(seen[n], n < template->record_bytes);
}

START_TEST(ops_fill_each_octet_once)
{
	unsigned int templates = 0;

	ipfix_plan_init(&plan, &plans[_i].settings);
	for (unsigned int i = 0; i < IPFIX_PLAN_TEMPLATES; i++) {
		const struct ipfix_template *template = &plan.templates[i];
		if (template->record_bytes == 0)
			continue;
		templates++;
		ck_assert_uint_eq(template->id, 256 + i);
		check_coverage(template, template->ops, template->op_count);
		check_coverage(template, template->turned, template->turned_count);
		/* two records of it, or its template record, fit the smallest message */
		ck_assert_uint_le(2 * template->record_bytes + 4u + plan.header_bytes,
				IPFIX_MESSAGE_MIN);
		ck_assert_uint_le(template->spec_bytes + 4u + plan.header_bytes, IPFIX_MESSAGE_MIN);
		ck_assert_uint_ge(template->record_bytes, 5); /* longer than padding */
	}
	ck_assert_uint_eq(templates, plans[_i].templates);
}
END_TEST

/* What a template says, read as a collector does. */
START_TEST(specifiers_are_well_formed)
{
	ipfix_plan_init(&plan, &plans[_i].settings);
	for (unsigned int i = 0; i < IPFIX_PLAN_TEMPLATES; i++) {
		const struct ipfix_template *template = &plan.templates[i];
		const uint8_t *spec = template->specs + 4;
		unsigned int fields = 0, length = 0;

		if (template->record_bytes == 0)
			continue;
		ck_assert_uint_eq(sample_number(template->specs, 2), template->id);
		for (; spec < template->specs + template->spec_bytes; fields++) {
			bool enterprise = spec[0] & 0x80;
			uint32_t pen = enterprise ? (uint32_t)sample_number(spec + 4, 4) : 0;
			const struct ipfix_element *element = ipfix_element_find(pen,
					(uint16_t)(sample_number(spec, 2) & 0x7fff),
					plan.settings.enterprise);
			ck_assert_ptr_nonnull(element);
			ck_assert(!enterprise || pen != 0);
			uint16_t octets = (uint16_t)sample_number(spec + 2, 2);
			ck_assert_msg(ipfix_type_allows(element->type, octets), "%s",
					element->name);
			length += octets;
			spec += enterprise ? 8 : 4;
		}
		ck_assert_ptr_eq(spec, template->specs + template->spec_bytes);
		ck_assert_uint_eq(sample_number(template->specs + 2, 2), fields);
		ck_assert_uint_eq(length, template->record_bytes);
	}
}
END_TEST

/* RFC 5103: a reverse needs a direction to be the reverse of; process data has none. */
START_TEST(reverse_elements_stand_in_biflows_alone)
{
	ipfix_plan_init(&plan, &plans[_i].settings);
	for (unsigned int i = 0; i < IPFIX_PLAN_TEMPLATES; i++) {
		const struct ipfix_template *template = &plan.templates[i];
		const uint8_t *spec = template->specs + 4;
		unsigned int reverse = 0;

		if (template->record_bytes == 0)
			continue;
		for (; spec < template->specs + template->spec_bytes;
				spec += spec[0] & 0x80 ? 8 : 4) {
			if (!(spec[0] & 0x80) || sample_number(spec + 4, 4) != IPFIX_PEN_REVERSE)
				continue;
			uint16_t id = (uint16_t)(sample_number(spec, 2) & 0x7fff);
			const struct ipfix_element *element =
					ipfix_element_of(IPFIX_SPACE_REVERSE, id);
			ck_assert_ptr_nonnull(element);
			ck_assert(sample_has(template, 0, id));
			reverse++;
		}
		bool biflow = template->traits & IPFIX_TRAIT_REVERSE;
		ck_assert_uint_eq(reverse > 0, biflow);
		ck_assert_uint_eq(sample_has(template, 0, 239),
				!plans[_i].settings.uniflow
						&& plan.settings.protocol == IPFIX_PROTOCOL_IPFIX);
		ck_assert(sample_has(template, 0, template->traits & IPFIX_TRAIT_IPV4 ? 8 : 27));
		ck_assert(sample_has(template, 0, template->traits & IPFIX_TRAIT_IPV4 ? 12 : 28));
	}
}
END_TEST

START_TEST(default_biflow_records_are_short)
{
	ipfix_plan_init(&plan, &(struct ipfix_settings){.selector_id = 1});
	for (unsigned int i = 0; i < 4; i++)
		ck_assert_uint_le(plan.templates[i].record_bytes, 140);
	for (unsigned int i = 4; i < IPFIX_PLAN_TEMPLATES; i++)
		ck_assert_uint_le(plan.templates[i].record_bytes, 250);
}
END_TEST

/* Collectors that know nothing of weir get all of a plain flow. */
START_TEST(plain_templates_need_no_enterprise)
{
	ipfix_plan_init(&plan, &(struct ipfix_settings){.plain = true});
	for (unsigned int i = 0; i < 4; i++) {
		for (uint16_t id = 1; id <= ipfix_own_element_count; id++)
			ck_assert(!sample_has(&plan.templates[i], IPFIX_PEN_DOCUMENTATION, id));
	}
	ipfix_plan_init(&plan, &(struct ipfix_settings){.enterprise = 4711});
	ck_assert(sample_has(&plan.templates[8], 4711, IPFIX_OWN_TUNNEL_KIND));
	ck_assert(!sample_has(&plan.templates[8], IPFIX_PEN_DOCUMENTATION, IPFIX_OWN_TUNNEL_KIND));
	ck_assert_uint_eq(ipfix_plan_enterprise(&plan, IPFIX_SPACE_OWN), 4711);
}
END_TEST

START_TEST(no_element_stands_twice)
{
	ipfix_plan_init(&plan, &plans[_i].settings);
	for (unsigned int i = 0; i < IPFIX_PLAN_TEMPLATES; i++) {
		const struct ipfix_template *template = &plan.templates[i];
		const uint8_t *end = template->specs + template->spec_bytes;

		for (const uint8_t *a = template->specs + 4; a < end; a += a[0] & 0x80 ? 8 : 4) {
			unsigned int same = 0;
			for (const uint8_t *b = template->specs + 4; b < end;
					b += b[0] & 0x80 ? 8 : 4)
				same += !memcmp(a, b, 2)
						&& (!(a[0] & 0x80) || !memcmp(a + 4, b + 4, 4));
			ck_assert_uint_eq(same, 1);
		}
	}
}
END_TEST

START_TEST(keys_are_addresses_ports_protocol_and_vlan)
{
	ipfix_plan_init(&plan, &(struct ipfix_settings){0});
	for (unsigned int i = 0; i < IPFIX_PLAN_TEMPLATES; i++)
		ck_assert_uint_eq(__builtin_popcountll(plan.templates[i].keys), 7);
	ck_assert_uint_eq(plan.templates[0].keys & 0x1f, 0x1f);
}
END_TEST

static const struct {
	uint8_t version, flags, outer;
	bool reverse;
	unsigned int index;
} picks[] = {
		{4, 0, 0, false, 0},
		{6, 0, 0, false, 1},
		{4, 0, 0, true, 2},
		{6, 0, 4, true, 3}, /* not said to be in anything */
		{4, PACKET_FLAG_AROUND, 0, false, 4},
		{6, PACKET_FLAG_AROUND, 0, true, 7},
		{4, PACKET_FLAG_AROUND, 4, true, 10},
		{6, PACKET_FLAG_AROUND, 4, false, 9},
		{4, PACKET_FLAG_AROUND, 6, false, 12},
		{6, PACKET_FLAG_AROUND, 6, true, 15},
};

START_TEST(record_picks_its_template)
{
	struct flow_record record = sample_record();

	record.ip_version = picks[_i].version;
	record.flags = picks[_i].flags;
	record.around.outer_version = picks[_i].outer;
	ipfix_plan_init(&plan, &(struct ipfix_settings){0});
	unsigned int index = ipfix_plan_pick(&plan, &record, picks[_i].reverse);
	ck_assert_uint_eq(index, picks[_i].index);
	ck_assert(sample_has(&plan.templates[index], 0, picks[_i].version == 4 ? 8 : 27));
	bool around = picks[_i].flags & PACKET_FLAG_AROUND;
	ck_assert_int_eq(sample_has(&plan.templates[index], 32473, IPFIX_OWN_OUTER_SOURCE_IPV4),
			around && picks[_i].outer == 4);
	ck_assert_int_eq(sample_has(&plan.templates[index], 32473, IPFIX_OWN_OUTER_SOURCE_IPV6),
			around && picks[_i].outer == 6);
	ipfix_plan_init(&plan, &(struct ipfix_settings){.plain = true});
	ck_assert_uint_eq(ipfix_plan_pick(&plan, &record, picks[_i].reverse), index & 3);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("ipfix_plan");
	TCase *tcase = tcase_create("plan");

	tcase_add_loop_test(tcase, ops_fill_each_octet_once, 0, BASE_COUNT_OF(plans));
	tcase_add_loop_test(tcase, specifiers_are_well_formed, 0, BASE_COUNT_OF(plans));
	tcase_add_loop_test(
			tcase, reverse_elements_stand_in_biflows_alone, 0, BASE_COUNT_OF(plans));
	tcase_add_loop_test(tcase, no_element_stands_twice, 0, BASE_COUNT_OF(plans));
	tcase_add_loop_test(tcase, record_picks_its_template, 0, BASE_COUNT_OF(picks));
	tcase_add_test(tcase, default_biflow_records_are_short);
	tcase_add_test(tcase, plain_templates_need_no_enterprise);
	tcase_add_test(tcase, keys_are_addresses_ports_protocol_and_vlan);
	suite_add_tcase(suite, tcase);
	return suite;
}
