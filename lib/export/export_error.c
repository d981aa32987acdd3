/* SPDX-License-Identifier: BSD-3-Clause */
#include "export_error.h"

#include "config.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum stats_output_index export_error_lost_row(int error)
{
	switch (error) {
	case 0:
		return STATS_output_lost_queue_full;
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return STATS_output_lost_no_space;
	case EPIPE:
	case ECONNRESET:
		return STATS_output_lost_closed;
	default:
		return STATS_output_lost_io_error;
	}
}

struct explanation {
	int error;
	const char *text;
};

static const struct explanation explanations[] = {
		{EROFS, "its file system is mounted read-only; set a path on another"},
		{ENXIO, "no program reads from this pipe; start the reader first"},
		{ENOSPC, "the disk is full; make room, writing goes on by itself"},
		{EDQUOT, "the disk quota is used up; make room, writing goes on by itself"},
		{EFBIG,
				"the file is as large as is allowed; raise the limit (ulimit -f) "
				"or rotate by "
				"size"},
		{EMFILE, "too many open files; raise the limit (ulimit -n, LimitNOFILE=)"},
		{EPIPE, "the reader went away"},
		{ECONNRESET, "the reader went away"},
		{EEXIST,
				"it holds something other than weir's CSV; move it away or set "
				"another path"},
		{ENAMETOOLONG, "the path is too long; set a shorter one"},
};

static void name_directory(const char *path, char *out, size_t bytes)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		snprintf(out, bytes, ".");
	else
		snprintf(out, bytes, "%.*s", slash == path ? 1 : (int)(slash - path), path);
}

/* The errors whose cure names a file or a directory; false for the others. */
static bool explain_path(const char *path, int error, char *out, size_t bytes)
{
	char directory[CONFIG_PATH_BYTES];
	struct stat status;

	name_directory(path, directory, sizeof(directory));
	switch (error) {
	case ENOENT:
		snprintf(out, bytes, "the directory %s does not exist; make it: mkdir -p %s",
				directory, directory);
		return true;
	case ENOTDIR:
		snprintf(out, bytes, "%s is not a directory; set another path", directory);
		return true;
	case EISDIR:
		snprintf(out, bytes, "it is a directory; name a file in it: %s/flows.jsonl", path);
		return true;
	case EACCES:
	case EPERM: /* either the file or its directory may not be written */
		snprintf(out, bytes,
				"permission denied for user id %u on %s; change its owner or mode, "
				"or set another path",
				(unsigned int)geteuid(),
				stat(path, &status) == 0 ? path : directory);
		return true;
	default:
		return false;
	}
}

char *export_error_explain(const char *path, int error, char *out, size_t bytes)
{
	char cause[3 * CONFIG_PATH_BYTES];

	if (!explain_path(path, error, cause, sizeof(cause))) {
		snprintf(cause, sizeof(cause), "%s", strerror(error));
		for (size_t i = 0; i < BASE_COUNT_OF(explanations); i++) {
			if (explanations[i].error == error)
				snprintf(cause, sizeof(cause), "%s", explanations[i].text);
		}
	}
	snprintf(out, bytes, "cannot write %s: %s",
			strcmp(path, "-") == 0 ? "standard output" : path, cause);
	return out;
}
