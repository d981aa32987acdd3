/* SPDX-License-Identifier: BSD-3-Clause */
#include "port_sysfs.h"

#include "base_cacheline.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int make_path(char path[PORT_SYSFS_PATH_BYTES], const char *root, const char *format,
		va_list args) __attribute__((format(printf, 3, 0)));

static int make_path(char path[PORT_SYSFS_PATH_BYTES], const char *root, const char *format,
		va_list args)
{
	int used = snprintf(path, PORT_SYSFS_PATH_BYTES, "%s", root);

	if (used < 0 || used >= PORT_SYSFS_PATH_BYTES)
		return -ENAMETOOLONG;
	int more = vsnprintf(path + used, (size_t)(PORT_SYSFS_PATH_BYTES - used), format, args);
	return more < 0 || more >= PORT_SYSFS_PATH_BYTES - used ? -ENAMETOOLONG : 0;
}

static int read_path(const char *path, char *out, size_t bytes)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	/* Files of /proc come a page a read. */
	size_t len = 0;
	ssize_t got = 1;
	while (len < bytes - 1 && (got = read(fd, out + len, bytes - 1 - len)) > 0)
		len += (size_t)got;
	int rc = got < 0 ? -errno : 0;
	close(fd);
	if (rc)
		return rc;
	while (len > 0 && strchr(" \t\r\n", out[len - 1]))
		len--;
	out[len] = '\0';
	return 0;
}

int port_sysfs_read(const char *root, char *out, size_t bytes, const char *format, ...)
{
	char path[PORT_SYSFS_PATH_BYTES];
	va_list args;

	va_start(args, format);
	int rc = make_path(path, root, format, args);
	va_end(args);
	return rc ? rc : read_path(path, out, bytes);
}

int port_sysfs_number(const char *root, int64_t *value, const char *format, ...)
{
	char path[PORT_SYSFS_PATH_BYTES], text[32], *end;
	va_list args;

	va_start(args, format);
	int rc = make_path(path, root, format, args);
	va_end(args);
	if (!rc)
		rc = read_path(path, text, sizeof(text));
	if (rc)
		return rc;
	errno = 0;
	long long number = strtoll(text, &end, 0);
	if (errno || end == text || *end)
		return -EINVAL;
	*value = number;
	return 0;
}

int port_sysfs_link(const char *root, char *out, size_t bytes, const char *format, ...)
{
	char path[PORT_SYSFS_PATH_BYTES], target[PORT_SYSFS_PATH_BYTES];
	va_list args;

	va_start(args, format);
	int rc = make_path(path, root, format, args);
	va_end(args);
	if (rc)
		return rc;
	ssize_t len = readlink(path, target, sizeof(target) - 1);
	if (len < 0)
		return -errno;
	target[len] = '\0';
	const char *slash = strrchr(target, '/');
	const char *last = slash ? slash + 1 : target;
	if (strlen(last) >= bytes)
		return -ENAMETOOLONG;
	strcpy(out, last);
	return 0;
}

bool port_sysfs_exists(const char *root, const char *format, ...)
{
	char path[PORT_SYSFS_PATH_BYTES];
	va_list args;

	va_start(args, format);
	int rc = make_path(path, root, format, args);
	va_end(args);
	return rc == 0 && access(path, F_OK) == 0;
}

int port_sysfs_each(const char *root, const char *folder,
		bool (*visit)(void *arg, const char *name), void *arg)
{
	char path[PORT_SYSFS_PATH_BYTES];
	int len = snprintf(path, sizeof(path), "%s%s", root, folder);

	if (len < 0 || (size_t)len >= sizeof(path))
		return -ENAMETOOLONG;
	DIR *dir = opendir(path);
	if (!dir)
		return -errno;
	for (const struct dirent *entry; (entry = readdir(dir)) != NULL;) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (!visit(arg, entry->d_name))
			break;
	}
	closedir(dir);
	return 0;
}
