/* SPDX-License-Identifier: BSD-3-Clause */
#include "proto_path.h"
#include "unit_main.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

START_TEST(environment_is_believed_first)
{
	char path[PROTO_PATH_BYTES];

	setenv("WEIR_SOCKET", "/nowhere/at.sock", 1);
	ck_assert_int_eq(proto_path_default(PROTO_VIEW_SOCKET, path), 0);
	ck_assert_str_eq(path, "/nowhere/at.sock");
	setenv("WEIR_SOCKET", "/proc/self", 1); /* a directory: the socket in it */
	ck_assert_int_eq(proto_path_default(PROTO_ADMIN_SOCKET, path), 0);
	ck_assert_str_eq(path, "/proc/self/admin.sock");
}
END_TEST

START_TEST(own_runtime_directory_is_second)
{
	char directory[] = "/tmp/weir-path-XXXXXX", name[64], path[PROTO_PATH_BYTES];

	if (access("/run/weir/none.sock", F_OK) == 0)
		return;
	ck_assert_ptr_nonnull(mkdtemp(directory));
	unsetenv("WEIR_SOCKET");
	setenv("XDG_RUNTIME_DIR", directory, 1);
	ck_assert_int_eq(proto_path_default("none.sock", path), 0);
	ck_assert_str_eq(path, "/run/weir/none.sock"); /* nothing there: the place to talk about */

	snprintf(name, sizeof(name), "%s/weir", directory);
	ck_assert_int_eq(mkdir(name, 0700), 0);
	snprintf(name, sizeof(name), "%s/weir/none.sock", directory);
	FILE *file = fopen(name, "w");
	ck_assert_ptr_nonnull(file);
	fclose(file);
	ck_assert_int_eq(proto_path_default("none.sock", path), 0);
	ck_assert_str_eq(path, name);

	unlink(name);
	*strrchr(name, '/') = '\0';
	rmdir(name);
	rmdir(directory);
}
END_TEST

START_TEST(what_no_address_holds_is_refused)
{
	char longest[PROTO_PATH_BYTES + 1], path[PROTO_PATH_BYTES];

	memset(longest, 'd', sizeof(longest));
	longest[PROTO_PATH_BYTES - 1 - 10] = '\0'; /* "/view.sock" is ten */
	ck_assert_int_eq(proto_path_join(longest, "view.sock", path), 0);
	ck_assert_uint_eq(strlen(path), PROTO_PATH_BYTES - 1);
	longest[PROTO_PATH_BYTES - 1 - 10] = 'd';
	longest[PROTO_PATH_BYTES - 10] = '\0';
	ck_assert_int_eq(proto_path_join(longest, "view.sock", path), -ENAMETOOLONG);
	longest[PROTO_PATH_BYTES - 10] = 'd';
	longest[PROTO_PATH_BYTES] = '\0';
	setenv("WEIR_SOCKET", longest, 1);
	ck_assert_int_eq(proto_path_default("view.sock", path), -ENAMETOOLONG);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("proto_path");
	TCase *tcase = tcase_create("path");

	tcase_add_test(tcase, environment_is_believed_first);
	tcase_add_test(tcase, own_runtime_directory_is_second);
	tcase_add_test(tcase, what_no_address_holds_is_refused);
	suite_add_tcase(suite, tcase);
	return suite;
}
