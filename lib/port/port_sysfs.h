/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Small files of /sys and /proc, below a root: "" for the host, or a folder that looks like one, so
 * that every check can be tested on any machine. Paths are given without the root, as a printf
 * format that starts with a slash. Any thread; not on the packet path.
 */
#ifndef PORT_SYSFS_H
#define PORT_SYSFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PORT_SYSFS_PATH_BYTES 512

/* Reads at most bytes - 1 octets, without trailing white space. Returns 0 or -errno. */
int port_sysfs_read(const char *root, char *out, size_t bytes, const char *format, ...)
		__attribute__((format(printf, 4, 5)));
/* Reads a decimal or 0x number. Returns 0 or -errno (-EINVAL: not a number). */
int port_sysfs_number(const char *root, int64_t *value, const char *format, ...)
		__attribute__((format(printf, 3, 4)));
/* The last part of where a link points to: what driver a device is bound to. 0 or -errno. */
int port_sysfs_link(const char *root, char *out, size_t bytes, const char *format, ...)
		__attribute__((format(printf, 4, 5)));
bool port_sysfs_exists(const char *root, const char *format, ...)
		__attribute__((format(printf, 2, 3)));
/*
 * Calls visit for each entry of a folder but "." and "..", until it returns false. Returns 0 or
 * -errno when the folder cannot be read.
 */
int port_sysfs_each(const char *root, const char *folder,
		bool (*visit)(void *arg, const char *name), void *arg);

#endif
