/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The transport sessions of exporters, as a collector has them, each with a check of its own (see
 * ipfix_check.h):
 *
 *     datagram, with endpoints ---> find session ------------------> check
 *     octets of a connection or file ---> session's stream --------> check, message by message
 *     segments of a captured connection ---> tcp ---> stream ------> check
 *
 * A session is what RFC 7011 calls so: for UDP the pair of endpoints, for TCP the connection, else
 * a file. Invariant: what is kept is bounded by COLLECT_SESSIONS_MAX, whatever comes; what goes
 * beyond is counted.
 *
 * No sockets and no files here. One thread at a time.
 */
#ifndef COLLECT_SESSION_H
#define COLLECT_SESSION_H

#include "base_strbuf.h"
#include "collect_stream.h"
#include "collect_tcp.h"
#include "packet_meta.h"

#define COLLECT_SESSIONS_MAX 256

enum collect_transport {
	COLLECT_FILE,
	COLLECT_UDP,
	COLLECT_TCP,
};

/* Exporter and collector. Compared by their octets, so to be made from zeros. */
struct collect_endpoints {
	union packet_address source;
	union packet_address destination;
	uint16_t source_port;
	uint16_t destination_port;
	uint8_t transport; /* enum collect_transport */
	uint8_t ip_version; /* 4 or 6; 0: a file */
	uint8_t reserved[2];
};
static_assert(sizeof(struct collect_endpoints) == 40, "no padding");

struct collect_arrival {
	int64_t received_ns; /* wall clock; 0: not known */
	uint64_t place; /* number of the packet, from 1; 0: none */
};

struct collect_session {
	struct collect_endpoints endpoints;
	unsigned int number; /* from 1 */
	struct ipfix_check *check;
	struct collect_stream stream;
	struct collect_tcp tcp;
	int64_t first_ns;
	int64_t last_ns;
	bool joined; /* its beginning was not seen */
	bool fin; /* a captured connection: the exporter ended it, at fin_sequence */
	uint32_t fin_sequence;
	bool closed; /* the connection ended: what comes now is another session */
	bool encrypted; /* TLS or DTLS: nothing was read */
	bool searching; /* for a segment that begins with a message */
	/* what the capture lacks */
	uint64_t cut; /* datagrams */
	uint64_t fragmented; /* datagrams */
	uint64_t holes;
	uint64_t hole_octets;
	uint64_t unsearched; /* octets before a message was found */
};

struct collect_settings {
	uint32_t own_enterprise; /* of weir's elements; 0: none */
	const struct ipfix_reader_ops *listener; /* or NULL; see collect_current() */
	void *listener_context;
};

struct collect;

/* NULL without memory. */
struct collect *collect_create(const struct collect_settings *settings);
void collect_destroy(struct collect *collect);

/* The open session with these endpoints, or NULL. */
struct collect_session *collect_find(
		struct collect *collect, const struct collect_endpoints *endpoints);
/* ... or a new one. NULL when there are too many, which is counted, or no memory. */
struct collect_session *collect_open(struct collect *collect,
		const struct collect_endpoints *endpoints, const struct collect_arrival *arrival);

/* A session that was there before this check: to be said before its first octets. */
void collect_session_join(struct collect_session *session);

void collect_datagram(struct collect *collect, struct collect_session *session,
		const uint8_t *octets, size_t length, const struct collect_arrival *arrival);
/* A datagram of `length` octets that cannot be read, because it came in fragments or was cut. */
void collect_fragments(struct collect *collect, struct collect_session *session, size_t length,
		const struct collect_arrival *arrival);
/* What is wrong with the datagram that comes next, besides its message. */
void collect_blame(struct collect *collect, struct collect_session *session, uint16_t rule,
		const char *sentence, const struct collect_arrival *arrival);
void collect_cut_datagram(struct collect_session *session);

/* The next octets of a file or connection. */
void collect_octets(struct collect *collect, struct collect_session *session, const uint8_t *octets,
		size_t length, const struct collect_arrival *arrival);
/* A segment of a captured connection, in any order. */
void collect_segment(struct collect *collect, struct collect_session *session, uint32_t sequence,
		const uint8_t *octets, size_t length, const struct collect_arrival *arrival);
/* A file or connection ends; `whole`: the exporter ended it, so that a half message is its fault.
 */
void collect_close(struct collect *collect, struct collect_session *session, bool whole,
		const struct collect_arrival *arrival);

/* True when all that the exporter sent was given: the end of the file or connection was seen. */
bool collect_session_complete(const struct collect_session *session);

/* Closes what is open and lets every check say what only the end shows. Once. */
void collect_finish(struct collect *collect);

/* In the order in which they came; NULL behind the last. */
struct collect_session *collect_session_at(const struct collect *collect, unsigned int index);
/* True when the session carried something: connections may come and go without. */
bool collect_session_used(const struct collect_session *session);
/* How many of them did. */
unsigned int collect_used(const struct collect *collect);
/* While a listener is called: whose message it is, and how it came. */
const struct collect_session *collect_current(
		const struct collect *collect, const struct collect_arrival **arrival);

/* Sums over all sessions. */
void collect_sum(const struct collect *collect, struct ipfix_check_totals *totals);
uint64_t collect_rule_count(const struct collect *collect, unsigned int rule_index);
unsigned int collect_broken(const struct collect *collect, enum ipfix_severity severity);
/* Messages and connections that were not followed, because there were too many sessions. */
uint64_t collect_refused(const struct collect *collect);

/* Appends "udp 192.0.2.1:51514 > 192.0.2.9:4739". */
void collect_endpoints_print(const struct collect_endpoints *endpoints, struct base_strbuf *out);
/* "file", "udp", "tcp" */
const char *collect_transport_name(enum collect_transport transport);
/* Writes an address; `out` holds INET6_ADDRSTRLEN octets. */
const char *collect_address_print(
		const union packet_address *address, uint8_t ip_version, char *out);

#endif
