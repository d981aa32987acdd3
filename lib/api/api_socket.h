/* SPDX-License-Identifier: BSD-3-Clause */
/* A listening Unix socket: made, guarded against a second instance, removed. */
#ifndef API_SOCKET_H
#define API_SOCKET_H

#include "base_cacheline.h"
#include "proto_path.h"

#include <stddef.h>
#include <sys/stat.h>

struct api_socket {
	int fd; /* -1: none */
	char path[PROTO_PATH_BYTES];
	dev_t device; /* of the file that was made, to remove no other */
	ino_t inode;
};

/*
 * Makes `directory` (0750, `group` if given) when it is not there; its parent must be. 0, or
 * -errno with cause and cure in error.
 */
int api_socket_directory(const char *directory, const char *group, char *error,
		size_t error_bytes) BASE_MUST_CHECK;

/*
 * -EADDRINUSE with the other's pid in error when a process listens at directory/name, else 0.
 * Changes nothing.
 */
int api_socket_check(const char *directory, const char *name, char *error,
		size_t error_bytes) BASE_MUST_CHECK;

/*
 * Listens at directory/name, mode 0660 and owned by `group`, or 0600 when group is "". A socket
 * that nobody answers on is replaced. 0, or -errno with cause and cure in error: -EADDRINUSE when
 * another process listens there.
 */
int api_socket_open(struct api_socket *sock, const char *directory, const char *name,
		const char *group, char *error, size_t error_bytes) BASE_MUST_CHECK;
/* Closes, and removes the file if it is still the one that was made. */
void api_socket_close(struct api_socket *sock);

#endif
