/* SPDX-License-Identifier: BSD-3-Clause */
/* The server on real sockets, with clients that behave well, badly, and not at all. */
#include "api_server.h"
#include "api_socket.h"
#include "base_clock.h"
#include "fake_control.h"
#include "proto_client.h"
#include "proto_frame.h"
#include "proto_path.h"
#include "unit_main.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define MS BASE_NS_PER_MS
#define HELLO "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"hello\"}\n"

static char directory[64];
static struct api_server *server;
static char error[512];

/* Short limits, so that time-outs are tested in milliseconds; each test may change them first. */
static struct api_limits limits;

static void set_up(void)
{
	server = NULL;
	fake_reset();
	snprintf(directory, sizeof(directory), "/tmp/weir-api-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	limits = (struct api_limits){.clients = 16,
			.admin_clients = 4,
			.request_ns = 5000 * MS,
			.idle_ns = 5000 * MS,
			.write_ns = 5000 * MS};
}

static int create(void)
{
	const struct api_server_setup setup = {.control = &fake,
			.directory = directory,
			.dpdk_version = "DPDK",
			.limits = limits};

	return api_server_create(&server, &setup, error, sizeof(error));
}

static void serve(void)
{
	ck_assert_msg(create() == 0, "%s", error);
	ck_assert_int_eq(api_server_start(server), 0);
}

static void tear_down(void)
{
	api_server_destroy(server);
	ck_assert_int_eq(rmdir(directory), 0); /* nothing is left behind */
}

static int connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static int connect_view(void)
{
	return connect_to(api_server_path(server, false));
}

static void say(int fd, const char *text)
{
	ck_assert_int_eq(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Reads until the peer closes or a line is complete; false when it closed with nothing said. */
static bool hear(int fd, char *line, size_t size)
{
	size_t len = 0;

	while (len + 1 < size) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		ck_assert_msg(poll(&p, 1, 10000) == 1, "no answer in 10 s");
		ssize_t n = recv(fd, line + len, 1, 0);
		if (n <= 0)
			break;
		if (line[len++] == '\n')
			break;
	}
	line[len] = '\0';
	return len > 0;
}

static void assert_hears(int fd, const char *part)
{
	static char line[4096];

	ck_assert_msg(hear(fd, line, sizeof(line)), "closed without \"%s\"", part);
	ck_assert_msg(strstr(line, part) != NULL, "\"%s\" is not in: %s", part, line);
}

static void assert_closed(int fd)
{
	char line[16];

	ck_assert(!hear(fd, line, sizeof(line)));
}

START_TEST(answers_over_both_sockets)
{
	struct proto_client *client;
	struct proto_error problem;
	json_t *result;

	serve();
	for (int admin = 0; admin < 2; admin++) {
		const char *path = api_server_path(server, admin);
		ck_assert_int_eq(proto_client_open(&client, path, BASE_NS_PER_SEC), 0);
		for (int i = 0; i < 3; i++) {
			ck_assert_int_eq(
					proto_client_call(client, "hello", NULL, &result, &problem),
					0);
			ck_assert_str_eq(json_string_value(json_object_get(result, "access")),
					admin ? "admin" : "view");
			json_decref(result);
		}
		int rc = proto_client_call(client, "reopen", NULL, &result, &problem);
		ck_assert_int_eq(rc, admin ? 0 : -EREMOTEIO);
		if (admin)
			json_decref(result);
		proto_client_close(client);
	}
	ck_assert_uint_eq(fake.reopened, 1);
}
END_TEST

START_TEST(files_have_narrow_modes)
{
	struct stat status;

	serve();
	ck_assert_int_eq(stat(api_server_path(server, false), &status), 0);
	ck_assert_uint_eq(status.st_mode & 0777, 0600);
	ck_assert_int_eq(stat(api_server_path(server, true), &status), 0);
	ck_assert_uint_eq(status.st_mode & 0777, 0600);
}
END_TEST

START_TEST(a_group_may_view_but_not_administer)
{
	struct stat status;
	char inner[96];

	if (getuid() != 0)
		return; /* only root may give files away */
	snprintf(fake.config.control.group, CONFIG_NAME_BYTES, "daemon");
	snprintf(inner, sizeof(inner), "%s/run", directory);
	const struct api_server_setup setup = {.control = &fake, .directory = inner};
	ck_assert_msg(api_server_create(&server, &setup, error, sizeof(error)) == 0, "%s", error);
	ck_assert_int_eq(stat(inner, &status), 0);
	ck_assert_uint_eq(status.st_mode & 0777, 0750);
	ck_assert_uint_eq(status.st_gid, 1);
	ck_assert_int_eq(stat(api_server_path(server, false), &status), 0);
	ck_assert_uint_eq(status.st_mode & 0777, 0660);
	ck_assert_uint_eq(status.st_gid, 1);
	ck_assert_int_eq(stat(api_server_path(server, true), &status), 0);
	ck_assert_uint_eq(status.st_mode & 0777, 0600);
	api_server_destroy(server);
	server = NULL;
	rmdir(inner);

	snprintf(fake.config.control.group, CONFIG_NAME_BYTES, "no-such-group");
	ck_assert_int_eq(create(), -ENOENT);
	ck_assert_ptr_nonnull(strstr(error, "there is no group \"no-such-group\""));
}
END_TEST

START_TEST(a_second_instance_is_refused_with_the_pid_of_the_first)
{
	struct api_server *first;
	char pid[32];

	ck_assert_int_eq(api_socket_check(directory, "view.sock", error, sizeof(error)), 0);
	serve();
	first = server;
	server = NULL;
	ck_assert_int_eq(api_socket_check(directory, "view.sock", error, sizeof(error)),
			-EADDRINUSE);
	ck_assert_int_eq(create(), -EADDRINUSE);
	snprintf(pid, sizeof(pid), "(pid %d)", (int)getpid());
	ck_assert_msg(strstr(error, pid) != NULL, "%s", error);
	ck_assert_ptr_nonnull(strstr(error, "cure:"));
	server = first;
	int fd = connect_view(); /* and the first is none the worse */
	say(fd, HELLO);
	assert_hears(fd, "\"access\":\"view\"");
	close(fd);
}
END_TEST

START_TEST(a_dead_socket_is_replaced)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/view.sock", directory);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	close(fd); /* as after kill -9: the file stays */
	serve();
	fd = connect_view();
	say(fd, HELLO);
	assert_hears(fd, "weir");
	close(fd);
}
END_TEST

START_TEST(what_is_no_socket_is_left_alone)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/admin.sock", directory);
	FILE *file = fopen(path, "w");
	fclose(file);
	ck_assert_int_eq(create(), -ENOTSOCK);
	ck_assert_ptr_nonnull(strstr(error, "admin.sock is in the way"));
	ck_assert_int_eq(access(path, F_OK), 0);
	unlink(path);
	snprintf(path, sizeof(path), "%s/view.sock", directory);
	ck_assert_int_ne(access(path, F_OK), 0); /* the one that was made is gone again */
}
END_TEST

START_TEST(a_directory_that_cannot_be_is_told)
{
	char longest[CONFIG_PATH_BYTES];
	const struct api_server_setup setup = {.control = &fake, .directory = longest};

	snprintf(longest, sizeof(longest), "%s/missing/run", directory);
	ck_assert_int_eq(api_server_create(&server, &setup, error, sizeof(error)), -ENOENT);
	ck_assert_ptr_nonnull(strstr(error, "cannot make the directory"));
	snprintf(longest, sizeof(longest), "%s/%0100d", directory, 0);
	ck_assert_int_eq(api_server_create(&server, &setup, error, sizeof(error)), -ENAMETOOLONG);
	ck_assert_ptr_nonnull(strstr(error, "longer than a socket's address"));
	rmdir(longest);
}
END_TEST

START_TEST(requests_in_any_pieces)
{
	serve();
	int fd = connect_view();
	for (const char *p = HELLO; *p; p++) {
		ck_assert_int_eq(send(fd, p, 1, 0), 1);
		usleep(100);
	}
	assert_hears(fd, "\"access\"");
	say(fd, HELLO HELLO "\n\n" HELLO);
	for (int i = 0; i < 3; i++)
		assert_hears(fd, "\"access\"");
	close(fd);
}
END_TEST

START_TEST(who_says_no_more_still_gets_the_answer)
{
	serve();
	int fd = connect_view();
	say(fd, HELLO HELLO);
	shutdown(fd, SHUT_WR);
	assert_hears(fd, "\"access\"");
	assert_hears(fd, "\"access\"");
	assert_closed(fd);
	close(fd);
}
END_TEST

START_TEST(an_endless_request_ends_at_its_limit)
{
	static char piece[4096];
	size_t sent = 0;

	serve();
	int fd = connect_view();
	memset(piece, '[', sizeof(piece));
	while (sent < 64u * 1024 * 1024) {
		ssize_t n = send(fd, piece, sizeof(piece), MSG_NOSIGNAL);
		if (n <= 0)
			break;
		sent += (size_t)n;
	}
	/* The rest was never read: at most what lay in the socket's buffer. */
	ck_assert_uint_lt(sent, 2 * 1024 * 1024);
	assert_hears(fd, "longer than 65536 octets");
	close(fd);
	fd = connect_view();
	say(fd, HELLO);
	assert_hears(fd, "\"access\"");
	close(fd);
}
END_TEST

START_TEST(an_idle_client_is_told_and_let_go)
{
	limits.idle_ns = 100 * MS;
	serve();
	int fd = connect_view();
	say(fd, HELLO);
	assert_hears(fd, "\"access\"");
	assert_hears(fd, "nothing was asked");
	assert_closed(fd);
	close(fd);
}
END_TEST

/* One octet now and then does not buy time. */
START_TEST(a_slow_request_ends_at_its_deadline)
{
	limits.request_ns = 150 * MS;
	serve();
	int fd = connect_view();
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int64_t began_ns = base_clock_mono_ns();
	while (poll(&p, 1, 10) == 0) {
		send(fd, "[", 1, MSG_NOSIGNAL);
		ck_assert_int_lt(base_clock_mono_ns() - began_ns, 5 * BASE_NS_PER_SEC);
	}
	assert_hears(fd, "not finished in time");
	close(fd);
}
END_TEST

/* Asks for more than its socket holds and reads nothing: others are served meanwhile. */
START_TEST(a_client_that_does_not_read_stalls_nobody)
{
	static const char stats[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"stats\",\"params\":"
				    "{\"help\":true,"
				    "\"per_worker\":true}}\n";

	limits.write_ns = 700 * MS;
	serve();
	int slow = connect_view();
	for (int i = 0; i < 100; i++)
		say(slow, stats);
	int64_t began_ns = base_clock_mono_ns();
	for (int i = 0; i < 20; i++) {
		int fd = connect_view();
		say(fd, HELLO);
		assert_hears(fd, "\"access\"");
		close(fd);
	}
	ck_assert_int_lt(base_clock_mono_ns() - began_ns, 5 * BASE_NS_PER_SEC);

	/* It is cut off after a while, and got no more than its socket's buffer held. */
	usleep(1500 * 1000);
	static char line[1 << 20];
	size_t answers = 0;
	while (hear(slow, line, sizeof(line)) && strchr(line, '\n'))
		answers++;
	ck_assert_uint_gt(answers, 0);
	ck_assert_uint_lt(answers, 100);
	close(slow);
}
END_TEST

/* Its tables took long to read, so its answer waits; others' do not. */
START_TEST(who_reads_the_tables_much_waits_alone)
{
	fake.scan_takes_ns = 150 * MS;
	serve();
	int much = connect_view(), other = connect_view();
	struct pollfd p = {.fd = much, .events = POLLIN};

	say(much, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"flows\"}\n");
	say(other, HELLO);
	assert_hears(other, "\"weir\"");
	say(other, HELLO);
	assert_hears(other, "\"weir\"");
	ck_assert_int_eq(poll(&p, 1, 0), 0);
	assert_hears(much, "\"scanned\"");
	close(much);
	close(other);
}
END_TEST

START_TEST(a_slow_reader_gets_every_octet)
{
	static char line[1 << 20];
	int small = 4096;

	serve();
	int fd = connect_view();
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	for (int i = 0; i < 60; i++)
		say(fd, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"stats\"}\n");
	usleep(50 * 1000);
	for (int i = 0; i < 60; i++) {
		ck_assert(hear(fd, line, sizeof(line)));
		json_t *answer = json_loads(line, 0, NULL);
		ck_assert_ptr_nonnull(json_object_get(answer, "result"));
		json_decref(answer);
	}
	close(fd);
}
END_TEST

START_TEST(crowds_of_viewers_leave_room_for_an_admin)
{
	int fds[64];

	serve(); /* 16 clients, 4 of them admins */
	for (int i = 0; i < 64; i++)
		fds[i] = connect_view();
	for (int i = 12; i < 64; i++)
		assert_hears(fds[i], "too many clients");
	int admin = connect_to(api_server_path(server, true));
	say(admin, HELLO);
	assert_hears(admin, "\"access\":\"admin\"");
	say(fds[0], HELLO); /* who was let in is served */
	assert_hears(fds[0], "\"access\":\"view\"");
	for (int i = 0; i < 64; i++)
		close(fds[i]);
	usleep(50 * 1000);
	int fd = connect_view(); /* and there is room again */
	say(fd, HELLO);
	assert_hears(fd, "\"access\"");
	close(fd);
	close(admin);
}
END_TEST

/* Without a descriptor for a new connection the thread waits, it does not spin. */
START_TEST(no_descriptor_left)
{
	struct rlimit few, before;
	struct rusage use[2];

	serve();
	int fd = connect_view();
	say(fd, HELLO);
	assert_hears(fd, "\"access\"");
	getrlimit(RLIMIT_NOFILE, &before);
	int late = socket(AF_UNIX, SOCK_STREAM, 0);
	few = (struct rlimit){(rlim_t)late + 1, before.rlim_max};
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", api_server_path(server, false));
	ck_assert_int_eq(connect(late, (struct sockaddr *)&address, sizeof(address)), 0);
	getrusage(RUSAGE_SELF, &use[0]);
	usleep(500 * 1000);
	getrusage(RUSAGE_SELF, &use[1]);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
	long spent_us = (use[1].ru_utime.tv_sec - use[0].ru_utime.tv_sec) * 1000000
			+ use[1].ru_utime.tv_usec - use[0].ru_utime.tv_usec;
	ck_assert_int_lt(spent_us, 200 * 1000);
	say(fd, HELLO); /* those who are there go on */
	assert_hears(fd, "\"access\"");
	say(late, HELLO);
	assert_hears(late, "\"access\""); /* and the late one is let in when there is room */
	close(fd);
	close(late);
}
END_TEST

START_TEST(clients_come_and_go_in_any_state)
{
	static const char *const half[] = {
			"", "{", HELLO, HELLO "{", "\n", "x\n", HELLO HELLO HELLO};

	serve();
	srandom(5);
	for (int i = 0; i < 400; i++) {
		int fd = connect_to(api_server_path(server, random() % 4 == 0));
		say(fd, half[(size_t)random() % BASE_COUNT_OF(half)]);
		if (random() % 2)
			usleep((useconds_t)(random() % 300));
		close(fd);
	}
	usleep(20 * 1000);
	int fd = connect_view();
	say(fd, HELLO);
	assert_hears(fd, "\"access\"");
	close(fd);
}
END_TEST

START_TEST(stops_with_clients_connected)
{
	serve();
	int fd = connect_view();
	say(fd, HELLO);
	assert_hears(fd, "\"access\"");
	api_server_stop(server);
	api_server_stop(server); /* twice is once */
	api_server_destroy(server);
	server = NULL;
	assert_closed(fd);
	close(fd);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("api_server");
	TCase *tcase = tcase_create("sockets");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, answers_over_both_sockets);
	tcase_add_test(tcase, files_have_narrow_modes);
	tcase_add_test(tcase, a_group_may_view_but_not_administer);
	tcase_add_test(tcase, a_second_instance_is_refused_with_the_pid_of_the_first);
	tcase_add_test(tcase, a_dead_socket_is_replaced);
	tcase_add_test(tcase, what_is_no_socket_is_left_alone);
	tcase_add_test(tcase, a_directory_that_cannot_be_is_told);
	suite_add_tcase(suite, tcase);

	tcase = tcase_create("clients");
	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, requests_in_any_pieces);
	tcase_add_test(tcase, who_says_no_more_still_gets_the_answer);
	tcase_add_test(tcase, an_endless_request_ends_at_its_limit);
	tcase_add_test(tcase, an_idle_client_is_told_and_let_go);
	tcase_add_test(tcase, a_slow_request_ends_at_its_deadline);
	tcase_add_test(tcase, a_client_that_does_not_read_stalls_nobody);
	tcase_add_test(tcase, who_reads_the_tables_much_waits_alone);
	tcase_add_test(tcase, a_slow_reader_gets_every_octet);
	tcase_add_test(tcase, crowds_of_viewers_leave_room_for_an_admin);
	tcase_add_test(tcase, no_descriptor_left);
	tcase_add_test(tcase, clients_come_and_go_in_any_state);
	tcase_add_test(tcase, stops_with_clients_connected);
	suite_add_tcase(suite, tcase);
	return suite;
}
