/* SPDX-License-Identifier: BSD-3-Clause */
#include "source_capture.h"
#include "source_run.h"
#include "unit_main.h"

#include <dirent.h>

/* What is no capture is refused in one line that says so. */
static const struct {
	const char *octets;
	size_t len;
	const char *says;
} refused_rows[] = {
		{"", 0, "the file is empty"},
		{"\xd4", 1, "truncated"},
		{"\xd4\xc3\xb2\xa1", 4, "truncated"},
		{"\xd4\xc3\xb2\xa1\x02\x00\x04\x00", 8, "truncated"},
		{"\x0a\x0d\x0d\x0a", 4, "unknown file format"},
		{"\x0a\x0d\x0d\x0a....text", 12, "unknown file format"},
		{"GET / HTTP/1.1\r\nHost: example.net\r\n\r\n", 38, "unknown file format"},
		{"\x1f\x8b\x08\x00........................", 28,
				"is compressed with gzip: try zcat FILE | weir replay -"},
		{"\x28\xb5\x2f\xfd...", 7, "zstdcat"},
		{"\xfd\x37zXZ........................", 29, "xzcat"},
		{"BZh91AY", 7, "bzcat"},
		{"\x04\x22\x4d\x18...", 7, "lz4cat"},
};

START_TEST(refuses_what_is_no_capture)
{
	struct run run;

	run_octets(&run, refused_rows[_i].octets, refused_rows[_i].len, 1);
	ck_assert_uint_eq(run.errors, 1);
	ck_assert_uint_eq(run.all.count, 0);
	ck_assert_msg(strstr(run.error, refused_rows[_i].says), "%s", run.error);
	ck_assert_ptr_nonnull(strstr(run.error, "no packet was read"));
	run_free(&run);
}
END_TEST

/* Many packets of a link type that only libpcap reads, over many chunks. */
START_TEST(copies_what_libpcap_lends)
{
	static uint8_t data[SOURCE_PACKET_MAX_BYTES];
	char path[32];
	const char *paths[] = {path};
	struct octets o = {0};
	struct oracle oracle;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 13 >> 2);
	pcap_begin(&o, PCAP_NANO, SOURCE_PACKET_MAX_BYTES, 147);
	for (uint32_t i = 0; i < 3000; i++) {
		uint32_t size = i % 500 == 250 ? SOURCE_PACKET_MAX_BYTES - i % 3 : i % 1500;

		pcap_packet(&o, BASE_SEC + i / 100, i, data + (i & 1), size, size + i % 2);
	}
	int fd = file_make(o.data, o.len, path);
	oracle_read(&oracle, path);
	for (uint32_t workers = 1; workers <= 2; workers++) {
		struct run run;

		run_files(&run, paths, 1, workers);
		ck_assert_uint_eq(run.errors, 0);
		ck_assert_uint_eq(run.all.count, 3000);
		assert_same_packets(&run.all, &oracle.seen, 3000, true);
		run_free(&run);
	}
	oracle_free(&oracle);
	octets_free(&o);
	close(fd);
}
END_TEST

/* More than a chunk holds: D-Bus messages may have 128 MiB. */
START_TEST(reads_packets_larger_than_a_chunk)
{
	uint32_t size = SOURCE_CHUNK_BYTES * 5 + 3;
	uint8_t *data = malloc(size);
	struct octets o = {0};
	struct run run;

	memset(data, 0x5a, size);
	pcap_begin(&o, PCAP_MICRO, 0x7fffffff, 231);
	for (uint32_t i = 0; i < 10; i++)
		pcap_packet(&o, BASE_SEC, i, data, i % 2 ? size : 100, i % 2 ? size : 100);
	run_octets(&run, o.data, o.len, 2);
	ck_assert_uint_eq(run.errors, 0);
	ck_assert_uint_eq(run.all.count, 10);
	for (uint32_t i = 0; i < 10; i++)
		ck_assert_uint_eq(run.all.list[i].hash, hash_octets(data, i % 2 ? size : 100));
	run_free(&run);
	octets_free(&o);
	free(data);
}
END_TEST

/* libpcap agrees on real captures, where it reads them to the end: WEIR_CORPUS names a folder. */
START_TEST(agrees_with_libpcap_on_the_corpus)
{
	const char *corpus = getenv("WEIR_CORPUS");
	char folder[512];

	if (!corpus)
		return;
	snprintf(folder, sizeof(folder), "%s/pcaps", corpus);
	DIR *dir = opendir(folder);
	ck_assert_msg(dir != NULL, "no folder %s", folder);
	for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
		char path[1024];
		const char *paths[] = {path};
		struct oracle oracle;
		struct run run;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		run_files(&run, paths, 1, 1);
		oracle_read(&oracle, path);
		if (oracle.error[0] == '\0')
			ck_assert_uint_eq(run.all.count, oracle.seen.count);
		ck_assert_msg(run.all.count >= oracle.seen.count, "%s: %s", path, run.error);
		ck_assert_msg(run.errors == 0 || oracle.error[0] != '\0', "%s: %s", path,
				run.error);
		assert_same_packets(&run.all, &oracle.seen, oracle.seen.count, oracle.times_plain);
		oracle_free(&oracle);
		run_free(&run);
	}
	closedir(dir);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("source_capture");
	TCase *tcase = tcase_create("capture");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, refuses_what_is_no_capture, 0, (int)BASE_COUNT_OF(refused_rows));
	tcase_add_test(tcase, copies_what_libpcap_lends);
	tcase_add_test(tcase, reads_packets_larger_than_a_chunk);
	tcase_add_test(tcase, agrees_with_libpcap_on_the_corpus);
	suite_add_tcase(suite, tcase);
	return suite;
}
