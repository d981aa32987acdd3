/* SPDX-License-Identifier: BSD-3-Clause */
/* weir ipfix check: what its parts share. The sessions themselves are lib/collect's. */
#ifndef WEIR_IPFIX_H
#define WEIR_IPFIX_H

#include "collect_capture.h"
#include "weir_ipfix_names.h"

#include <stdatomic.h>
#include <stdio.h>

/* Exit codes: what a script wants to tell apart. */
#define WEIR_IPFIX_CLEAN 0
#define WEIR_IPFIX_BROKEN 1
#define WEIR_IPFIX_UNUSABLE 2

#define WEIR_IPFIX_PORTS_MAX 32

enum weir_ipfix_kind {
	WEIR_IPFIX_MESSAGES, /* a file of messages */
	WEIR_IPFIX_CAPTURE,
	WEIR_IPFIX_LIVE,
};

struct weir_ipfix_options {
	const char *target; /* FILE, or what a port was named by */
	const char *listen; /* address, or NULL: loopback */
	uint16_t ports[WEIR_IPFIX_PORTS_MAX]; /* of collectors, in a capture; none: the usual ones
					       */
	unsigned int port_count;
	int64_t limit_ns; /* 0: none */
	uint64_t limit_messages; /* 0: none */
	uint32_t own_enterprise;
	bool dump;
	bool json;
};

/* A port to listen on, as the command line names it. */
struct weir_ipfix_endpoint {
	char host[256]; /* empty: loopback */
	uint16_t port;
	bool udp;
	bool tcp;
};

struct weir_ipfix {
	struct weir_ipfix_options options;
	const atomic_bool *stop; /* Ctrl-C */
	struct collect *collect;
	/* what was read */
	enum weir_ipfix_kind kind;
	struct collect_capture capture;
	uint64_t octets; /* of the file */
	uint64_t kernel_dropped; /* datagrams, for want of room in the socket */
	int64_t took_ns;
	char listening[160];
};

/* True when as many messages were read as the command line wants. */
bool weir_ipfix_is_enough(const struct weir_ipfix *ipfix);
/* Octets of a stream to its session, no further than that. */
void weir_ipfix_feed(struct weir_ipfix *ipfix, struct collect_session *session,
		const uint8_t *octets, size_t length, const struct collect_arrival *arrival);

/* Each: 0, or an exit code after it said cause and cure on standard error. */
int weir_ipfix_read_file(struct weir_ipfix *ipfix);
int weir_ipfix_listen(struct weir_ipfix *ipfix, const struct weir_ipfix_endpoint *endpoint);

/* Says what is wrong and what to do, as two lines on standard error; returns UNUSABLE. */
int weir_ipfix_fail(const char *cure, const char *format, ...)
		__attribute__((format(printf, 2, 3)));

/*
 * Takes apart "[udp://|tcp://][HOST:]PORT": 1 when it is one, 0 when it can only be a file's name,
 * -EINVAL when it is neither.
 */
int weir_ipfix_parse_endpoint(const char *text, struct weir_ipfix_endpoint *endpoint);

/* The results, after collect_finish(). */
void weir_ipfix_print_text(const struct weir_ipfix *ipfix, FILE *out);
void weir_ipfix_print_json(const struct weir_ipfix *ipfix, FILE *out);

/* "no rule broken", "2 errors, 1 warning" */
void weir_ipfix_describe_verdict(const struct collect *collect, struct base_strbuf *out);
/* "IPFIX", "NetFlow 9", "NetFlow 5" */
const char *weir_ipfix_version_name(uint16_t version);

/* Templates of a domain by their id; freed with free(). */
struct weir_ipfix_templates {
	const struct ipfix_known **list;
	unsigned int count;
};
void weir_ipfix_list_templates(struct weir_ipfix_templates *templates,
		const struct collect_session *session, uint32_t domain);

/* A rule with all that was found of it, in the order in which people want to read them. */
struct weir_ipfix_broken {
	unsigned int rule; /* index */
	uint64_t count;
	unsigned int sessions;
	const struct collect_session *session; /* of the first finding */
	const struct ipfix_finding *first;
};
/* Fills at most ipfix_rule_count of them; returns how many. */
unsigned int weir_ipfix_list_broken(
		const struct collect *collect, struct weir_ipfix_broken *broken);

/* Prints each message, template and record as it is read. */
struct weir_ipfix_dump {
	struct collect *collect;
	uint32_t own_enterprise;
	FILE *out;
	struct base_strbuf line;
	struct weir_ipfix_names names;
	const struct collect_session *session; /* of the message that was headed last */
	uint64_t message; /* ... and its number, from 1 */
};
extern const struct ipfix_reader_ops weir_ipfix_dump_ops; /* context: struct weir_ipfix_dump */

#endif
