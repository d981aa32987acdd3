/* SPDX-License-Identifier: BSD-3-Clause */
/* weir run: measure ports until told to stop. */
#include "api_server.h"
#include "api_socket.h"
#include "base_clock.h"
#include "base_log.h"
#include "port_eal.h"
#include "weir_engine.h"
#include "weir_options.h"
#include "weir_runports.h"
#include "weir_signals.h"
#include "weir_summary.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

#define ERROR_BYTES 768

struct run {
	struct weir_options options;
	struct weir_engine engine;
	struct weir_runports ports;
	struct api_server *api;
	char names[256];
	char directory[CONFIG_PATH_BYTES];
	int64_t began_ns;
};

/* Without root, /run/weir cannot be made: the user's own runtime directory serves, as for weirctl.
 */
static const char *socket_directory(struct run *run)
{
	const char *configured = run->options.config.control.directory;
	const char *own = getenv("XDG_RUNTIME_DIR");

	if (strcmp(configured, "/run/weir") != 0 || geteuid() == 0 || !own
			|| access(configured, W_OK) == 0)
		return configured;
	snprintf(run->directory, sizeof(run->directory), "%s/weir", own);
	return run->directory;
}

/* Before any port is touched, which the other may be measuring. */
static int check_alone(struct run *run)
{
	char error[ERROR_BYTES] = "";

	if (api_socket_check(socket_directory(run), PROTO_VIEW_SOCKET, error, sizeof(error)) == 0)
		return 0;
	fprintf(stderr, "weir: cannot start: %s\n", error);
	return EX_UNAVAILABLE;
}

/*
 * Before any port is touched: does another weir answer at these sockets? The server itself is exact
 * about it, but comes later, when the other's port has already got in the way.
 */
static int refuse_second(struct run *run)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct ucred peer = {0};
	socklen_t len = sizeof(peer);
	const char *directory = socket_directory(run);
	bool taken = false;

	int n = snprintf(address.sun_path, sizeof(address.sun_path), "%s/view.sock", directory);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && n > 0 && (size_t)n < sizeof(address.sun_path))
		taken = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
	if (taken)
		getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len);
	if (fd >= 0)
		close(fd);
	if (!taken)
		return 0;
	fprintf(stderr,
			"weir: cannot start: another weir (pid %d) answers at %s\n"
			"  see it:   weirctl -s %s status\n"
			"  cure:     stop it, or give this one sockets of its own: --socket-dir "
			"DIR\n",
			(int)peer.pid, address.sun_path, directory);
	return EX_UNAVAILABLE;
}

static int open_api(struct run *run)
{
	char error[ERROR_BYTES] = "";
	struct api_server_setup setup = {
			.control = run->engine.control,
			.directory = socket_directory(run),
			.dpdk_version = port_eal_version(),
	};
	int rc = api_server_create(&run->api, &setup, error, sizeof(error));

	if (rc == 0)
		rc = api_server_start(run->api);
	if (rc == 0)
		return 0;
	fprintf(stderr, "weir: cannot start: %s\n", error[0] ? error : strerror(-rc));
	return rc == -EACCES || rc == -EPERM ? EX_NOPERM
			: rc == -EADDRINUSE  ? EX_UNAVAILABLE
					     : EX_CANTCREAT;
}

static void name_ports(struct run *run)
{
	size_t len = 0;

	for (uint32_t i = 0; i < run->ports.count; i++) {
		int n = snprintf(run->names + len, sizeof(run->names) - len, "%s%s", i ? ", " : "",
				run->engine.ports[i].name);
		if (n > 0 && (size_t)n < sizeof(run->names) - len)
			len += (size_t)n;
	}
}

static void greet(const struct run *run)
{
	for (uint32_t i = 0; i < run->ports.count; i++) {
		const struct control_port *port = &run->engine.ports[i];
		fprintf(stderr, "weir: port %s: %s, %u queue%s of %u, %s\n", port->name,
				port->driver, port->queues, port->queues == 1 ? "" : "s",
				port->rx_descriptors, port->rss);
		if (port->note[0])
			fprintf(stderr, "weir:   %s\n", port->note);
	}
	if (port_eal_memory_note()[0])
		fprintf(stderr, "weir: %s\n", port_eal_memory_note());
	if (config_is_sampled(&run->options.config)) {
		fputs("weir: sampled ", stderr);
		weir_summary_say_sampling(&run->options.config, stderr);
		fputc('\n', stderr);
	}
	if (run->engine.filters[0])
		fprintf(stderr, "weir: only packets that match \"%s\"\n",
				run->options.config.filter);
	fprintf(stderr,
			"weir: measuring %s with %u worker%s; ask with: weirctl -s %s status; "
			"Ctrl-C stops\n",
			run->names, run->engine.worker_count,
			run->engine.worker_count == 1 ? "" : "s", api_server_path(run->api, false));
}

static void watch(struct run *run)
{
	for (;;) {
		switch (weir_signals_wait(BASE_NS_PER_SEC)) {
		case WEIR_SIGNAL_STOP:
			return;
		case WEIR_SIGNAL_REOPEN:
			base_log_notice("opening the output files again");
			control_reopen(run->engine.control);
			break;
		case WEIR_SIGNAL_NONE:
			break;
		}
	}
}

static int conclude(struct run *run)
{
	int64_t took_ns = base_clock_mono_ns() - run->began_ns;
	struct weir_summary summary = {
			.subject = run->names, .span_ns = took_ns, .took_ns = took_ns};

	if (run->options.quiet)
		return EX_OK;
	return weir_summary_print(run->engine.control, &summary) ? EX_OK : EX_SOFTWARE;
}

static int build(struct run *run)
{
	const struct config *config = &run->options.config;
	uint32_t cpus = weir_engine_cpu_count();
	uint32_t workers = weir_engine_worker_count(config, cpus > 1 ? cpus - 1 : 1);

	weir_engine_init(&run->engine, config, false);
	if (workers > CONFIG_MAX_WORKERS)
		workers = CONFIG_MAX_WORKERS;
	int rc = check_alone(run);
	if (rc == 0)
		rc = weir_runports_open(&run->ports, config, workers);
	if (rc == 0)
		rc = weir_runports_deal(&run->ports, &run->engine, workers);
	if (rc == 0)
		rc = weir_engine_connect(&run->engine);
	if (rc == 0)
		rc = open_api(run);
	if (rc == 0)
		rc = weir_runports_start(&run->ports);
	if (rc == 0)
		rc = weir_engine_start(&run->engine);
	return rc;
}

static int go(struct run *run)
{
	int rc = build(run);

	if (rc == 0) {
		name_ports(run);
		if (!run->options.quiet)
			greet(run);
		run->began_ns = base_clock_mono_ns();
		watch(run);
	}
	weir_engine_stop(&run->engine, false);
	if (rc == 0)
		rc = conclude(run);
	if (run->api)
		api_server_destroy(run->api);
	weir_engine_fini(&run->engine);
	weir_runports_close(&run->ports);
	return rc;
}

int weir_run(const struct weir_command *command, int argc, char **argv)
{
	static struct run run;
	int rc = weir_options_parse(&run.options, WEIR_OPTIONS_RUN, command, argc, argv);

	if (rc != 0 || run.options.show_help)
		return rc;
	if (run.options.first_argument < argc) {
		fprintf(stderr, "weir run: \"%s\" is not an option\n  try: weir run -i %s\n",
				argv[run.options.first_argument], argv[run.options.first_argument]);
		return EX_USAGE;
	}
	if (run.options.config.port_count == 0) {
		fprintf(stderr,
				"weir run: no port to measure\n"
				"  try: weir run -i eth1, or name ports in a file: weir run -c "
				"weir.yaml\n");
		return EX_USAGE;
	}
	rc = refuse_second(&run);
	if (rc != 0)
		return rc;
	weir_signals_block();
	return go(&run);
}
