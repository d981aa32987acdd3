/* SPDX-License-Identifier: BSD-3-Clause */
#include "config.h"
#include "unit_main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const texts[] = {
		"",
		"ports: [{interface: eth1, name: 'a: b', mtu: 9000}, {pci: '3b:00.0'}, {vdev: "
		"net_null0}]",
		"flows: {idle_timeout: 1500ms, hash_seed: 77, capacity_per_worker: 123456}",
		"workers: {cpus: [3, 1, 2], idle: poll}\nlog: {level: debug}",
		"outputs: [{path: '-'}, {path: 'x \"y\".csv', format: csv, rotate_every: 1d, keep: "
		"9}]",
		"memory: {packet_bytes: 100MB}\ncontrol: {group: weir}\nexpert: {stop_deadline: "
		"1min}",
};

/* What is written reads back to the same. Lines and columns belong to the file, not to the values.
 */
START_TEST(round_trip)
{
	static struct config first, second;
	struct base_strbuf errors = BASE_STRBUF_EMPTY, yaml = BASE_STRBUF_EMPTY;
	unsigned int count;

	config_set_defaults(&first);
	config_set_defaults(&second);
	ck_assert_int_eq(config_parse(&first, texts[_i], strlen(texts[_i]), "f", &errors, &count),
			0);
	config_write_yaml(&first, &yaml);
	int rc = config_parse(&second, yaml.text, yaml.len, "f", &errors, &count);
	ck_assert_msg(rc == 0, "%s\n%s", errors.text, yaml.text);
	for (size_t i = 0; i < CONFIG_MAX_PORTS; i++) {
		first.ports[i].line = second.ports[i].line = 0;
		first.ports[i].column = second.ports[i].column = 0;
		first.outputs[i].line = second.outputs[i].line = 0;
		first.outputs[i].column = second.outputs[i].column = 0;
	}
	ck_assert_msg(memcmp(&first, &second, sizeof(first)) == 0, "%s", yaml.text);
	base_strbuf_fini(&errors);
	base_strbuf_fini(&yaml);
}
END_TEST

START_TEST(the_page_is_what_the_table_says)
{
	struct base_strbuf page = BASE_STRBUF_EMPTY;
	static char text[65536];
	char path[512];

	snprintf(path, sizeof(path), "%s/docs/configuration.md", getenv("WEIR_SOURCE_ROOT"));
	FILE *file = fopen(path, "r");
	ck_assert_ptr_nonnull(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	config_write_reference(&page);
	/* to renew it: weir reference configuration > docs/configuration.md */
	ck_assert_str_eq(text, page.text);
	base_strbuf_fini(&page);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("config_write");
	TCase *tcase = tcase_create("write");

	tcase_add_loop_test(tcase, round_trip, 0, (int)(sizeof(texts) / sizeof(texts[0])));
	tcase_add_test(tcase, the_page_is_what_the_table_says);
	suite_add_tcase(suite, tcase);
	return suite;
}
