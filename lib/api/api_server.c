/* SPDX-License-Identifier: BSD-3-Clause */
#include "api_server.h"

#include "api_client.h"
#include "api_socket.h"
#include "base_clock.h"
#include "base_log.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define DEFAULT_CLIENTS 64
#define DEFAULT_ADMIN_CLIENTS 8
#define TRACE_TICK_MS 1000 /* a lease that is over is noticed so soon */
#define EVENTS 32
#define ACCEPTS_A_TURN 16
/* How long to leave the listeners alone when no descriptor can be had. */
#define PAUSE_NS BASE_NS_PER_SEC

enum listener { VIEW, ADMIN, LISTENERS };

struct api_server {
	/* read-only after create */
	struct api_limits limits;
	struct api_socket sockets[LISTENERS];
	int epoll_fd;
	int wake_fd;
	bool started;
	pthread_t thread;
	_Atomic bool stopping;

	/* the thread's own */
	struct api_context context;
	struct api_client **clients; /* limits.clients of them, the first `client_count` in use */
	uint32_t client_count;
	uint32_t view_count;
	int64_t paused_until_ns; /* no accept before; 0: not paused */
};

static void choose_limits(struct api_limits *limits, const struct config *config)
{
	if (limits->clients == 0)
		limits->clients = config->control.max_clients ? config->control.max_clients
							      : DEFAULT_CLIENTS;
	if (limits->admin_clients == 0)
		limits->admin_clients = DEFAULT_ADMIN_CLIENTS;
	if (limits->admin_clients > limits->clients / 2)
		limits->admin_clients = limits->clients / 2;
	if (limits->request_ns == 0)
		limits->request_ns = 5 * BASE_NS_PER_SEC;
	if (limits->idle_ns == 0)
		limits->idle_ns = 60 * BASE_NS_PER_SEC;
	if (limits->write_ns == 0)
		limits->write_ns = 30 * BASE_NS_PER_SEC;
}

static int watch(struct api_server *server, int op, int fd, uint32_t events, void *pointer)
{
	struct epoll_event event = {.events = events, .data.ptr = pointer};

	return epoll_ctl(server->epoll_fd, op, fd, &event) < 0 ? -errno : 0;
}

static int open_sockets(struct api_server *server, const struct api_server_setup *setup,
		char *error, size_t error_bytes)
{
	const struct config *config = control_get_setup(setup->control)->config;
	const char *directory = setup->directory ? setup->directory : config->control.directory;
	const char *group = config->control.group;

	int rc = api_socket_directory(directory, group, error, error_bytes);
	if (rc == 0)
		rc = api_socket_open(&server->sockets[VIEW], directory, PROTO_VIEW_SOCKET, group,
				error, error_bytes);
	if (rc == 0) /* whoever may change things is its owner; others go through sudo */
		rc = api_socket_open(&server->sockets[ADMIN], directory, PROTO_ADMIN_SOCKET, "",
				error, error_bytes);
	return rc;
}

static int open_events(struct api_server *server)
{
	server->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	server->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (server->epoll_fd < 0 || server->wake_fd < 0)
		return -errno;
	int rc = watch(server, EPOLL_CTL_ADD, server->wake_fd, EPOLLIN, &server->wake_fd);
	for (int i = 0; rc == 0 && i < LISTENERS; i++)
		rc = watch(server, EPOLL_CTL_ADD, server->sockets[i].fd, EPOLLIN,
				&server->sockets[i]);
	return rc;
}

int api_server_create(struct api_server **server, const struct api_server_setup *setup, char *error,
		size_t error_bytes)
{
	struct api_server *s = calloc(1, sizeof(*s));
	int rc = -ENOMEM;

	snprintf(error, error_bytes, "cannot open the control sockets: out of memory");
	if (!s)
		return rc;
	s->limits = setup->limits;
	choose_limits(&s->limits, control_get_setup(setup->control)->config);
	s->epoll_fd = s->wake_fd = s->sockets[VIEW].fd = s->sockets[ADMIN].fd = -1;
	s->context.control = setup->control;
	s->context.dpdk_version = setup->dpdk_version;
	s->clients = calloc(s->limits.clients, sizeof(struct api_client *));
	if (!s->clients)
		goto err_destroy;
	rc = open_sockets(s, setup, error, error_bytes);
	if (rc < 0)
		goto err_destroy;
	rc = open_events(s);
	if (rc < 0) {
		snprintf(error, error_bytes, "cannot wait on the control sockets: %s",
				strerror(-rc));
		goto err_destroy;
	}
	*server = s;
	return 0;

err_destroy:
	api_server_destroy(s);
	return rc;
}

static void update_watch(struct api_server *server, struct api_client *client)
{
	/* None of both still reports a peer that is gone. */
	uint32_t wanted = (api_client_wants_read(client) ? (uint32_t)EPOLLIN : 0)
			| (api_client_wants_write(client) ? (uint32_t)EPOLLOUT : 0);

	if (wanted != client->watched
			&& watch(server, EPOLL_CTL_MOD, client->fd, wanted, client) == 0)
		client->watched = wanted;
}

static void remove_client(struct api_server *server, uint32_t i)
{
	server->view_count -= !server->clients[i]->peer.admin;
	api_client_destroy(server->clients[i]); /* closing takes it out of the epoll set, too */
	server->clients[i] = server->clients[--server->client_count];
}

static bool is_full(const struct api_server *server, bool admin)
{
	if (server->client_count >= server->limits.clients)
		return true;
	return !admin
			&& server->view_count
			>= server->limits.clients - server->limits.admin_clients;
}

/* Tells who cannot be served now, without keeping any state for it. */
static void turn_away(struct api_client *client, const struct api_limits *limits)
{
	api_client_refuse(client, PROTO_ERROR_BUSY, "try again when others have closed theirs",
			"too many clients");
	api_client_write(client, limits);
	base_log_every(60, BASE_LOG_WARNING,
			"control: uid %u, pid %d turned away: too many clients",
			(unsigned int)client->peer.uid, (int)client->peer.pid);
	api_client_destroy(client);
}

static void add_client(struct api_server *server, int fd, bool admin)
{
	struct api_client *client = api_client_create(fd, admin, &server->limits);

	if (!client)
		return;
	if (is_full(server, admin)) {
		turn_away(client, &server->limits);
		return;
	}
	if (watch(server, EPOLL_CTL_ADD, fd, EPOLLIN, client) < 0) {
		api_client_destroy(client);
		return;
	}
	client->watched = EPOLLIN;
	server->clients[server->client_count++] = client;
	server->view_count += !admin;
}

/* No descriptor to be had: a listener would stay ready and the thread would spin. */
static void pause_listening(struct api_server *server, int64_t until_ns)
{
	server->paused_until_ns = until_ns;
	for (int i = 0; i < LISTENERS; i++)
		watch(server, EPOLL_CTL_MOD, server->sockets[i].fd,
				until_ns ? 0 : (uint32_t)EPOLLIN, &server->sockets[i]);
}

static void accept_clients(struct api_server *server, const struct api_socket *sock)
{
	for (int i = 0; i < ACCEPTS_A_TURN; i++) {
		int fd = accept4(sock->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd >= 0) {
			add_client(server, fd, sock == &server->sockets[ADMIN]);
			continue;
		}
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
			base_log_every(60, BASE_LOG_WARNING, "control: cannot accept: %s",
					strerror(errno));
			pause_listening(server, base_clock_mono_ns() + PAUSE_NS);
		}
		return;
	}
}

static void serve_event(struct api_server *server, const struct epoll_event *event)
{
	void *pointer = event->data.ptr;

	if (pointer == &server->wake_fd)
		return;
	if (pointer == &server->sockets[VIEW] || pointer == &server->sockets[ADMIN]) {
		accept_clients(server, pointer);
		return;
	}
	struct api_client *client = pointer;
	if (event->events & EPOLLOUT)
		api_client_write(client, &server->limits);
	if (event->events & EPOLLIN && api_client_wants_read(client))
		api_client_read(client, &server->limits);
	/* Gone altogether: nobody is left to answer. */
	if (event->events & (EPOLLERR | EPOLLHUP) && !(event->events & EPOLLIN))
		client->broken = true;
}

/* Gives every client its turn, drops those that are done, and says how long to sleep at most. */
static int serve_clients(struct api_server *server)
{
	int64_t now_ns = base_clock_mono_ns();
	int64_t wake_ns = now_ns + BASE_NS_PER_SEC;
	bool busy = false;

	for (uint32_t i = 0; i < server->client_count;) {
		struct api_client *client = server->clients[i];
		api_client_answer(client, &server->context, &server->limits, now_ns);
		bool waits = !client->more || api_client_has_answer(client);
		int64_t until_ns =
				client->held_until_ns ? client->held_until_ns : client->deadline_ns;
		if (waits && until_ns <= now_ns)
			api_client_expire(client);
		if (api_client_is_done(client)) {
			remove_client(server, i);
			continue;
		}
		update_watch(server, client);
		busy |= client->more && !api_client_has_answer(client);
		if (until_ns < wake_ns)
			wake_ns = until_ns;
		i++;
	}
	if (busy || wake_ns <= now_ns)
		return 0;
	return (int)((wake_ns - now_ns) / BASE_NS_PER_MS) + 1;
}

static void *serve(void *arg)
{
	struct api_server *server = arg;
	struct epoll_event events[EVENTS];
	int timeout_ms = 0;

	/* Acquire, pairs with the release in api_server_stop(). */
	while (!atomic_load_explicit(&server->stopping, memory_order_acquire)) {
		int n = epoll_wait(server->epoll_fd, events, EVENTS, timeout_ms);
		for (int i = 0; i < n; i++)
			serve_event(server, &events[i]);
		if (server->paused_until_ns && base_clock_mono_ns() > server->paused_until_ns)
			pause_listening(server, 0);
		timeout_ms = serve_clients(server);
		struct api_context *context = &server->context;
		api_trace_tick(&context->trace, control_get_setup(context->control),
				base_clock_mono_ns());
		if (context->trace.id != 0 && (timeout_ms < 0 || timeout_ms > TRACE_TICK_MS))
			timeout_ms = TRACE_TICK_MS;
	}
	api_trace_end(&server->context.trace, control_get_setup(server->context.control));
	return NULL;
}

int api_server_start(struct api_server *server)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int rc = pthread_create(&server->thread, NULL, serve, server);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc != 0)
		return -rc;
	pthread_setname_np(server->thread, "weir-api");
	server->started = true;
	return 0;
}

void api_server_stop(struct api_server *server)
{
	uint64_t one = 1;

	if (!server->started)
		return;
	/* Release, pairs with the acquire in serve(). */
	atomic_store_explicit(&server->stopping, true, memory_order_release);
	ssize_t n = write(server->wake_fd, &one, sizeof(one));
	(void)n; /* at worst it wakes within a second */
	pthread_join(server->thread, NULL);
	server->started = false;
}

void api_server_destroy(struct api_server *server)
{
	if (!server)
		return;
	api_server_stop(server);
	while (server->client_count > 0)
		remove_client(server, server->client_count - 1);
	for (int i = 0; i < LISTENERS; i++)
		api_socket_close(&server->sockets[i]);
	if (server->epoll_fd >= 0)
		close(server->epoll_fd);
	if (server->wake_fd >= 0)
		close(server->wake_fd);
	free(server->clients);
	free(server);
}

const char *api_server_path(const struct api_server *server, bool admin)
{
	return server->sockets[admin ? ADMIN : VIEW].path;
}
