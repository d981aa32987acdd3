/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The program as a user runs it: exit code, standard output and standard error. Behind the socket
 * is a server that gives fixed answers by method.
 */
#include "base_cacheline.h"
#include "unit_main.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static char directory[64];
static int listener = -1;

static const struct {
	const char *method, *answer;
} answers[] = {
		{"\"hello\"",
				"{\"id\":%d,\"result\":{\"protocol\":1,\"version\":\"9.9\",\"pid\":"
				"7,"
				"\"dpdk\":\"22.11\",\"host\":\"edge\"}}\n"},
		{"\"workers\"", "{\"id\":%d,\"result\":{\"workers\":[]}}\n"},
		{"\"ports\"", "{\"id\":%d,\"result\":{\"ports\":[]}}\n"},
		{"\"stats\"", "{\"id\":%d,\"error\":{\"code\":-32000,\"message\":\"too many\"}}\n"},
		{"\"status\"", "HTTP/1.0 400\r\n"},
		{"\"audit\",\"params\":{\"scan\":true}",
				"{\"id\":%d,\"result\":{\"holds\":true,\"identities\":[{"
				"\"residual\":0}]}}\n"},
		{"\"audit\"",
				"{\"id\":%d,\"result\":{\"holds\":false,\"identities\":[{"
				"\"subject\":"
				"\"workers\",\"unit\":\"packets\",\"residual\":-3,\"judged\":true,"
				"\"terms\":[{\"name\":\"received\",\"value\":5,\"sign\":\"=\"}]}]}}"
				"\n"},
		{"\"cursor\":\"\"",
				"{\"id\":%d,\"result\":{\"flows\":[{\"src_ip\":\"1.1.1.1\"},"
				"{\"src_ip\":\"2.2.2.2\"}],\"cursor\":\"0.2\"}}\n"},
		{"\"cursor\":\"0.2\"",
				"{\"id\":%d,\"result\":{\"flows\":[{\"src_ip\":\"3.3.3.3\"}],"
				"\"cursor\":null}}\n"},
		{"\"filter\":\"tcp or port 53\",\"sort\":\"age\",\"reverse\":true,\"limit\":7",
				"{\"id\":%d,\"result\":{\"flows\":[],\"scanned\":1}}\n"},
		{"\"reopen\"",
				"{\"id\":%d,\"error\":{\"code\":-32001,\"message\":\"not here\","
				"\"data\":{\"hint\":\"elsewhere\"}}}\n"},
};

static void answer(int fd, const char *line)
{
	const char *id = strstr(line, "\"id\":");
	char text[1024];

	for (size_t i = 0; i < BASE_COUNT_OF(answers); i++) {
		const char *p = strstr(answers[i].answer, "%d");
		if (!strstr(line, answers[i].method))
			continue;
		snprintf(text, sizeof(text), "%.*s%.*s%s", (int)(p ? p - answers[i].answer : 0),
				answers[i].answer, p ? 1 : 0, id ? id + 5 : "0",
				p ? p + 2 : answers[i].answer);
		send(fd, text, strlen(text), MSG_NOSIGNAL);
		return;
	}
	ck_abort_msg("no answer to %s", line);
}

static void *serve(void *arg)
{
	int fd;

	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		FILE *file = fdopen(fd, "r");
		char line[2048];
		while (fgets(line, sizeof(line), file))
			answer(fd, line);
		fclose(file);
	}
	return arg;
}

static void listen_there(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	pthread_t thread;

	snprintf(directory, sizeof(directory), "/tmp/weirctl-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/view.sock", directory);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(listener, 4), 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, serve, NULL), 0);
	pthread_detach(thread);
	setenv("WEIR_SOCKET", directory, 1);
}

static void stop_listening(void)
{
	char path[96];

	shutdown(listener, SHUT_RDWR);
	snprintf(path, sizeof(path), "%s/view.sock", directory);
	unlink(path);
	rmdir(directory);
}

/* Runs weirctl with these arguments; its output, standard error after standard output, in `text`.
 */
static int run(const char *arguments, char *text, size_t size)
{
	const char *weirctl = getenv("WEIRCTL");
	char command[1024];
	FILE *pipe;

	ck_assert_msg(weirctl != NULL, "WEIRCTL is not set");
	snprintf(command, sizeof(command), "E=$(mktemp); %s %s 2>$E; R=$?; cat $E; rm $E; exit $R",
			weirctl, arguments);
	pipe = popen(command, "r");
	ck_assert_ptr_nonnull(pipe);
	text[fread(text, 1, size - 1, pipe)] = '\0';
	return WEXITSTATUS(pclose(pipe));
}

static const struct {
	const char *arguments;
	int code;
	const char *parts[3];
} runs[] = {
		/* no server needed */
		{"--help", 0, {"usage: weirctl", "\n  flows [FILTER...]", "--watch[=SEC]"}},
		{"-h", 0, {"usage: weirctl"}},
		{"help", 0, {"usage: weirctl"}},
		{"help flows", 0, {"usage: weirctl flows [OPTION...] [FILTER...]", "--sort KEY"}},
		{"flows --help", 0, {"usage: weirctl flows", "[src|dst] host ADDRESS"}},
		{"audit -h", 0, {"Exits with 0 when all closes", "--scan"}},
		{"--version", 0, {"weirctl " WEIR_VERSION "\n"}},
		{"", 64, {"which command"}},
		{"statsu", 64, {"\"statsu\" is no command; did you mean \"stats\"?"}},
		{"help flow", 64, {"did you mean \"flows\"?"}},
		{"xyzzy", 64, {"weirctl --help lists them"}},
		{"--frob status", 64, {"--frob: no such option"}},
		{"-z status", 64, {"-z: no such option"}},
		{"status -s", 64, {"-s: needs an argument"}},
		{"status --limit 3", 64, {"status has no option --limit", "weirctl status --help"}},
		{"status now", 64, {"status takes no words, found \"now\""}},
		{"flows --limit 0", 64, {"--limit: \"0\"; expected a number of 1 to 1000"}},
		{"flows -n 1x", 64, {"--limit: \"1x\""}},
		{"flows -n 99999999999999999999", 64, {"--limit: \"9999"}},
		{"status --watch=0", 64, {"--watch: \"0\""}},
		{"status -o xml", 64, {"--output: \"xml\"; expected table or json"}},
		{"raw", 64, {"raw takes a method"}},
		{"raw flows '{\"limit\":}'", 64, {"parameters are not JSON"}},
		{"-s /nowhere/weir.sock status", 69,
				{"no weir answers at /nowhere/weir.sock: there is no such socket",
						"see it:", "cure:"}},
		{"-s /nowhere/weir.sock version", 69, {"weirctl " WEIR_VERSION ", protocol 1"}},
		/* with one */
		{"version", 0, {"weir    9.9, protocol 1, DPDK 22.11, pid 7 on edge"}},
		{"workers", 0, {"WORKER  CPU"}},
		{"-o json workers", 0, {"{\n  \"workers\": []\n}\n"}},
		{"ports", 0, {"no ports: this weir reads capture files"}},
		{"raw ports", 0, {"{\n  \"ports\": []\n}\n"}},
		{"raw ports '{}'", 0, {"\"ports\": []"}},
		{"stats", 75, {"weirctl: too many\n"}},
		{"status", 76, {"what answers there is no weir"}},
		{"raw reopen", 77, {"not here", "hint:     elsewhere"}},
		{"reopen", 69, {"/admin.sock: there is no such socket"}},
		{"audit", 1, {"received 5", "residual -3", "NOT OK: 1 line above does not close"}},
		{"-o json audit", 1, {"\"holds\": false"}},
		{"audit --scan", 0, {"OK: every packet"}},
		{"flows tcp or port 53 --sort age --reverse -n 7", 0,
				{"no flow matches, of 1 live"}},
		{"flows -a -o json", 0,
				{"{\"src_ip\":\"1.1.1.1\"}\n{\"src_ip\":\"2.2.2.2\"}\n"
				 "{\"src_ip\":\"3.3.3.3\"}\n"}},
		{"flows --all", 0, {"1.1.1.1", "3.3.3.3"}},
		{"ports > /dev/full", 74, {"standard output: No space left on device"}},
};

START_TEST(does_what_it_says)
{
	static char text[32 * 1024];
	int code = run(runs[_i].arguments, text, sizeof(text));

	ck_assert_msg(code == runs[_i].code, "weirctl %s: exit code %d: %s", runs[_i].arguments,
			code, text);
	for (size_t i = 0; i < BASE_COUNT_OF(runs[_i].parts) && runs[_i].parts[i]; i++)
		ck_assert_msg(strstr(text, runs[_i].parts[i]) != NULL,
				"weirctl %s: no \"%s\" in: %s", runs[_i].arguments,
				runs[_i].parts[i], text);
	ck_assert_ptr_null(strchr(text, '\033')); /* not a terminal: no colours */
}
END_TEST

/* What is printed on an 80-column terminal must not wrap. */
START_TEST(help_fits_eighty_columns)
{
	static const char *const commands[] = {"", "status", "flows", "stats", "drops", "trace",
			"audit", "raw", "reopen", "version"};
	static char text[32 * 1024];
	char arguments[64];

	for (size_t i = 0; i < BASE_COUNT_OF(commands); i++) {
		snprintf(arguments, sizeof(arguments), "%s --help", commands[i]);
		ck_assert_int_eq(run(arguments, text, sizeof(text)), 0);
		for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
			ck_assert_msg(strlen(line) <= 80, "%s: %s", commands[i], line);
	}
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("weirctl_main");
	TCase *tcase = tcase_create("program");

	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, listen_there, stop_listening);
	tcase_add_loop_test(tcase, does_what_it_says, 0, BASE_COUNT_OF(runs));
	tcase_add_test(tcase, help_fits_eighty_columns);
	suite_add_tcase(suite, tcase);
	return suite;
}
