/* SPDX-License-Identifier: BSD-3-Clause */
#include "export_rotate.h"

#include "base_clock.h"
#include "base_log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Rotations that end in the same second; more would mean that something else is wrong. */
#define MAX_NUMBER 100000

/* "20261121T013000Z" */
#define STAMP_LENGTH 16

void export_rotate_format(char out[EXPORT_ROTATE_PATH_BYTES], const char *path, int64_t ns,
		unsigned int number)
{
	char iso[BASE_CLOCK_ISO_BYTES], stamp[STAMP_LENGTH + 1];
	char *at = stamp;

	base_clock_format_iso(ns, iso);
	for (const char *c = iso; *c != '.'; c++) {
		if (*c != '-' && *c != ':')
			*at++ = *c;
	}
	*at++ = 'Z';
	*at = '\0';
	if (number == 0)
		snprintf(out, EXPORT_ROTATE_PATH_BYTES, "%s.%s", path, stamp);
	else
		snprintf(out, EXPORT_ROTATE_PATH_BYTES, "%s.%s.%u", path, stamp, number);
}

/* `count` digits at *text, which moves past them; false when one is none. */
static bool parse_digits(const char **text, unsigned int count, uint64_t *value)
{
	for (unsigned int i = 0; i < count; i++) {
		unsigned int digit = (unsigned int)(unsigned char)*(*text)++ - '0';
		if (digit > 9)
			return false;
		*value = *value * 10 + digit;
	}
	return true;
}

bool export_rotate_parse(const char *name, const char *base, uint64_t key[2])
{
	size_t len = strlen(base);
	const char *at = name + len + 1;

	key[0] = 0;
	key[1] = 0;
	if (strncmp(name, base, len) != 0 || name[len] != '.' || strlen(at) < STAMP_LENGTH)
		return false;
	if (!parse_digits(&at, 8, &key[0]) || *at++ != 'T' || !parse_digits(&at, 6, &key[0])
			|| *at++ != 'Z')
		return false;
	if (*at == '\0')
		return true;
	size_t digits = *at == '.' ? strlen(++at) : 0;
	return digits > 0 && digits < 10 && *at != '0'
			&& parse_digits(&at, (unsigned int)digits, &key[1]);
}

/* renameat2() refuses to overwrite in one step, but not on every file system. */
static int rename_to_new(const char *from, const char *to)
{
	struct stat status;

	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -errno;
	if (lstat(to, &status) == 0)
		return -EEXIST;
	return rename(from, to) == 0 ? 0 : -errno;
}

int export_rotate_rename(const char *path, int64_t ns, char moved[EXPORT_ROTATE_PATH_BYTES])
{
	int error = -EEXIST;

	for (unsigned int number = 0; error == -EEXIST && number < MAX_NUMBER; number++) {
		export_rotate_format(moved, path, ns, number);
		error = rename_to_new(path, moved);
	}
	return error;
}

struct rotated {
	uint64_t key[2];
	char name[NAME_MAX + 1];
};

struct rotated_list {
	struct rotated *files;
	size_t count;
	size_t size;
};

static int compare_newest_first(const void *a, const void *b)
{
	const struct rotated *x = a, *y = b;

	for (unsigned int i = 0; i < 2; i++) {
		if (x->key[i] != y->key[i])
			return x->key[i] > y->key[i] ? -1 : 1;
	}
	return 0;
}

static int add_rotated(struct rotated_list *list, const char *name, const uint64_t key[2])
{
	if (list->count == list->size) {
		size_t size = list->size ? 2 * list->size : 32;
		struct rotated *files = realloc(list->files, size * sizeof(*files));
		if (!files)
			return -ENOMEM;
		list->files = files;
		list->size = size;
	}
	struct rotated *file = &list->files[list->count++];
	memcpy(file->key, key, sizeof(file->key));
	snprintf(file->name, sizeof(file->name), "%s", name);
	return 0;
}

static int list_rotated(DIR *directory, const char *base, struct rotated_list *list)
{
	struct dirent *entry;
	uint64_t key[2];

	while ((entry = readdir(directory)) != NULL) {
		struct stat status;

		if (!export_rotate_parse(entry->d_name, base, key)
				|| fstatat(dirfd(directory), entry->d_name, &status,
						   AT_SYMLINK_NOFOLLOW)
						!= 0
				|| !S_ISREG(status.st_mode))
			continue;
		if (add_rotated(list, entry->d_name, key) < 0)
			return -ENOMEM;
	}
	return 0;
}

void export_rotate_prune(const char *path, uint32_t keep)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;
	char directory_path[CONFIG_PATH_BYTES] = ".";
	struct rotated_list list = {0};

	if (keep == 0)
		return;
	if (slash) /* "/file" lies in "/" */
		snprintf(directory_path, sizeof(directory_path), "%.*s",
				slash == path ? 1 : (int)(slash - path), path);
	DIR *directory = opendir(directory_path);
	if (!directory) {
		base_log_every(60, BASE_LOG_WARNING, "cannot look for old files in %s: %s",
				directory_path, strerror(errno));
		return;
	}
	if (list_rotated(directory, base, &list) == 0 && list.count > keep) {
		qsort(list.files, list.count, sizeof(*list.files), compare_newest_first);
		for (size_t i = keep; i < list.count; i++) {
			if (unlinkat(dirfd(directory), list.files[i].name, 0) != 0)
				base_log_every(60, BASE_LOG_WARNING,
						"cannot delete the old file %s/%s: %s",
						directory_path, list.files[i].name,
						strerror(errno));
		}
	}
	free(list.files);
	closedir(directory);
}
