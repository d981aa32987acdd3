/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The configuration: immutable after load, read by everybody. Loaded from YAML by config_load();
 * every key is one row of the schema table in config_schema.c, from which come the checks, the
 * defaults, the help and the reference page.
 */
#ifndef CONFIG_H
#define CONFIG_H

#include "base_cacheline.h"
#include "base_strbuf.h"
#include "base_tunnel.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONFIG_MAX_PORTS 16
#define CONFIG_MAX_OUTPUTS 16
#define CONFIG_MAX_WORKERS 64
#define CONFIG_MAX_TUNNEL_PORTS 16
#define CONFIG_NAME_BYTES 64
#define CONFIG_COLLECTOR_BYTES 272 /* a host name of 253 octets and a port */
#define CONFIG_PATH_BYTES 256
#define CONFIG_DEVARGS_BYTES 256
#define CONFIG_FILTER_BYTES 2048
#define CONFIG_OUTPUT_FILTER_BYTES 512

enum config_port_kind {
	CONFIG_PORT_INTERFACE, /* interface: eth1 (AF_XDP or AF_PACKET) */
	CONFIG_PORT_PCI, /* pci: 0000:3b:00.0 */
	CONFIG_PORT_VDEV, /* vdev: net_null0,size=64 */
};

enum config_driver { CONFIG_DRIVER_AUTO, CONFIG_DRIVER_AF_XDP, CONFIG_DRIVER_AF_PACKET };

struct config_port {
	char name[CONFIG_NAME_BYTES]; /* in outputs; default: the device without its arguments */
	enum config_port_kind kind;
	char device[CONFIG_DEVARGS_BYTES]; /* interface name, PCI address or vdev string */
	enum config_driver driver; /* of an interface */
	uint32_t rx_descriptors; /* per queue; 0: auto */
	uint32_t queues; /* 0: auto (one a worker) */
	bool promiscuous;
	bool force; /* take it although it carries the default route */
	uint32_t mtu; /* largest frame to receive, octets; 0: the driver's */
	int line, column; /* in the file, for later errors; 0: command line */
};

enum config_idle_mode { CONFIG_IDLE_POLL, CONFIG_IDLE_RAMP };

/* What becomes of a packet that a tunnel carries; values are those of enum packet_open. */
enum config_open { CONFIG_OPEN_OUTER, CONFIG_OPEN_INNER, CONFIG_OPEN_BOTH };

/* In the order of BASE_TUNNELS, from 0. */
enum config_tunnel {
#define CONFIG_TUNNEL_ROW(name, text, id) CONFIG_TUNNEL_##name,
	BASE_TUNNELS(CONFIG_TUNNEL_ROW)
#undef CONFIG_TUNNEL_ROW
			CONFIG_TUNNEL_COUNT,
};

/* One more UDP port at which a kind of tunnel is looked for. */
struct config_tunnel_port {
	uint32_t port;
	enum config_tunnel tunnel;
	int line, column;
};

/* How packets are chosen when not every one is metered. */
enum config_sampling { CONFIG_SAMPLING_SYSTEMATIC, CONFIG_SAMPLING_RANDOM };

/* A higher rate does not fit the headers of NetFlow version 5. */
#define CONFIG_NETFLOW5_RATE_MAX 16383

enum config_fragments { CONFIG_FRAGMENTS_TRACK, CONFIG_FRAGMENTS_PORTS0 };

enum config_output_format {
	CONFIG_OUTPUT_JSONL,
	CONFIG_OUTPUT_CSV,
	CONFIG_OUTPUT_IPFIX,
	CONFIG_OUTPUT_NETFLOW9,
	CONFIG_OUTPUT_NETFLOW5,
};

enum config_transport {
	CONFIG_TRANSPORT_UDP,
	CONFIG_TRANSPORT_TCP,
	CONFIG_TRANSPORT_TLS,
	CONFIG_TRANSPORT_SCTP
};

enum config_time_unit { CONFIG_TIME_MS, CONFIG_TIME_NS };

/* Goes to a file or to a collector: one of path and collector is "". */
struct config_output {
	char name[CONFIG_NAME_BYTES];
	enum config_output_format format;
	char path[CONFIG_PATH_BYTES]; /* "-": standard output */
	char collector[CONFIG_COLLECTOR_BYTES]; /* HOST:PORT, see config_collector.h */
	enum config_transport transport;
	/* over TLS: PEM files; "": the system's certificates, none, none, the host of collector */
	char ca_file[CONFIG_PATH_BYTES];
	char certificate[CONFIG_PATH_BYTES];
	char key[CONFIG_PATH_BYTES];
	char server_name[CONFIG_COLLECTOR_BYTES];
	uint32_t mtu; /* of the path to a collector over UDP, octets, IP header included */
	uint32_t pace; /* messages a second over UDP; 0: as export_exporter_open() says */
	int64_t template_refresh_ns;
	int64_t options_refresh_ns; /* 0: at the start of a session alone */
	int64_t retry_ns; /* between attempts to connect */
	uint32_t domain; /* observation domain, source id or engine id */
	uint32_t enterprise; /* number that weir's own elements are sent under */
	bool uniflow; /* two records for a flow with a way back */
	enum config_time_unit time_unit;
	char filter[CONFIG_OUTPUT_FILTER_BYTES]; /* see flow_filter.h; "": all records */
	char spread[CONFIG_NAME_BYTES]; /* groups, see control_routes.h; "": none */
	char failover[CONFIG_NAME_BYTES];
	uint64_t rotate_bytes; /* 0: never by size */
	int64_t rotate_ns; /* 0: never by time */
	uint32_t keep_files; /* rotated files kept; 0: all */
	uint64_t queue_bytes; /* formatted but not accepted, at most */
	bool community_id;
	int line, column;
};

struct config {
	char source[CONFIG_PATH_BYTES]; /* file it came from; "" when none */

	struct config_port ports[CONFIG_MAX_PORTS];
	size_t port_count;

	struct {
		uint32_t count; /* 0: auto, one a CPU but one, at least one */
		uint32_t cpus[CONFIG_MAX_WORKERS]; /* explicit CPUs; cpu_count 0: auto */
		size_t cpu_count;
		int32_t control_cpu; /* -1: auto */
		enum config_idle_mode idle;
		uint32_t burst; /* packets a turn, 1..64 */
	} workers;

	struct {
		bool huge_pages; /* use them when there are any */
		uint64_t packet_bytes; /* EAL memory for packet buffers; 0: from the descriptors */
	} memory;

	struct {
		enum config_open tunnels[CONFIG_TUNNEL_COUNT];
		uint32_t max_tunnels; /* that may be nested */
		bool tunnel_id_in_key;
		uint32_t tunnels_per_worker;
		enum config_fragments fragments;
		int64_t fragment_timeout_ns;
		uint32_t fragments_per_worker;
		bool icmp_id; /* the id of an echo tells flows apart */
	} decode;

	struct {
		enum config_sampling method;
		uint32_t rate; /* one packet in that many; 1: all */
	} sampling;

	char filter[CONFIG_FILTER_BYTES]; /* pcap expression; "": all packets */
	int filter_line, filter_column; /* 0: command line */

	struct config_tunnel_port tunnel_ports[CONFIG_MAX_TUNNEL_PORTS];
	size_t tunnel_port_count;

	struct {
		uint64_t capacity_per_worker;
		int64_t active_ns;
		int64_t idle_tcp_ns, idle_udp_ns, idle_icmp_ns, idle_other_ns;
		int64_t tcp_linger_ns; /* after FIN from both ends, or RST */
		uint32_t ring_records; /* per worker, power of two */
		uint64_t hash_seed; /* 0: random at start */
	} flows;

	struct config_output outputs[CONFIG_MAX_OUTPUTS];
	size_t output_count;

	struct {
		char directory[CONFIG_PATH_BYTES]; /* of the control socket */
		char group[CONFIG_NAME_BYTES]; /* group that may connect; "": only the owner */
		uint32_t max_clients;
	} control;

	struct {
		uint32_t level; /* enum base_log_level */
	} log;

	struct {
		char eal_arguments[CONFIG_DEVARGS_BYTES]; /* escape hatch, passed on as it is */
		int64_t stop_deadline_ns; /* for the flush at stop */
	} expert;
};

/* Every packet is metered, or some. */
static inline bool config_is_sampled(const struct config *config)
{
	return config->sampling.rate > 1;
}

/* False when an output cannot say how packets were sampled. */
static inline bool config_sampling_fits(
		const struct config *config, const struct config_output *output)
{
	return output->format != CONFIG_OUTPUT_NETFLOW5
			|| config->sampling.rate <= CONFIG_NETFLOW5_RATE_MAX;
}

/* Lines of text, not messages of IPFIX or NetFlow. */
static inline bool config_format_is_text(enum config_output_format format)
{
	return format == CONFIG_OUTPUT_JSONL || format == CONFIG_OUTPUT_CSV;
}

/* All defaults, no port, no output. */
void config_set_defaults(struct config *config);

/*
 * Reads `path` ("-": standard input) over the defaults. Returns 0, or -EINVAL when the file has
 * errors, or -errno when it cannot be read or there is no memory.
 *
 * All errors are appended to `errors`, a line each, in the order of the file:
 * "file:line:column: path.of.key: what was found; what was expected". *error_count gets their
 * number, also of those past the first hundred, which are not shown. *config is only changed on
 * success; it has no pointers and may be copied. A file that cannot be read makes no error line:
 * the -errno says it all. Any thread.
 */
int config_load(struct config *config, const char *path, struct base_strbuf *errors,
		unsigned int *error_count) BASE_MUST_CHECK;
/* The same for text in memory; `name` stands for the file in errors. */
int config_parse(struct config *config, const char *text, size_t len, const char *name,
		struct base_strbuf *errors, unsigned int *error_count) BASE_MUST_CHECK;

/* The reference page (Markdown), from the schema table. */
void config_write_reference(struct base_strbuf *out);
/* The effective configuration as YAML that config_parse() reads back to the same. */
void config_write_yaml(const struct config *config, struct base_strbuf *out);

#endif
