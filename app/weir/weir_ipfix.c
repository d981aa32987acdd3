/* SPDX-License-Identifier: BSD-3-Clause */
/* weir ipfix check: the command line, and what the exit code says. */
#include "weir_ipfix.h"

#include "base_clock.h"
#include "base_units.h"
#include "weir_command.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_bool stop;

int weir_ipfix_fail(const char *cure, const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fputs("weir ipfix check: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\n  %s\n", cure);
	return WEIR_IPFIX_UNUSABLE;
}

#define SEE_HELP "see: weir ipfix --help"

static const struct option long_options[] = {
		{"port", required_argument, NULL, 'p'},
		{"listen", required_argument, NULL, 'l'},
		{"seconds", required_argument, NULL, 's'},
		{"messages", required_argument, NULL, 'n'},
		{"enterprise", required_argument, NULL, 'e'},
		{"dump", no_argument, NULL, 'd'},
		{"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
};

static int parse_number(const char *option, const char *text, uint64_t max, uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 || *value < 1 || *value > max)
		return weir_ipfix_fail(SEE_HELP, "%s %.40s is not a number from 1 to %llu", option,
				text, (unsigned long long)max);
	return 0;
}

static int take_port(struct weir_ipfix_options *options, const char *text)
{
	uint64_t value;
	int rc = parse_number("--port", text, UINT16_MAX, &value);

	if (rc == 0 && options->port_count == WEIR_IPFIX_PORTS_MAX)
		rc = weir_ipfix_fail(SEE_HELP, "--port is given more than %d times",
				WEIR_IPFIX_PORTS_MAX);
	if (rc == 0)
		options->ports[options->port_count++] = (uint16_t)value;
	return rc;
}

/* 0, or an exit code. */
static int take_option(struct weir_ipfix_options *options, int option)
{
	uint64_t value = 0;
	int rc;

	switch (option) {
	case 'p':
		return take_port(options, optarg);
	case 'l':
		options->listen = optarg;
		return 0;
	case 's':
		rc = parse_number("--seconds", optarg, UINT32_MAX, &value);
		options->limit_ns = (int64_t)value * BASE_NS_PER_SEC;
		return rc;
	case 'n':
		return parse_number("--messages", optarg, INT64_MAX, &options->limit_messages);
	case 'e':
		rc = parse_number("--enterprise", optarg, UINT32_MAX - 1, &value);
		options->own_enterprise = (uint32_t)value;
		return rc;
	case 'd':
		options->dump = true;
		return 0;
	case 'j':
		options->json = true;
		return 0;
	default:
		fprintf(stderr, "  %s\n", SEE_HELP);
		return WEIR_IPFIX_UNUSABLE;
	}
}

static int parse_options(struct weir_ipfix_options *options, const struct weir_command *command,
		int argc, char **argv, bool *helped)
{
	static char name[] = "weir ipfix check";
	int option;

	argv[0] = name;
	optind = 0;
	while ((option = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
		if (option == 'h') {
			weir_command_print_help(command);
			*helped = true;
			return 0;
		}
		int rc = take_option(options, option);
		if (rc != 0)
			return rc;
	}
	if (optind + 1 != argc)
		return weir_ipfix_fail("try: weir ipfix check 4739      (or a file, or - for "
				       "standard input)",
				optind == argc ? "no file and no port is named"
					       : "takes one file or port");
	options->target = argv[optind];
	if (options->dump && options->json)
		return weir_ipfix_fail("leave one out", "--dump and --json exclude each other");
	return 0;
}

static void take_signal(int number)
{
	(void)number;
	/* relaxed: the flag carries nothing but itself */
	atomic_store_explicit(&stop, true, memory_order_relaxed);
}

static void catch_signals(void)
{
	/* the second one ends the process at once */
	const struct sigaction action = {.sa_handler = take_signal, .sa_flags = (int)SA_RESETHAND};

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

bool weir_ipfix_is_enough(const struct weir_ipfix *ipfix)
{
	struct ipfix_check_totals totals;

	if (ipfix->options.limit_messages == 0)
		return false;
	collect_sum(ipfix->collect, &totals);
	return totals.messages >= ipfix->options.limit_messages;
}

void weir_ipfix_feed(struct weir_ipfix *ipfix, struct collect_session *session,
		const uint8_t *octets, size_t length, const struct collect_arrival *arrival)
{
	/* no message is shorter, so no piece ends two of them */
	size_t most = ipfix->options.limit_messages > 0 ? IPFIX_HEADER_BYTES : length;

	while (length > 0 && !weir_ipfix_is_enough(ipfix)) {
		size_t piece = length < most ? length : most;
		collect_octets(ipfix->collect, session, octets, piece, arrival);
		octets += piece;
		length -= piece;
	}
}

static int run(struct weir_ipfix *ipfix)
{
	struct weir_ipfix_endpoint endpoint;
	int is_endpoint = weir_ipfix_parse_endpoint(ipfix->options.target, &endpoint);
	int64_t began_ns = base_clock_mono_ns();
	int rc;

	if (is_endpoint < 0)
		return weir_ipfix_fail("expected a file, - or [udp://|tcp://][HOST:]PORT, for "
				       "example 4739 or udp://192.0.2.1:2055",
				"\"%.200s\" names no port", ipfix->options.target);
	if (is_endpoint && ipfix->options.listen) {
		if (endpoint.host[0])
			return weir_ipfix_fail("leave one out",
					"the address is named twice: %s and --listen %s",
					ipfix->options.target, ipfix->options.listen);
		snprintf(endpoint.host, sizeof(endpoint.host), "%s", ipfix->options.listen);
	}
	rc = is_endpoint ? weir_ipfix_listen(ipfix, &endpoint) : weir_ipfix_read_file(ipfix);
	ipfix->took_ns = base_clock_mono_ns() - began_ns;
	return rc;
}

/* What is left to say when sessions were read. */
static int conclude(const struct weir_ipfix *ipfix)
{
	struct ipfix_check_totals totals;

	collect_finish(ipfix->collect);
	if (ipfix->options.json)
		weir_ipfix_print_json(ipfix, stdout);
	else
		weir_ipfix_print_text(ipfix, stdout);
	if (fflush(stdout) != 0 && errno != EPIPE)
		return weir_ipfix_fail("is the disk full?", "cannot write the report: %s",
				strerror(errno));
	if (collect_broken(ipfix->collect, IPFIX_SEVERITY_ERROR) > 0
			|| collect_broken(ipfix->collect, IPFIX_SEVERITY_WARNING) > 0)
		return WEIR_IPFIX_BROKEN;
	collect_sum(ipfix->collect, &totals);
	if (totals.messages == 0)
		return weir_ipfix_fail("the report says why", "no message could be read");
	return WEIR_IPFIX_CLEAN;
}

static int check(const struct weir_command *command, int argc, char **argv)
{
	static struct weir_ipfix ipfix;
	struct weir_ipfix_dump dump = {.out = stdout};
	bool helped = false;
	int rc = parse_options(&ipfix.options, command, argc, argv, &helped);

	if (rc != 0 || helped)
		return rc;
	const struct collect_settings settings = {
			.own_enterprise = ipfix.options.own_enterprise,
			.listener = ipfix.options.dump ? &weir_ipfix_dump_ops : NULL,
			.listener_context = &dump,
	};
	ipfix.stop = &stop;
	ipfix.collect = collect_create(&settings);
	if (!ipfix.collect || collect_capture_init(&ipfix.capture, ipfix.collect) < 0) {
		rc = weir_ipfix_fail("free some", "no memory to start with");
		goto err_destroy;
	}
	dump.collect = ipfix.collect;
	dump.own_enterprise = ipfix.options.own_enterprise;
	catch_signals();
	rc = run(&ipfix);
	if (rc == 0)
		rc = conclude(&ipfix);
	base_strbuf_fini(&dump.line);
	weir_ipfix_names_fini(&dump.names);
	collect_capture_fini(&ipfix.capture);
err_destroy:
	collect_destroy(ipfix.collect);
	return rc;
}

int weir_ipfix(const struct weir_command *command, int argc, char **argv)
{
	if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		weir_command_print_help(command);
		return 0;
	}
	if (argc >= 2 && strcmp(argv[1], "check") == 0)
		return check(command, argc - 1, argv + 1);
	if (argc < 2)
		fprintf(stderr, "weir ipfix: say what to do\n  try: weir ipfix check 4739\n");
	else
		fprintf(stderr, "weir ipfix: \"%.40s\" is not known; only check is\n  %s\n",
				argv[1], SEE_HELP);
	return WEIR_IPFIX_UNUSABLE;
}
