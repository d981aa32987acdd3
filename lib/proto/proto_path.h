/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PROTO_PATH_H
#define PROTO_PATH_H

#include "base_cacheline.h"

#include <stddef.h>

#define PROTO_RUN_DIRECTORY "/run/weir"
#define PROTO_VIEW_SOCKET "view.sock"
#define PROTO_ADMIN_SOCKET "admin.sock"
/* Octets of a path that fits a socket's address, with its NUL. */
#define PROTO_PATH_BYTES 108

/*
 * Writes the path of a socket: directory/name. 0, or -ENAMETOOLONG when no socket can have that
 * address; then the path is cut.
 */
int proto_path_join(const char *directory, const char *name,
		char path[PROTO_PATH_BYTES]) BASE_MUST_CHECK;

/*
 * What a user gave: `given`, or given/name when that is a directory. 0 or -ENAMETOOLONG.
 */
int proto_path_given(
		const char *given, const char *name, char path[PROTO_PATH_BYTES]) BASE_MUST_CHECK;

/*
 * Where a client looks for `name` (PROTO_VIEW_SOCKET, PROTO_ADMIN_SOCKET) when it was not told:
 * $WEIR_SOCKET (as given), else /run/weir if it is there, else $XDG_RUNTIME_DIR/weir if it is
 * there, else /run/weir. 0 or -ENAMETOOLONG.
 */
int proto_path_default(const char *name, char path[PROTO_PATH_BYTES]) BASE_MUST_CHECK;

#endif
