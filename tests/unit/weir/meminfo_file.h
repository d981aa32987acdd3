/* SPDX-License-Identifier: BSD-3-Clause */
/* A file such as /proc/meminfo, for as long as the case runs. */
#ifndef MEMINFO_FILE_H
#define MEMINFO_FILE_H

#include <check.h>

#include <stdio.h>
#include <unistd.h>

/* Writes the text and gives the file's path into `path`. */
static inline FILE *meminfo_file(char path[32], const char *text)
{
	FILE *file = tmpfile();

	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	fflush(file);
	snprintf(path, 32, "/proc/self/fd/%d", fileno(file));
	return file;
}

#endif
