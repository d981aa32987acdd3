/* SPDX-License-Identifier: BSD-3-Clause */
#include "export_file.h"

#include "base_clock.h"
#include "base_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEADER_MAX_BYTES 1024

static void set_lead(struct export_file *file, const char *lead, size_t len)
{
	file->lead = lead;
	file->lead_len = len;
	file->lead_done = 0;
}

static bool is_standard_output(const struct export_file *file)
{
	return strcmp(file->path, "-") == 0;
}

static int64_t time_to_ns(const struct timespec *time)
{
	return (int64_t)time->tv_sec * BASE_NS_PER_SEC + time->tv_nsec;
}

/* What a file that exists already begins and ends with. */
struct contents {
	bool other_columns; /* a header of weir's, but not this one */
	bool foreign; /* no header of weir's */
	bool torn; /* no newline at the end */
};

/* A file that may be written but not read is taken for good. */
static struct contents look_into(const struct export_file *file, const char *path, off_t size)
{
	char first[HEADER_MAX_BYTES], last = '\n';
	struct contents contents = {0};
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return contents;
	if (pread(fd, &last, 1, size - 1) == 1)
		contents.torn = last != '\n';
	size_t want = file->header_len < sizeof(first) ? file->header_len : sizeof(first);
	ssize_t got = want > 0 ? pread(fd, first, want, 0) : 0;
	close(fd);
	if (want > 0 && got >= 0
			&& ((size_t)got < want || memcmp(first, file->header, want) != 0)) {
		/* the first column has never had another name */
		size_t column = strcspn(file->header, ",\n") + 1;
		contents.other_columns =
				(size_t)got >= column && memcmp(first, file->header, column) == 0;
		contents.foreign = !contents.other_columns;
	}
	return contents;
}

static int set_aside(const char *path)
{
	char moved[EXPORT_ROTATE_PATH_BYTES];
	int error = export_rotate_rename(path, base_clock_wall_ns(), moved);

	if (error == 0)
		base_log_notice("%s has other columns; it is set aside as %s", path, moved);
	return error;
}

/* Takes over `fd`, a regular file or not, and says how the writing begins. */
static int adopt(struct export_file *file, int fd, const struct stat *status)
{
	struct contents contents = {0};

	file->regular = S_ISREG(status->st_mode);
	file->bytes = file->regular ? (uint64_t)status->st_size : 0;
	file->modified_ns = 0;
	set_lead(file, file->header, file->header_len);
	if (file->regular && status->st_size > 0) {
		contents = look_into(file, file->path, status->st_size);
		if (contents.foreign || contents.other_columns)
			return contents.foreign ? -EEXIST : -ESTALE;
		file->modified_ns = time_to_ns(&status->st_mtim);
		set_lead(file, "\n", contents.torn);
	}
	export_stream_init(&file->stream, fd);
	return 0;
}

static int open_path(struct export_file *file)
{
	struct stat status;

	for (;;) {
		/* O_NONBLOCK: a named pipe without reader answers ENXIO instead of waiting */
		int fd = open(file->path,
				O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
				0644);
		if (fd < 0)
			return -errno;
		int error = fstat(fd, &status) == 0 ? adopt(file, fd, &status) : -errno;
		if (error == 0)
			return 0;
		close(fd);
		if (error == -ESTALE)
			error = set_aside(file->path);
		if (error < 0)
			return error;
	}
}

/* Standard output: a regular file when it was redirected to one; then it is not ours to rotate. */
static int open_standard_output(struct export_file *file)
{
	struct stat status;

	if (fstat(STDOUT_FILENO, &status) != 0)
		return -errno;
	int flags = fcntl(STDOUT_FILENO, F_GETFL);
	bool appends = flags >= 0 && (flags & O_APPEND) != 0;
	file->regular = S_ISREG(status.st_mode);
	file->bytes = file->regular ? (uint64_t)status.st_size : 0;
	if (file->regular)
		file->stream = (struct export_stream){.fd = STDOUT_FILENO};
	else
		export_stream_borrow(&file->stream, STDOUT_FILENO);
	if (!(file->regular && appends && status.st_size > 0))
		set_lead(file, file->header, file->header_len);
	return 0;
}

int export_file_open(
		struct export_file *file, const char *path, const char *header, size_t header_len)
{
	*file = (struct export_file){.header = header, .header_len = header_len};
	file->stream.fd = -1;
	if (strlen(path) >= sizeof(file->path))
		return -ENAMETOOLONG;
	snprintf(file->path, sizeof(file->path), "%s", path);
	return is_standard_output(file) ? open_standard_output(file) : open_path(file);
}

void export_file_close(struct export_file *file)
{
	export_stream_close(&file->stream);
}

/* The same inode on the same device: the path still leads to the file that is open. */
static bool is_same_file(int a, int b)
{
	struct stat x, y;

	return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_ino == y.st_ino
			&& x.st_dev == y.st_dev;
}

int export_file_reopen(struct export_file *file, bool *moved)
{
	struct export_file again = *file;

	*moved = false;
	if (is_standard_output(file))
		return 0;
	int error = open_path(&again);
	if (error < 0)
		return error;
	*moved = file->stream.fd >= 0 && !is_same_file(file->stream.fd, again.stream.fd);
	export_stream_close(&file->stream);
	*file = again;
	return 0;
}

int export_file_rotate(struct export_file *file, int64_t ns, bool *moved)
{
	char name[EXPORT_ROTATE_PATH_BYTES];
	bool other;

	*moved = false;
	int error = export_rotate_rename(file->path, ns, name);
	if (error < 0)
		return error;
	*moved = true;
	return export_file_reopen(file, &other);
}

bool export_file_can_rotate(const struct export_file *file)
{
	return file->regular && !is_standard_output(file);
}

bool export_file_has_lines(const struct export_file *file)
{
	return file->bytes > (file->lead == file->header ? file->lead_done : 0);
}

ssize_t export_file_write_lead(struct export_file *file)
{
	size_t whole = file->lead_len + file->lead_done;

	if (file->lead_len == 0)
		return 0;
	while (file->lead_len > 0) {
		/* writev() takes pointers to what it could change, and does not */
		struct iovec piece = {
				(void *)(uintptr_t)(file->lead + file->lead_done), file->lead_len};
		ssize_t written = export_stream_write(&file->stream, &piece, 1);
		if (written < 0) {
			if (file->lead_done > 0 && export_file_cut(file, file->lead_done) == 0)
				set_lead(file, file->lead, whole);
			return written;
		}
		file->lead_done += (size_t)written;
		file->lead_len -= (size_t)written;
		file->bytes += (size_t)written;
	}
	return (ssize_t)whole;
}

ssize_t export_file_write(struct export_file *file, const struct iovec *pieces, int count)
{
	struct iovec left[EXPORT_FILE_PIECES];
	size_t total = 0;

	file->stopped = 0;
	memcpy(left, pieces, (size_t)count * sizeof(*left));
	for (struct iovec *at = left; count > 0;) {
		ssize_t written = export_stream_write(&file->stream, at, count);
		if (written <= 0 && total == 0)
			return written;
		if (written <= 0) {
			file->stopped = (int)-written;
			break;
		}
		total += (size_t)written;
		file->bytes += (size_t)written;
		if (!file->regular)
			break;
		while (count > 0 && (size_t)written >= at->iov_len) {
			written -= (ssize_t)at->iov_len;
			at++;
			count--;
		}
		if (count > 0) {
			at->iov_base = (char *)at->iov_base + written;
			at->iov_len -= (size_t)written;
		}
	}
	return (ssize_t)total;
}

int export_file_cut(struct export_file *file, size_t len)
{
	struct stat status;

	if (!file->regular)
		return -EINVAL;
	off_t end = lseek(file->stream.fd, 0, SEEK_CUR);
	if (end < 0 || fstat(file->stream.fd, &status) != 0)
		return -errno;
	if (status.st_size != end || (size_t)end < len)
		return -EBUSY;
	if (ftruncate(file->stream.fd, end - (off_t)len) != 0)
		return -errno;
	/* without O_APPEND (standard output) the next write goes on where the file now ends */
	lseek(file->stream.fd, end - (off_t)len, SEEK_SET);
	file->bytes -= len;
	return 0;
}
