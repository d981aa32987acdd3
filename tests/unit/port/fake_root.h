/* SPDX-License-Identifier: BSD-3-Clause */
/* A folder that stands for / in a test: files and links as /sys and /proc would have them. */
#ifndef FAKE_ROOT_H
#define FAKE_ROOT_H

#include <check.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char fake_root[64];

static inline void fake_root_create(void)
{
	strcpy(fake_root, "/tmp/weir-root-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(fake_root));
}

static inline void fake_root_remove(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf -- '%s'", fake_root);
	ck_assert_int_eq(system(command), 0);
}

/* The whole path, with the folders above it made. */
static inline void fake_root_path(char out[512], const char *path)
{
	snprintf(out, 512, "%s%s", fake_root, path);
	for (char *slash = out + strlen(fake_root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(out, 0755);
		*slash = '/';
	}
}

static inline void fake_root_file(const char *path, const char *text)
{
	char full[512];

	fake_root_path(full, path);
	FILE *file = fopen(full, "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
}

static inline void fake_root_link(const char *path, const char *target)
{
	char full[512];

	fake_root_path(full, path);
	ck_assert_int_eq(symlink(target, full), 0);
}

static inline void fake_root_folder(const char *path)
{
	char full[512];

	fake_root_path(full, path);
	ck_assert_int_eq(mkdir(full, 0755), 0);
}

#endif
