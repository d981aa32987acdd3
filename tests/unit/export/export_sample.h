/* SPDX-License-Identifier: BSD-3-Clause */
/* Records, folders and counters for the tests of the export module. */
#ifndef EXPORT_SAMPLE_H
#define EXPORT_SAMPLE_H

#include "export_output.h"
#include "flow_record.h"

#include <check.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* 2026-11-21T01:30:00Z */
#define SAMPLE_NS (INT64_C(1795224600) * 1000000000)

static inline void sample_address(union packet_address *address, const char *text)
{
	memset(address, 0, sizeof(*address));
	ck_assert_int_eq(inet_pton(strchr(text, ':') ? AF_INET6 : AF_INET, text, address), 1);
}

/* A TCP biflow of three packets there and two back. */
static inline struct flow_record sample_record(void)
{
	struct flow_record record = {
			.source_port = 51514,
			.destination_port = 443,
			.protocol = 6,
			.ip_version = 4,
			.end_reason = FLOW_END_DETECTED,
			.direction_basis = FLOW_DIRECTION_INITIATOR,
			.packets = 3,
			.bytes = 180,
			.flow_id = UINT64_C(0x00c0ffee12345678),
			.rev_packets = 2,
			.rev_bytes = 3000,
			.start_ns = SAMPLE_NS + 1,
			.end_ns = SAMPLE_NS + 1500000001,
			.flow_start_ns = SAMPLE_NS - 60000000000,
			.rev_start_ns = SAMPLE_NS + 20000000,
			.tcp_flags = 0x1b,
			.rev_tcp_flags = 0x13,
			.ttl_min = 63,
			.ttl_max = 64,
			.rev_ttl_min = 57,
			.rev_ttl_max = 58,
			.tos = 0xb8,
			.rev_tos = 0x03,
			.rev_port = 1,
	};

	sample_address(&record.source, "10.1.4.17");
	sample_address(&record.destination, "151.101.1.6");
	return record;
}

/* A folder of the test's own; its path ends without a slash. */
static inline const char *sample_folder(void)
{
	static char path[64];
	const char *base = getenv("TMPDIR");

	snprintf(path, sizeof(path), "%.40s/weir-export-XXXXXX", base ? base : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(path));
	return path;
}

static inline void sample_remove(const char *folder)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	ck_assert_int_eq(system(command), 0);
}

/* The whole of a file, NUL-terminated; the caller frees. NULL when it does not exist. */
static inline char *sample_read(const char *path, size_t *len)
{
	FILE *file = fopen(path, "r");

	*len = 0;
	if (!file)
		return NULL;
	struct stat status;
	ck_assert_int_eq(fstat(fileno(file), &status), 0);
	char *text = calloc(1, (size_t)status.st_size + 1);
	*len = fread(text, 1, (size_t)status.st_size, file);
	fclose(file);
	return text;
}

static inline void sample_write(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
}

static inline uint64_t sample_lines(const char *text, size_t len)
{
	uint64_t lines = 0;

	for (size_t i = 0; i < len; i++)
		lines += text[i] == '\n';
	return lines;
}

/* xorshift64*: the same numbers for the same seed everywhere. */
static inline uint64_t sample_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(0x2545f4914f6cdd1d);
}

#endif
