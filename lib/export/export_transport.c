/* SPDX-License-Identifier: BSD-3-Clause */
#include "export_transport.h"

#include "config_collector.h"
#include "export_error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int export_transport_open(struct export_transport *transport, const struct config_output *config)
{
	*transport = (struct export_transport){.config = *config, .fd = -1};
	transport->file.stream.fd = -1;
	transport->ops = &export_ipfix_file_ops;
	if (config->collector[0]) {
		transport->ops = config->transport == CONFIG_TRANSPORT_TCP ? &export_tcp_ops
									   : &export_udp_ops;
		int error = config_collector_parse(
				config->collector, &transport->address, &transport->address_len);
		if (error < 0)
			return error;
	}
	return transport->ops->open(transport);
}

void export_transport_close(struct export_transport *transport, int64_t deadline_ns)
{
	transport->ops->close(transport, deadline_ns);
	transport->link = EXPORT_LINK_DOWN;
}

const char *export_link_name(enum export_link link)
{
	static const char *const names[EXPORT_LINK_COUNT] = {
			[EXPORT_LINK_DOWN] = "down",
			[EXPORT_LINK_CONNECTING] = "connecting",
			[EXPORT_LINK_PROBING] = "probing",
			[EXPORT_LINK_UP] = "up",
	};

	return link < EXPORT_LINK_COUNT ? names[link] : "unknown";
}

enum stats_output_index export_transport_lost_row(const struct export_transport *transport)
{
	if (transport->config.collector[0] && transport->link == EXPORT_LINK_CONNECTING)
		return STATS_output_lost_unreachable;
	if (!transport->config.collector[0] || transport->error == 0)
		return export_error_lost_row(transport->error);
	return STATS_output_lost_unreachable;
}

static const struct {
	int error;
	const char *text;
} explanations[] = {
		{ECONNREFUSED,
				"nobody listens there; start the collector, sending goes on by "
				"itself"},
		{ECONNRESET, "the collector closed the connection"},
		{EPIPE, "the collector closed the connection"},
		{ETIMEDOUT, "no answer; check the address, the route and firewalls"},
		{EHOSTUNREACH,
				"no route to it, or no answer from it; check the address and the "
				"route"},
		{ENETUNREACH, "no route to it; check the address and the route"},
		{EPERM, "a firewall on this host forbids it (iptables or nftables, chain OUTPUT)"},
		{EACCES, "a firewall on this host forbids it, or it is a broadcast address"},
		{ENOBUFS, "the network interface takes no more; it is too slow for the records"},
		{EMSGSIZE, "messages are longer than the path takes; lower mtu"},
		{EMFILE, "too many open files; raise the limit (ulimit -n, LimitNOFILE=)"},
};

char *export_transport_explain(const struct export_transport *transport, char *out, size_t bytes)
{
	const char *cause = strerror(transport->error);

	if (!transport->config.collector[0])
		return export_error_explain(transport->config.path, transport->error, out, bytes);
	for (size_t i = 0; i < BASE_COUNT_OF(explanations); i++) {
		if (explanations[i].error == transport->error)
			cause = explanations[i].text;
	}
	snprintf(out, bytes, "cannot send to %s: %s", transport->config.collector, cause);
	return out;
}
