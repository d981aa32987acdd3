/* SPDX-License-Identifier: BSD-3-Clause */
#include "api_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 64
#define NO_GROUP ((gid_t)-1)

static int find_group(const char *name, gid_t *gid, char *error, size_t error_bytes)
{
	struct group group, *found = NULL;
	char buffer[4096];

	*gid = NO_GROUP;
	if (name[0] == '\0')
		return 0;
	if (getgrnam_r(name, &group, buffer, sizeof(buffer), &found) == 0 && found) {
		*gid = found->gr_gid;
		return 0;
	}
	snprintf(error, error_bytes,
			"control.group: there is no group \"%s\"\n"
			"  cure:     groupadd --system %s      (or leave the key out: then only "
			"the owner "
			"may connect)",
			name, name);
	return -ENOENT;
}

int api_socket_directory(const char *directory, const char *group, char *error, size_t error_bytes)
{
	gid_t gid;
	int rc = find_group(group, &gid, error, error_bytes);

	if (rc < 0)
		return rc;
	if (mkdir(directory, 0750) < 0) {
		if (errno == EEXIST)
			return 0; /* whoever made it decided who may enter */
		rc = -errno;
		snprintf(error, error_bytes, "cannot make the directory %s: %s", directory,
				strerror(-rc));
		return rc;
	}
	if (gid != NO_GROUP && chown(directory, (uid_t)-1, gid) < 0) {
		rc = -errno;
		snprintf(error, error_bytes, "cannot give %s to group %s: %s", directory, group,
				strerror(-rc));
		rmdir(directory);
		return rc;
	}
	return 0;
}

/*
 * Finds out whether anybody listens there. 0: no, and the file is of no use; -EADDRINUSE with the
 * pid in *pid; -ENOENT: there is no file; -ENOTSOCK: it is something else; other -errno.
 */
static int probe(const struct sockaddr_un *address, pid_t *pid)
{
	struct stat status;
	struct ucred peer = {0};
	socklen_t len = sizeof(peer);

	if (lstat(address->sun_path, &status) < 0)
		return -errno;
	if (!S_ISSOCK(status.st_mode))
		return -ENOTSOCK;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	int rc = connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 ? -errno : 0;
	if (rc == 0) {
		/* Of a listener the kernel keeps who called listen(2). */
		getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len);
		*pid = peer.pid;
	}
	close(fd);
	if (rc == 0 || rc == -EAGAIN) /* EAGAIN: it listens, and its queue is full */
		return -EADDRINUSE;
	return rc == -ECONNREFUSED ? 0 : rc;
}

static int tell_of_other(pid_t pid, const char *path, char *error, size_t error_bytes)
{
	snprintf(error, error_bytes,
			"another weir runs (pid %d) and answers on %s\n"
			"  see it:   weirctl -s %s status\n"
			"  cure:     stop it, or give this one another control.directory",
			(int)pid, path, path);
	return -EADDRINUSE;
}

int api_socket_check(const char *directory, const char *name, char *error, size_t error_bytes)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char path[PROTO_PATH_BYTES];
	pid_t pid = 0;

	if (proto_path_join(directory, name, path) < 0)
		return 0; /* api_socket_open() will say so */
	memcpy(address.sun_path, path, strlen(path) + 1);
	if (probe(&address, &pid) != -EADDRINUSE)
		return 0;
	return tell_of_other(pid, path, error, error_bytes);
}

static int clear_way(const struct sockaddr_un *address, char *error, size_t error_bytes)
{
	const char *path = address->sun_path;
	pid_t pid = 0;
	int rc = probe(address, &pid);

	if (rc == 0 && unlink(path) < 0)
		rc = -errno;
	if (rc == -ENOENT)
		return 0;
	if (rc == -EADDRINUSE)
		return tell_of_other(pid, path, error, error_bytes);
	if (rc == -ENOTSOCK)
		snprintf(error, error_bytes,
				"%s is in the way: it is not a socket\n"
				"  cure:     move it away",
				path);
	else if (rc < 0)
		snprintf(error, error_bytes, "cannot replace %s: %s", path, strerror(-rc));
	return rc;
}

static int bind_there(struct api_socket *sock, const struct sockaddr_un *address, gid_t gid)
{
	struct stat status;

	/* Linux makes the file with the mode of the socket: nobody else may connect before the end.
	 */
	if (fchmod(sock->fd, 0600) < 0
			|| bind(sock->fd, (const struct sockaddr *)address, sizeof(*address)) < 0)
		return -errno;
	if (lstat(sock->path, &status) < 0)
		return -errno;
	sock->device = status.st_dev;
	sock->inode = status.st_ino;
	if (listen(sock->fd, BACKLOG) < 0)
		return -errno;
	if (gid != NO_GROUP
			&& (lchown(sock->path, (uid_t)-1, gid) < 0 || chmod(sock->path, 0660) < 0))
		return -errno;
	return 0;
}

/* Two that start at once take turns from the probe to listen(2). */
static int lock_directory(const char *directory)
{
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		flock(fd, LOCK_EX);
	return fd;
}

int api_socket_open(struct api_socket *sock, const char *directory, const char *name,
		const char *group, char *error, size_t error_bytes)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	gid_t gid;

	*sock = (struct api_socket){.fd = -1};
	int rc = find_group(group, &gid, error, error_bytes);
	if (rc < 0)
		return rc;
	if (proto_path_join(directory, name, sock->path) < 0) {
		snprintf(error, error_bytes,
				"control.directory: %s/%s is longer than a socket's address may be "
				"(%d)",
				directory, name, PROTO_PATH_BYTES - 1);
		return -ENAMETOOLONG;
	}
	memcpy(address.sun_path, sock->path, strlen(sock->path) + 1);
	int lock_fd = lock_directory(directory);
	rc = clear_way(&address, error, error_bytes);
	if (rc == 0) {
		sock->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		rc = sock->fd < 0 ? -errno : bind_there(sock, &address, gid);
		if (rc < 0)
			snprintf(error, error_bytes, "cannot listen on %s: %s", sock->path,
					strerror(-rc));
	}
	if (rc < 0)
		api_socket_close(sock);
	if (lock_fd >= 0)
		close(lock_fd);
	return rc;
}

void api_socket_close(struct api_socket *sock)
{
	struct stat status;

	if (sock->fd < 0)
		return;
	if (lstat(sock->path, &status) == 0 && status.st_dev == sock->device
			&& status.st_ino == sock->inode)
		unlink(sock->path);
	close(sock->fd);
	sock->fd = -1;
}
