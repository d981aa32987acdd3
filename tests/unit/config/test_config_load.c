/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From a path to a struct: what can go wrong on the way to the text, and what stays untouched then.
 */
#include "config_cases.h"
#include "config_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[64];

static void make_folder(void)
{
	snprintf(folder, sizeof(folder), "/tmp/weir-config-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static const char *path_in(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void remove_folder(void)
{
	unlink(path_in("weir.yaml"));
	rmdir(folder);
}

static const char *write_file(const char *text, size_t len)
{
	const char *path = path_in("weir.yaml");
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(text, 1, len, file), len);
	ck_assert_int_eq(fclose(file), 0);
	return path;
}

START_TEST(reads_a_file)
{
	struct base_strbuf errors = BASE_STRBUF_EMPTY;
	static struct config config;
	unsigned int count = 99;
	const char *path = write_file(TEXT("log:\n  level: debug\n"));

	ck_assert_int_eq(config_load(&config, path, &errors, &count), 0);
	ck_assert_uint_eq(count, 0);
	ck_assert_uint_eq(errors.len, 0);
	ck_assert_uint_eq(config.log.level, 7);
	ck_assert_str_eq(config.source, path);
	base_strbuf_fini(&errors);
}
END_TEST

START_TEST(reads_an_empty_file)
{
	struct base_strbuf errors = BASE_STRBUF_EMPTY;
	static struct config config, defaults;
	unsigned int count;

	config_set_defaults(&defaults);
	ck_assert_int_eq(config_load(&config, write_file("", 0), &errors, &count), 0);
	forget_places(&config);
	ck_assert(memcmp(&config, &defaults, sizeof(config)) == 0);
	base_strbuf_fini(&errors);
}
END_TEST

START_TEST(errors_name_the_file)
{
	struct base_strbuf errors = BASE_STRBUF_EMPTY;
	static struct config config;
	unsigned int count;
	const char *path = write_file(TEXT("log:\n  level: loud\nflow:\n"));
	char expected[512];

	snprintf(expected, sizeof(expected),
			"%s:2:10: log.level: \"loud\" is unknown; expected error, warning, notice, "
			"info or debug\n%s:3:1: flow: unknown key; did you mean \"flows\"?\n",
			path, path);
	ck_assert_int_eq(config_load(&config, path, &errors, &count), -EINVAL);
	ck_assert_str_eq(errors.text, expected);
	ck_assert_uint_eq(count, 2);
	base_strbuf_fini(&errors);
}
END_TEST

/* Errors of several files may gather in one buffer. */
START_TEST(errors_are_appended)
{
	struct base_strbuf errors = BASE_STRBUF_EMPTY;
	static struct config config;
	unsigned int count;

	base_strbuf_puts(&errors, "before\n");
	ck_assert_int_eq(config_parse(&config, TEXT("flow:\n"), "a", &errors, &count), -EINVAL);
	ck_assert_int_eq(config_parse(&config, TEXT("port:\n"), "b", &errors, &count), -EINVAL);
	ck_assert_str_eq(errors.text,
			"before\n"
			"a:1:1: flow: unknown key; did you mean \"flows\"?\n"
			"b:1:1: port: unknown key; did you mean \"ports\"?\n");
	ck_assert_uint_eq(count, 1);
	base_strbuf_fini(&errors);
}
END_TEST

static void assert_unreadable(const char *path, int error)
{
	struct base_strbuf errors = BASE_STRBUF_EMPTY;
	static struct config config, before;
	unsigned int count;

	memset(&config, 0x5a, sizeof(config));
	before = config;
	ck_assert_int_eq(config_load(&config, path, &errors, &count), -error);
	ck_assert_uint_eq(errors.len, 0);
	ck_assert_uint_eq(count, 0);
	ck_assert(memcmp(&config, &before, sizeof(config)) == 0);
	base_strbuf_fini(&errors);
}

START_TEST(a_file_that_cannot_be_read_is_its_errno)
{
	assert_unreadable(path_in("missing.yaml"), ENOENT);
	assert_unreadable(folder, EISDIR);
	write_file(TEXT("log:\n"));
	assert_unreadable(path_in("weir.yaml/deeper"), ENOTDIR);
}
END_TEST

START_TEST(endless_files_end)
{
	struct base_strbuf errors = BASE_STRBUF_EMPTY;
	static struct config config;
	unsigned int count;

	ck_assert_int_eq(config_load(&config, "/dev/zero", &errors, &count), -EINVAL);
	ck_assert_str_eq(errors.text,
			"/dev/zero:1:1: document: more than 1048576 octets; expected "
			"a configuration\n");
	base_strbuf_fini(&errors);
}
END_TEST

START_TEST(reads_standard_input)
{
	struct base_strbuf errors = BASE_STRBUF_EMPTY;
	static struct config config;
	unsigned int count;

	ck_assert_ptr_nonnull(freopen(write_file(TEXT("flow:\n")), "r", stdin));
	ck_assert_int_eq(config_load(&config, "-", &errors, &count), -EINVAL);
	ck_assert_str_eq(errors.text,
			"standard input:1:1: flow: unknown key; did you mean \"flows\"?\n");
	base_strbuf_fini(&errors);

	ck_assert_ptr_nonnull(freopen(path_in("weir.yaml"), "r", stdin));
	write_file(TEXT("log: {level: info}\n"));
	ck_assert_int_eq(config_load(&config, "-", &errors, &count), 0);
	ck_assert_uint_eq(config.log.level, 6);
	ck_assert_str_eq(config.source, "standard input");
	base_strbuf_fini(&errors);
}
END_TEST

START_TEST(long_names_of_files_are_cut)
{
	struct base_strbuf errors = BASE_STRBUF_EMPTY;
	static struct config config;
	unsigned int count;
	char name[2 * CONFIG_PATH_BYTES];

	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	ck_assert_int_eq(config_parse(&config, "", 0, name, &errors, &count), 0);
	ck_assert_uint_eq(strlen(config.source), CONFIG_PATH_BYTES - 1);
	base_strbuf_fini(&errors);
}
END_TEST

/* Whatever the last load left behind, the next one starts from the defaults. */
START_TEST(loads_do_not_add_up)
{
	static struct config config, defaults;

	config_set_defaults(&defaults);
	parse_good(&config,
			TEXT("ports: [{interface: eth1}]\nworkers: {cpus: [1, 2]}\n"
			     "outputs: [{path: a}]\nlog: {level: debug}\n"));
	parse_good(&config, TEXT("log:\n"));
	forget_places(&config);
	ck_assert(memcmp(&config, &defaults, sizeof(config)) == 0);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("config_load");
	TCase *tcase = tcase_create("load");

	tcase_add_checked_fixture(tcase, make_folder, remove_folder);
	tcase_add_test(tcase, reads_a_file);
	tcase_add_test(tcase, reads_an_empty_file);
	tcase_add_test(tcase, errors_name_the_file);
	tcase_add_test(tcase, errors_are_appended);
	tcase_add_test(tcase, a_file_that_cannot_be_read_is_its_errno);
	tcase_add_test(tcase, endless_files_end);
	tcase_add_test(tcase, reads_standard_input);
	tcase_add_test(tcase, long_names_of_files_are_cut);
	tcase_add_test(tcase, loads_do_not_add_up);
	suite_add_tcase(suite, tcase);
	return suite;
}
