/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The table is data, so it can be wrong where no compiler looks: these tests read every row. The
 * defaults stand here a second time, as numbers, because users rely on them.
 */
#include "base_clock.h"
#include "base_log.h"
#include "config_cases.h"
#include "config_schema.h"
#include "config_value.h"
#include "config_words.h"

#include <ctype.h>

START_TEST(defaults)
{
	static struct config c;

	memset(&c, 0xff, sizeof(c));
	config_set_defaults(&c);
	ck_assert_str_eq(c.source, "");
	ck_assert_uint_eq(c.port_count, 0);
	ck_assert_uint_eq(c.output_count, 0);
	ck_assert_uint_eq(c.workers.count, 0);
	ck_assert_uint_eq(c.workers.cpu_count, 0);
	ck_assert_int_eq(c.workers.control_cpu, -1);
	ck_assert_int_eq(c.workers.idle, CONFIG_IDLE_RAMP);
	ck_assert_uint_eq(c.workers.burst, 64);
	ck_assert(c.memory.huge_pages);
	ck_assert_uint_eq(c.memory.packet_bytes, 0);
	ck_assert_uint_eq(c.flows.capacity_per_worker, 1000000);
	ck_assert_int_eq(c.flows.active_ns, 60 * BASE_NS_PER_SEC);
	ck_assert_int_eq(c.flows.idle_tcp_ns, 60 * BASE_NS_PER_SEC);
	ck_assert_int_eq(c.flows.idle_udp_ns, 30 * BASE_NS_PER_SEC);
	ck_assert_int_eq(c.flows.idle_icmp_ns, 10 * BASE_NS_PER_SEC);
	ck_assert_int_eq(c.flows.idle_other_ns, 30 * BASE_NS_PER_SEC);
	ck_assert_int_eq(c.flows.tcp_linger_ns, 2 * BASE_NS_PER_SEC);
	ck_assert_uint_eq(c.flows.ring_records, 16384);
	ck_assert_uint_eq(c.flows.hash_seed, 0);
	ck_assert_str_eq(c.control.directory, "/run/weir");
	ck_assert_str_eq(c.control.group, "");
	ck_assert_uint_eq(c.control.max_clients, 64);
	ck_assert_uint_eq(c.log.level, BASE_LOG_NOTICE);
	ck_assert_str_eq(c.expert.eal_arguments, "");
	ck_assert_int_eq(c.expert.stop_deadline_ns, 5 * BASE_NS_PER_SEC);
}
END_TEST

START_TEST(defaults_of_items)
{
	static struct config c;

	parse_good(&c, TEXT("ports: [{interface: eth1}]\noutputs: [{path: flows}]\n"));
	const struct config_port *port = &c.ports[0];
	ck_assert_int_eq(port->driver, CONFIG_DRIVER_AUTO);
	ck_assert_uint_eq(port->rx_descriptors, 0);
	ck_assert_uint_eq(port->queues, 0);
	ck_assert(port->promiscuous);
	ck_assert(!port->force);
	ck_assert_uint_eq(port->mtu, 0);

	const struct config_output *output = &c.outputs[0];
	ck_assert_int_eq(output->format, CONFIG_OUTPUT_JSONL);
	ck_assert_uint_eq(output->rotate_bytes, 0);
	ck_assert_int_eq(output->rotate_ns, 0);
	ck_assert_uint_eq(output->keep_files, 0);
	ck_assert_uint_eq(output->queue_bytes, 16 << 20);
	ck_assert(!output->community_id);
}
END_TEST

static bool is_text(enum config_type type)
{
	return type == CONFIG_TYPE_TEXT || type == CONFIG_TYPE_INTERFACE || type == CONFIG_TYPE_PCI
			|| type == CONFIG_TYPE_VDEV;
}

static bool has_value(const struct config_key *key)
{
	return key->type != CONFIG_TYPE_SECTION && key->type != CONFIG_TYPE_LIST;
}

START_TEST(field_fits_type)
{
	const struct config_key *key = &config_keys[_i];

	switch (key->type) {
	case CONFIG_TYPE_SECTION:
	case CONFIG_TYPE_LIST:
		ck_assert_uint_eq(key->bytes, 0);
		break;
	case CONFIG_TYPE_BOOL:
		ck_assert_uint_eq(key->bytes, sizeof(bool));
		break;
	case CONFIG_TYPE_COUNT:
		ck_assert(key->bytes == 4 || key->bytes == 8);
		break;
	case CONFIG_TYPE_BYTES:
	case CONFIG_TYPE_DURATION:
	case CONFIG_TYPE_SEED:
		ck_assert_uint_eq(key->bytes, 8);
		break;
	case CONFIG_TYPE_CHOICE:
	case CONFIG_TYPE_CPU:
		ck_assert_uint_eq(key->bytes, 4);
		break;
	case CONFIG_TYPE_CPUS:
		ck_assert_uint_eq(key->bytes, sizeof(((struct config *)0)->workers.cpus));
		break;
	default:
		ck_assert(is_text(key->type));
		ck_assert_uint_le(config_words_text_high(key), key->bytes - 1);
		ck_assert_uint_le(config_words_text_low(key), config_words_text_high(key));
	}
}
END_TEST

START_TEST(range_makes_sense)
{
	const struct config_key *key = &config_keys[_i];
	uint64_t low, high;

	if (!config_value_is_number(key->type))
		return;
	ck_assert_int_eq(config_value_number(key->type, key->low, &low), 0);
	ck_assert_int_eq(config_value_number(key->type, key->high, &high), 0);
	ck_assert_uint_lt(low, high);
	if (key->bytes == 4)
		ck_assert_uint_le(high, UINT32_MAX);
	if (key->type == CONFIG_TYPE_DURATION)
		ck_assert_uint_le(high, INT64_MAX);
	if (key->flags & CONFIG_FLAG_POWER_OF_TWO)
		ck_assert(!(low & (low - 1)) && !(high & (high - 1)));
	/* The word must not stand for something that a number could also say. */
	if (key->word)
		ck_assert((uint64_t)key->word_value < low || (uint64_t)key->word_value > high);
}
END_TEST

START_TEST(default_is_said_and_valid)
{
	const struct config_key *key = &config_keys[_i];
	static struct config base;

	if (!has_value(key))
		return;
	ck_assert_msg(key->fallback || key->fallback_note || key->flags & CONFIG_FLAG_REQUIRED
					|| (is_text(key->type) && key->type != CONFIG_TYPE_TEXT),
			"%s", key->path);
	if (key->fallback)
		ck_assert_msg(config_value_parse(key, key->fallback, strlen(key->fallback), &base,
					      NULL)
						== 0,
				"%s: %s", key->path, key->fallback);
}
END_TEST

START_TEST(help_is_a_phrase)
{
	const struct config_key *key = &config_keys[_i];
	size_t len = strlen(key->help);

	ck_assert_uint_gt(len, 10);
	ck_assert(key->help[len - 1] != '.');
	ck_assert(strchr(key->help, '|') == NULL);
	/* Sections begin a paragraph of the page, keys stand in a cell of a table. */
	if (!strchr(key->path, '.'))
		ck_assert(isupper((unsigned char)key->help[0]));
}
END_TEST

START_TEST(parents_come_first)
{
	const struct config_key *key = &config_keys[_i];
	char parent[64];
	size_t len = (size_t)(config_key_name(key) - key->path);

	for (int i = 0; i < _i; i++)
		ck_assert_str_ne(config_keys[i].path, key->path);
	ck_assert_ptr_eq(config_key_get(key->path), key);
	if (len == 0) {
		ck_assert(config_key_is_child(key, ""));
		return;
	}
	snprintf(parent, sizeof(parent), "%.*s", (int)len - 1, key->path);
	ck_assert(config_key_is_child(key, parent));
	ck_assert(!config_key_is_child(key, ""));
	ck_assert_ptr_eq(config_key_find(parent, key->path + len, strlen(key->path + len)), key);

	bool is_item = len > 3 && memcmp(parent + len - 3, "[]", 3) == 0;
	if (is_item)
		parent[len - 3] = '\0';
	const struct config_key *above = config_key_get(parent);
	ck_assert(above < key);
	ck_assert_int_eq(above->type, is_item ? CONFIG_TYPE_LIST : CONFIG_TYPE_SECTION);
}
END_TEST

/* No two keys share a field, except the three that name a port's device. */
START_TEST(fields_are_apart)
{
	const struct config_key *key = &config_keys[_i];

	for (size_t i = 0; i < (size_t)_i; i++) {
		const struct config_key *other = &config_keys[i];
		bool in_items = strchr(key->path, '[') != NULL;
		size_t root = strcspn(key->path, ".");
		if (!has_value(key) || !has_value(other)
				|| in_items != (strchr(other->path, '[') != NULL)
				|| (in_items && strncmp(key->path, other->path, root) != 0)
				|| (is_text(key->type) && key->type != CONFIG_TYPE_TEXT))
			continue;
		ck_assert_msg(key->offset >= other->offset + other->bytes
						|| other->offset >= key->offset + key->bytes,
				"%s and %s", key->path, other->path);
	}
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("config_schema");
	TCase *tcase = tcase_create("schema");
	int rows = (int)config_key_count;

	tcase_add_test(tcase, defaults);
	tcase_add_test(tcase, defaults_of_items);
	tcase_add_loop_test(tcase, field_fits_type, 0, rows);
	tcase_add_loop_test(tcase, range_makes_sense, 0, rows);
	tcase_add_loop_test(tcase, default_is_said_and_valid, 0, rows);
	tcase_add_loop_test(tcase, help_is_a_phrase, 0, rows);
	tcase_add_loop_test(tcase, parents_come_first, 0, rows);
	tcase_add_loop_test(tcase, fields_are_apart, 0, rows);
	suite_add_tcase(suite, tcase);
	return suite;
}
