/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The files that users begin with: config/weir.yaml says the defaults and nothing else, also in the
 * lines that are commented out, and every example loads.
 */
#include "base_clock.h"
#include "config_cases.h"
#include "config_schema.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

static const char *in_tree(const char *path)
{
	static char full[4096];
	const char *root = getenv("WEIR_SOURCE_ROOT");

	snprintf(full, sizeof(full), "%s/%s", root ? root : ".", path);
	return full;
}

static void load_good(struct config *config, const char *path)
{
	struct base_strbuf errors = BASE_STRBUF_EMPTY;
	unsigned int count;
	int rc = config_load(config, in_tree(path), &errors, &count);

	ck_assert_msg(rc == 0, "%s", errors.text ? errors.text : strerror(-rc));
	ck_assert_str_eq(config->source, in_tree(path));
	base_strbuf_fini(&errors);
}

static struct base_strbuf read_all(const char *path)
{
	struct base_strbuf text = BASE_STRBUF_EMPTY;
	FILE *file = fopen(in_tree(path), "r");
	char piece[4096];
	size_t got;

	ck_assert_msg(file != NULL, "%s", in_tree(path));
	while ((got = fread(piece, 1, sizeof(piece), file)) > 0)
		base_strbuf_add(&text, piece, got);
	fclose(file);
	return text;
}

/* A line of YAML behind a #, not one of prose, which has one space and then a word. */
static bool is_commented_out(const char *line)
{
	return line[0] == '#' && line[1] != '\n' && (line[1] != ' ' || line[2] == ' ');
}

/* What a user gets who takes the # away from every key. */
static struct base_strbuf uncomment(const char *text)
{
	struct base_strbuf out = BASE_STRBUF_EMPTY;

	for (const char *line = text; *line;) {
		size_t len = strcspn(line, "\n") + 1;
		size_t skip = is_commented_out(line);
		base_strbuf_add(&out, line + skip, len - skip);
		line += len;
	}
	return out;
}

START_TEST(default_file_is_the_defaults)
{
	static struct config config, defaults;

	config_set_defaults(&defaults);
	load_good(&config, "config/weir.yaml");
	forget_places(&config);
	ck_assert(memcmp(&config, &defaults, sizeof(config)) == 0);
}
END_TEST

START_TEST(commented_lines_are_the_defaults_of_items)
{
	static struct config config, smallest;
	struct base_strbuf text = read_all("config/weir.yaml"), keys = uncomment(text.text);

	parse_good(&config, keys.text, keys.len);
	parse_good(&smallest,
			TEXT("ports: [{interface: eth1}]\n"
			     "tunnel_ports: [{port: 8473, tunnel: vxlan}]\n"
			     "outputs: [{path: /var/log/weir/flows.jsonl}, "
			     "{collector: '192.0.2.1:4739'}, "
			     "{collector: 'flows.example.net:4740', transport: tls, "
			     "ca_file: /etc/weir/ca.pem, certificate: /etc/weir/weir.pem, "
			     "key: /etc/weir/weir.key, server_name: flows.example.net}]\n"));
	forget_places(&config);
	forget_places(&smallest);
	/* A name of one's own is the example, because the default only repeats the device. */
	ck_assert_str_ne(config.ports[0].name, "eth1");
	memcpy(config.ports[0].name, smallest.ports[0].name, CONFIG_NAME_BYTES);
	memcpy(config.outputs[0].name, smallest.outputs[0].name, CONFIG_NAME_BYTES);
	ck_assert(memcmp(&config, &smallest, sizeof(config)) == 0);
	base_strbuf_fini(&keys);
	base_strbuf_fini(&text);
}
END_TEST

/* Each key of the schema, in its section and in the schema's order. */
START_TEST(default_file_shows_every_key)
{
	struct base_strbuf text = read_all("config/weir.yaml");
	const char *at = text.text;

	for (size_t i = 0; i < config_key_count; i++) {
		char name[64];
		snprintf(name, sizeof(name), "%s:", config_key_name(&config_keys[i]));
		const char *found = strstr(at, name);
		while (found && !strchr("\n #-", found[-1]))
			found = strstr(found + 1, name);
		ck_assert_msg(found != NULL, "config/weir.yaml lacks %s, or has it elsewhere",
				config_keys[i].path);
		at = found + strlen(name);
	}
	base_strbuf_fini(&text);
}
END_TEST

/* Nearly every key has a word beside or above it; those of idle_timeout and the kinds of tunnel do
 * not need it. */
START_TEST(default_file_says_why)
{
	struct base_strbuf text = read_all("config/weir.yaml");
	unsigned int keys = 0, explained = 0;
	bool above = false;

	for (const char *line = text.text; *line; line += strcspn(line, "\n") + 1) {
		size_t len = strcspn(line, "\n");
		bool is_prose = line[0] == '#' && !is_commented_out(line);
		bool is_key = !is_prose && memchr(line, ':', len) != NULL;
		keys += is_key;
		explained += is_key && (above || memchr(line + 1, '#', len - 1) != NULL);
		above = is_prose;
		ck_assert_uint_le(len, 100);
	}
	ck_assert_uint_ge(keys, 45);
	ck_assert_uint_ge(explained + 10 + CONFIG_TUNNEL_COUNT, keys);
	base_strbuf_fini(&text);
}
END_TEST

static int is_yaml(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && strcmp(dot, ".yaml") == 0;
}

START_TEST(every_example_loads)
{
	struct dirent **entries;
	static struct config config, defaults;
	int count = scandir(in_tree("config/examples"), &entries, is_yaml, alphasort);

	ck_assert_int_ge(count, 5);
	config_set_defaults(&defaults);
	for (int i = 0; i < count; i++) {
		char path[512];
		snprintf(path, sizeof(path), "config/examples/%s", entries[i]->d_name);
		load_good(&config, path);
		ck_assert_msg(config.port_count + config.output_count > 0, "%s says nothing", path);
		free(entries[i]);
	}
	free(entries);
}
END_TEST

START_TEST(examples_do_what_they_say)
{
	static struct config config;

	load_good(&config, "config/examples/first-interface.yaml");
	ck_assert_uint_eq(config.port_count, 1);
	ck_assert_int_eq(config.ports[0].kind, CONFIG_PORT_INTERFACE);

	load_good(&config, "config/examples/two-ports-af-xdp.yaml");
	ck_assert_uint_eq(config.port_count, 2);
	for (size_t i = 0; i < 2; i++) {
		ck_assert_int_eq(config.ports[i].driver, CONFIG_DRIVER_AF_XDP);
		ck_assert_uint_ge(config.ports[i].rx_descriptors, 2048);
	}

	load_good(&config, "config/examples/dedicated-nic.yaml");
	ck_assert_int_eq(config.ports[0].kind, CONFIG_PORT_PCI);
	ck_assert_uint_eq(config.workers.cpu_count, 4);
	ck_assert_int_eq(config.workers.idle, CONFIG_IDLE_POLL);

	load_good(&config, "config/examples/replay-outputs.yaml");
	ck_assert_uint_eq(config.port_count, 0);
	ck_assert_uint_eq(config.output_count, 2);
	ck_assert_int_eq(config.outputs[0].format, CONFIG_OUTPUT_CSV);
	ck_assert_uint_eq(config.outputs[1].rotate_bytes, 1 << 30);
	ck_assert_int_eq(config.flows.idle_other_ns, 300 * BASE_NS_PER_SEC);

	load_good(&config, "config/examples/lab-vdev.yaml");
	ck_assert_int_eq(config.ports[0].kind, CONFIG_PORT_VDEV);
	ck_assert_str_eq(config.ports[0].device, "net_null0,size=64");
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("config_files");
	TCase *tcase = tcase_create("files");

	tcase_add_test(tcase, default_file_is_the_defaults);
	tcase_add_test(tcase, commented_lines_are_the_defaults_of_items);
	tcase_add_test(tcase, default_file_shows_every_key);
	tcase_add_test(tcase, default_file_says_why);
	tcase_add_test(tcase, every_example_loads);
	tcase_add_test(tcase, examples_do_what_they_say);
	suite_add_tcase(suite, tcase);
	return suite;
}
