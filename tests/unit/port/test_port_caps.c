/* SPDX-License-Identifier: BSD-3-Clause */
#include "../unit_main.h"
#include "fake_root.h"
#include "port_caps.h"

static const struct {
	const char *effective;
	uint64_t wanted;
	const char *missing;
} rows[] = {
		{"000001ffffffffff", PORT_CAPS_AF_XDP, ""},
		{"0000000000000000", PORT_CAPS_AF_PACKET, "NET_RAW and NET_ADMIN"},
		{"0000000000001000", PORT_CAPS_AF_PACKET, "NET_RAW"},
		{"0000000000003000", PORT_CAPS_AF_PACKET, ""},
		{"0000000000000000", PORT_CAPS_AF_XDP,
				"NET_RAW, NET_ADMIN, BPF, SYS_ADMIN and IPC_LOCK"},
		{"0000008000007000", PORT_CAPS_AF_XDP, "SYS_ADMIN"},
		{"0000000000207000", PORT_CAPS_AF_XDP, ""}, /* SYS_ADMIN includes BPF */
		{"0000000000000000", 0, ""},
};

START_TEST(missing_capabilities_are_named)
{
	char status[256], out[64];

	snprintf(status, sizeof(status), "Name:\tweir\nCapPrm:\t0000000000000000\nCapEff:\t%s\n",
			rows[_i].effective);
	fake_root_file("/proc/self/status", status);
	ck_assert_str_eq(port_caps_missing(fake_root, rows[_i].wanted, out, sizeof(out)),
			rows[_i].missing);
}
END_TEST

START_TEST(nothing_is_missing_that_cannot_be_told)
{
	char out[64];

	ck_assert_str_eq(port_caps_missing(fake_root, ~UINT64_C(0), out, sizeof(out)), "");
	fake_root_file("/proc/self/status", "Name:\tweir\n");
	ck_assert_str_eq(port_caps_missing(fake_root, ~UINT64_C(0), out, sizeof(out)), "");
}
END_TEST

START_TEST(short_buffers_are_not_overrun)
{
	char out[8];

	fake_root_file("/proc/self/status", "x\nCapEff:\t0\n");
	ck_assert_str_eq(port_caps_missing(fake_root, PORT_CAPS_AF_XDP, out, sizeof(out)),
			"NET_RAW");
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("port_caps");
	TCase *tcase = tcase_create("caps");

	tcase_add_checked_fixture(tcase, fake_root_create, fake_root_remove);
	tcase_add_loop_test(
			tcase, missing_capabilities_are_named, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(tcase, nothing_is_missing_that_cannot_be_told);
	tcase_add_test(tcase, short_buffers_are_not_overrun);
	suite_add_tcase(suite, tcase);
	return suite;
}
