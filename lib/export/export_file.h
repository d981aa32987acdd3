/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where lines go: a regular file, which is appended to, cut back after a failed write, rotated and
 * opened again; or a stream (export_stream.h): pipe, terminal, device. "-" is standard output,
 * whatever that is.
 *
 * A file may begin with a lead: the CSV header, once in a file; or a newline, when the last line of
 * the file that is appended to was left unfinished by a crash. It is written before the next lines
 * are, and not counted as one.
 */
#ifndef EXPORT_FILE_H
#define EXPORT_FILE_H

#include "base_cacheline.h"
#include "config.h"
#include "export_rotate.h"
#include "export_stream.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Pieces that one write takes at most. */
#define EXPORT_FILE_PIECES 64

/* One thread. */
struct export_file {
	char path[CONFIG_PATH_BYTES]; /* "-": standard output */
	const char *header; /* "" or a line with its newline */
	size_t header_len;

	struct export_stream stream;
	bool regular;
	uint64_t bytes; /* of a regular file */
	int64_t modified_ns; /* of the file that was appended to; 0: it was empty */
	const char *lead;
	size_t lead_len; /* left to write */
	size_t lead_done; /* written */
	int stopped; /* errno that ended the last write in the middle; 0: none did */
};

/*
 * Opens `path` for appending; it is created 0644. `header` must outlive the file. A CSV file of
 * weir's that has other columns is set aside under a rotated name. 0, or -errno: -EEXIST when the
 * file holds something else than CSV with weir's columns, -ENXIO when a named pipe has no reader.
 */
int export_file_open(struct export_file *file, const char *path, const char *header,
		size_t header_len) BASE_MUST_CHECK;
void export_file_close(struct export_file *file);

/*
 * Opens the path again, then closes what was open; on -errno the old file stays in use. *moved is
 * set when the path now leads to another file. Standard output: nothing happens.
 */
int export_file_reopen(struct export_file *file, bool *moved) BASE_MUST_CHECK;
/*
 * Renames the file after `ns` (UTC) and opens a new one. On -errno nothing was renamed, or (*moved
 * is true) the new one could not be opened and writing goes on to the renamed file.
 */
int export_file_rotate(struct export_file *file, int64_t ns, bool *moved) BASE_MUST_CHECK;
/* Only regular files that were opened by their path. */
bool export_file_can_rotate(const struct export_file *file);
/* True when the file holds, or will hold, more than its lead. */
bool export_file_has_lines(const struct export_file *file);

/* Writes what is left of the lead. Returns its octets when that is complete, else 0 or -errno. */
ssize_t export_file_write_lead(struct export_file *file);
/*
 * Writes lines: the octets that were accepted, or -errno when that is none. A regular file takes
 * all of them unless there is an error: then file->stopped says which, and the next call returns
 * it, if nothing was cut off in between.
 */
ssize_t export_file_write(struct export_file *file, const struct iovec *pieces, int count);
/*
 * Cuts the last `len` octets, just written, off a regular file. 0, or -errno when the file is no
 * regular one or does not end where the writing stopped.
 */
int export_file_cut(struct export_file *file, size_t len) BASE_MUST_CHECK;

#endif
