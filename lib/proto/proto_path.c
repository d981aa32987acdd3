/* SPDX-License-Identifier: BSD-3-Clause */
#include "proto_path.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int fitted(int len)
{
	return len >= 0 && len < PROTO_PATH_BYTES ? 0 : -ENAMETOOLONG;
}

int proto_path_join(const char *directory, const char *name, char path[PROTO_PATH_BYTES])
{
	return fitted(snprintf(path, PROTO_PATH_BYTES, "%s/%s", directory, name));
}

int proto_path_given(const char *given, const char *name, char path[PROTO_PATH_BYTES])
{
	struct stat status;

	if (stat(given, &status) == 0 && S_ISDIR(status.st_mode))
		return proto_path_join(given, name, path);
	return fitted(snprintf(path, PROTO_PATH_BYTES, "%s", given));
}

int proto_path_default(const char *name, char path[PROTO_PATH_BYTES])
{
	const char *from_env = getenv("WEIR_SOCKET");
	const char *user_directory = getenv("XDG_RUNTIME_DIR");

	if (from_env && *from_env)
		return proto_path_given(from_env, name, path);
	int rc = proto_path_join(PROTO_RUN_DIRECTORY, name, path);
	/* Any answer but "no such file" means that it is there, if only for others. */
	if (rc < 0 || access(path, F_OK) == 0 || errno != ENOENT)
		return rc;
	if (!user_directory || !*user_directory)
		return 0;
	char user_path[PROTO_PATH_BYTES];
	int len = snprintf(user_path, sizeof(user_path), "%s/weir/%s", user_directory, name);
	if (fitted(len) == 0 && access(user_path, F_OK) == 0)
		return fitted(snprintf(path, PROTO_PATH_BYTES, "%s", user_path));
	return 0;
}
