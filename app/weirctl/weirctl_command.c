/* SPDX-License-Identifier: BSD-3-Clause */
#include "weirctl_command.h"

#include "proto_message.h"
#include "proto_method.h"
#include "weirctl_call.h"
#include "weirctl_trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sysexits.h>
#include <unistd.h>

/* An audit that does not close is asked again, as long as traffic may be the reason. */
#define AUDIT_TRIES 5
#define AUDIT_PAUSE_US (200 * 1000)
#define PAGE_FLOWS 1000
#define PIPE_WIDTH 120

static char *join_words(const struct weirctl_run *run)
{
	struct base_strbuf text = BASE_STRBUF_EMPTY;

	for (unsigned int i = 0; i < run->word_count; i++) {
		base_strbuf_puts(&text, i ? " " : "");
		base_strbuf_puts(&text, run->words[i]);
	}
	return text.text;
}

static json_t *flows_params(const struct weirctl_run *run)
{
	const struct weirctl_options *options = run->options;
	json_t *params = json_object();
	char *filter = join_words(run);

	if (filter)
		json_object_set_new(params, "filter", json_string(filter));
	if (options->sort)
		json_object_set_new(params, "sort", json_string(options->sort));
	if (options->reverse)
		json_object_set_new(params, "reverse", json_true());
	if (options->limit)
		json_object_set_new(params, "limit", json_integer(options->limit));
	free(filter);
	return params;
}

static json_t *stats_params(const struct weirctl_run *run)
{
	return json_pack("{s:b, s:b}", "per_worker", run->options->per_worker, "help",
			run->options->describe);
}

static json_t *audit_params(const struct weirctl_run *run)
{
	return json_pack("{s:b}", "scan", run->options->scan);
}

static struct weirctl_style choose_style(const struct weirctl_options *options)
{
	const char *no_colour = getenv("NO_COLOR");
	const char *term = getenv("TERM");
	bool terminal = isatty(STDOUT_FILENO);
	struct winsize size = {0};
	struct weirctl_style style = {.exact = options->exact,
			.all = options->all,
			.width = PIPE_WIDTH,
			.colour = terminal && !(no_colour && *no_colour)
					&& !(term && !strcmp(term, "dumb"))};

	if (terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		style.width = size.ws_col;
	return style;
}

/* 0, or an exit code. */
static int print_text(const struct base_strbuf *out)
{
	if (out->failed) {
		fputs("weirctl: out of memory\n", stderr);
		return EX_OSERR;
	}
	if (out->len > 0)
		fwrite(out->text, 1, out->len, stdout);
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	perror("weirctl: standard output");
	return EX_IOERR;
}

static int ask(const struct weirctl_run *run, json_t **result)
{
	const struct weirctl_command *command = run->command;

	return weirctl_call(run->options->socket, command->admin, command->method,
			command->params ? command->params(run) : NULL, result);
}

static bool holds(const json_t *audit)
{
	return json_is_true(json_object_get(audit, "holds"));
}

/* Packets on their way leave a residual for a moment, a loss for good. */
static int ask_until_settled(const struct weirctl_run *run, json_t **result)
{
	int rc = ask(run, result);

	for (int i = 1; rc == 0 && i < AUDIT_TRIES && !holds(*result); i++) {
		json_t *again;
		usleep(AUDIT_PAUSE_US);
		rc = ask(run, &again);
		if (rc == 0) {
			weirctl_audit_merge(*result, again);
			json_decref(again);
		} else {
			json_decref(*result);
		}
	}
	return rc;
}

static bool is_audit(const struct weirctl_run *run)
{
	return run->command->show == weirctl_show_audit;
}

/* Asks and prints once; *before is the answer before, if any, and becomes this one. */
static int run_once(
		const struct weirctl_run *run, const struct weirctl_style *style, json_t **before)
{
	struct base_strbuf out = BASE_STRBUF_EMPTY;
	json_t *result;
	int rc = is_audit(run) ? ask_until_settled(run, &result) : ask(run, &result);

	if (rc != 0)
		return rc;
	const struct weirctl_view view = {.style = *style,
			.result = result,
			.before = *before,
			.words = run->words,
			.word_count = run->word_count};
	if (run->options->watch_sec && isatty(STDOUT_FILENO))
		base_strbuf_puts(&out, "\033[H\033[J");
	if (run->options->json)
		weirctl_show_json(&out, &view);
	else
		run->command->show(&out, &view);
	rc = print_text(&out);
	base_strbuf_fini(&out);
	if (rc == 0 && is_audit(run) && !holds(result))
		rc = 1;
	json_decref(*before);
	*before = result;
	return rc;
}

/* Prints every flow, a page at a time: a line of JSON each, or tables. */
static int run_all_flows(const struct weirctl_run *run)
{
	const struct weirctl_style style = choose_style(run->options);
	char cursor[64] = "";
	int rc = 0;

	for (bool more = true; more && rc == 0;) {
		struct base_strbuf out = BASE_STRBUF_EMPTY;
		json_t *params = flows_params(run), *result, *flow;
		size_t i;
		json_object_set_new(params, "cursor", json_string(cursor));
		json_object_set_new(params, "limit", json_integer(PAGE_FLOWS));
		rc = weirctl_call(run->options->socket, false, PROTO_METHOD_FLOWS, params, &result);
		if (rc != 0)
			break;
		const struct weirctl_view view = {.style = style, .result = result};
		const char *next = json_string_value(json_object_get(result, "cursor"));
		more = next != NULL;
		snprintf(cursor, sizeof(cursor), "%s", next ? next : "");
		json_t *flows = json_object_get(result, "flows");
		if (!run->options->json && json_array_size(flows) > 0)
			weirctl_show_flows(&out, &view);
		json_array_foreach (flows, i, flow) {
			char *text = run->options->json ? json_dumps(flow,
						     JSON_COMPACT
								     | JSON_REAL_PRECISION(
										     PROTO_REAL_DIGITS))
							: NULL;
			if (text)
				base_strbuf_printf(&out, "%s\n", text);
			free(text);
		}
		rc = print_text(&out);
		base_strbuf_fini(&out);
		json_decref(result);
	}
	return rc;
}

static int run_flows(const struct weirctl_run *run)
{
	const struct weirctl_style style = choose_style(run->options);
	json_t *before = NULL;

	if (run->options->all)
		return run_all_flows(run);
	int rc = run_once(run, &style, &before);
	json_decref(before);
	return rc;
}

static bool breaks_a_rule(const json_t *result)
{
	const json_t *exporter;
	size_t i;

	json_array_foreach (json_object_get(result, "exporters"), i, exporter) {
		if (weirctl_integer(exporter, "errors") > 0)
			return true;
	}
	return false;
}

static int run_export(const struct weirctl_run *run)
{
	struct base_strbuf out = BASE_STRBUF_EMPTY;
	json_t *result, *params = NULL;

	if (run->word_count < 1 || run->word_count > 2 || strcmp(run->words[0], "check") != 0) {
		fputs("weirctl: export takes the word check, and perhaps the name of an exporter\n"
		      "  example:  weirctl export check\n",
				stderr);
		return EX_USAGE;
	}
	if (run->word_count == 2)
		params = json_pack("{s:s}", "name", run->words[1]);
	int rc = weirctl_call(
			run->options->socket, false, PROTO_METHOD_EXPORT_CHECK, params, &result);
	if (rc != 0)
		return rc;
	const struct weirctl_view view = {.style = choose_style(run->options), .result = result};
	if (run->options->json)
		weirctl_show_json(&out, &view);
	else
		weirctl_show_export_check(&out, &view);
	rc = print_text(&out);
	if (rc == 0 && breaks_a_rule(result))
		rc = 1;
	base_strbuf_fini(&out);
	json_decref(result);
	return rc;
}

static int run_raw(const struct weirctl_run *run)
{
	json_error_t error;
	json_t *params = NULL, *result;
	struct base_strbuf out = BASE_STRBUF_EMPTY;

	if (run->word_count < 1 || run->word_count > 2) {
		fputs("weirctl: raw takes a method and perhaps its parameters\n"
		      "  example:  weirctl raw flows '{\"limit\": 3}'\n",
				stderr);
		return EX_USAGE;
	}
	if (run->word_count == 2) {
		params = json_loads(run->words[1], JSON_REJECT_DUPLICATES, &error);
		if (!params) {
			fprintf(stderr, "weirctl: parameters are not JSON: %s at character %d\n",
					error.text, error.position);
			return EX_USAGE;
		}
	}
	int rc = weirctl_call(run->options->socket, false, run->words[0], params, &result);
	if (rc != 0)
		return rc;
	const struct weirctl_view view = {.result = result};
	weirctl_show_json(&out, &view);
	rc = print_text(&out);
	base_strbuf_fini(&out);
	json_decref(result);
	return rc;
}

/* The client's own version comes first and needs no weir. */
static int run_version(const struct weirctl_run *run)
{
	json_t *hello;

	printf("weirctl %s, protocol %d\n", WEIR_VERSION, PROTO_VERSION);
	fflush(stdout);
	int rc = weirctl_call(run->options->socket, false, PROTO_METHOD_HELLO, NULL, &hello);
	if (rc != 0)
		return rc;
	printf("weir    %s, protocol %lld, DPDK %s, pid %lld on %s\n",
			weirctl_text(hello, "version"),
			(long long)weirctl_integer(hello, "protocol"), weirctl_text(hello, "dpdk"),
			(long long)weirctl_integer(hello, "pid"), weirctl_text(hello, "host"));
	json_decref(hello);
	return 0;
}

static const char flows_details[] =
		"FILTER picks flows in the words of tcpdump; src is the end that began the flow:\n"
		"\n"
		"  [src|dst] host ADDRESS        tcp udp icmp icmp6 sctp\n"
		"  [src|dst] net ADDRESS/LENGTH  proto NAME|N\n"
		"  [src|dst] port N[-M]          ip ip6    vlan N\n"
		"  inner outer  tunnel KIND      tunnelid N (VNI, TEID, GRE key, ...)\n"
		"  bytes > 1M   packets <= 2     and, or, not, ( )\n"
		"\n"
		"Quote what the shell would take for itself:\n"
		"\n"
		"  weirctl flows --sort rate -n 10 src net 10.0.0.0/8 and tcp port 443\n"
		"  weirctl flows 'not (port 53 or port 123) and bytes > 1M'\n";

static const char stats_details[] =
		"WORD shows only counters whose name has it. With --watch, how fast each grows:\n"
		"\n"
		"  weirctl stats drop --describe\n"
		"  weirctl stats --watch=1 ring output\n";

static const char drops_details[] =
		"Every received packet is metered in a flow or has one reason why not. With\n"
		"--all, the reasons that never happened, too. Below them is what got lost before\n"
		"(ports) and after (rings, outputs), with what helps.\n";

static const char trace_details[] =
		"Shows what weir reads of the next N packets: each header with its offset, and\n"
		"which flow the packet was metered into, or why not. FILTER is an expression of\n"
		"tcpdump (man pcap-filter). No worker waits for it: what comes too fast is not\n"
		"shown. Quote what the shell would take for itself:\n"
		"\n"
		"  weirctl trace 5 host 10.0.0.1 and udp port 4789\n"
		"  weirctl trace 1 --seconds 60 'ip[6:2] & 0x1fff != 0'\n";

static const char exporters_details[] =
		"One line for each output, then what it leaves to others, what it lost and why,\n"
		"and its last error. SEQUENCE is the number that its next message will have.\n";

static const char export_details[] =
		"Decodes the last messages of each exporter (or of NAME) as a collector would and\n"
		"judges them by the rules of IPFIX. Exits with 1 when one is broken. For other\n"
		"exporters, and for files: weir ipfix check.\n"
		"\n"
		"  weirctl export check\n";

static const char audit_details[] =
		"Prints what must add up, from the wire to the outputs, and what is left over.\n"
		"Exits with 0 when all closes, with 1 when something does not. What a driver\n"
		"cannot tell is \"unknown\", never 0. While packets flow, some are between two\n"
		"counters: then it asks again for up to a second.\n";

static const char raw_details[] = "Sends one request and prints its result; the methods are in\n"
				  "docs/control-protocol.md:\n"
				  "\n"
				  "  weirctl raw flows '{\"limit\": 3, \"sort\": \"age\"}'\n";

static const char reopen_details[] =
		"Closes the files of all outputs and opens them again, as SIGHUP does: for log\n"
		"rotation. It changes something, so it asks admin.sock, which its owner alone\n"
		"may use.\n";

const struct weirctl_command weirctl_commands[] = {
		{"status", "", "how weir is doing, in a few lines", "", PROTO_METHOD_STATUS, false,
				0, NULL, weirctl_show_status, NULL},
		{"ports", "", "ports: driver, link, rates, losses, what is hashed", "",
				PROTO_METHOD_PORTS, false, 0, NULL, weirctl_show_ports, NULL},
		{"workers", "", "workers: CPU, load, headroom, flows, rings", "",
				PROTO_METHOD_WORKERS, false, 0, NULL, weirctl_show_workers, NULL},
		{"flows", "[FILTER...]", "live flows, the heaviest first", flows_details,
				PROTO_METHOD_FLOWS, false, WEIRCTL_FOR_FLOWS, flows_params,
				weirctl_show_flows, run_flows},
		{"stats", "[WORD...]", "counters by name", stats_details, PROTO_METHOD_STATS, false,
				WEIRCTL_FOR_STATS, stats_params, weirctl_show_stats, NULL},
		{"drops", "", "what was not metered or was lost, where and why", drops_details,
				PROTO_METHOD_DROPS, false, WEIRCTL_FOR_DROPS, NULL,
				weirctl_show_drops, NULL},
		{"trace", "N [FILTER...]", "the next N packets, layer by layer", trace_details,
				NULL, false, WEIRCTL_FOR_TRACE, NULL, NULL, weirctl_trace},
		{"exporters", "", "outputs and collectors: state, sent, lost, last error",
				exporters_details, PROTO_METHOD_EXPORTERS, false, 0, NULL,
				weirctl_show_exporters, NULL},
		{"export", "check [NAME]", "are the last messages to collectors as the RFCs say?",
				export_details, NULL, false, 0, NULL, NULL, run_export},
		{"audit", "", "the ledger: is every packet and record accounted for?",
				audit_details, PROTO_METHOD_AUDIT, false, WEIRCTL_FOR_AUDIT,
				audit_params, weirctl_show_audit, NULL},
		{"reopen", "", "open the output files again (log rotation)", reopen_details,
				PROTO_METHOD_REOPEN, true, 0, NULL, weirctl_show_reopen, NULL},
		{"raw", "METHOD [JSON]", "one request as it is, its result as JSON", raw_details,
				NULL, false, 0, NULL, NULL, run_raw},
		{"version", "", "versions of weirctl and of the weir that runs", "", NULL, false, 0,
				NULL, NULL, run_version},
};
const size_t weirctl_command_count = BASE_COUNT_OF(weirctl_commands);

const struct weirctl_command *weirctl_command_lookup(const char *name)
{
	for (size_t i = 0; i < weirctl_command_count; i++) {
		if (!strcmp(weirctl_commands[i].name, name))
			return &weirctl_commands[i];
	}
	return NULL;
}

/* How many letters of a word differ from the other's, as far as a prefix or one swap explains. */
static size_t difference(const char *a, const char *b)
{
	size_t head = 0, tail = 0;
	size_t len_a = strlen(a), len_b = strlen(b);

	while (a[head] && a[head] == b[head])
		head++;
	while (tail < len_a - head && tail < len_b - head
			&& a[len_a - 1 - tail] == b[len_b - 1 - tail])
		tail++;
	size_t rest_a = len_a - head - tail, rest_b = len_b - head - tail;
	return rest_a > rest_b ? rest_a : rest_b;
}

const char *weirctl_command_suggest(const char *name)
{
	const char *best = NULL;
	size_t least = 3;

	for (size_t i = 0; i < weirctl_command_count; i++) {
		size_t d = difference(weirctl_commands[i].name, name);
		if (d < least) {
			least = d;
			best = weirctl_commands[i].name;
		}
	}
	return best;
}

int weirctl_command_run(const struct weirctl_run *run)
{
	const struct weirctl_style style = choose_style(run->options);
	json_t *before = NULL;
	int rc;

	do {
		rc = run->command->run ? run->command->run(run) : run_once(run, &style, &before);
		/* An open ledger is what one watches for; anything else ends it. */
	} while (run->options->watch_sec && rc <= 1 && sleep(run->options->watch_sec) == 0);
	json_decref(before);
	return rc;
}
