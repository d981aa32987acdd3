/* SPDX-License-Identifier: BSD-3-Clause */
#include "export_transport.h"

#include "export_connection.h"
#include "export_error.h"
#include "export_tls_files.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

static const struct export_transport_ops *const collectors[] = {
		[CONFIG_TRANSPORT_UDP] = &export_udp_ops,
		[CONFIG_TRANSPORT_TCP] = &export_tcp_ops,
		[CONFIG_TRANSPORT_TLS] = &export_tls_ops,
		[CONFIG_TRANSPORT_SCTP] = &export_sctp_ops,
};

int export_transport_open(struct export_transport *transport, const struct config_output *config)
{
	*transport = (struct export_transport){.config = *config, .fd = -1};
	transport->file.stream.fd = -1;
	transport->ops = &export_ipfix_file_ops;
	if (config->collector[0]) {
		transport->ops = collectors[config->transport];
		int error = export_target_open(&transport->target, config->collector, NULL);
		if (error < 0)
			return error;
	}
	int error = transport->ops->open(transport);
	if (error < 0)
		export_target_close(&transport->target);
	return error;
}

void export_transport_close(struct export_transport *transport, int64_t deadline_ns)
{
	transport->ops->close(transport, deadline_ns);
	transport->link = EXPORT_LINK_DOWN;
	export_target_close(&transport->target);
}

int export_transport_told(const struct export_transport *transport)
{
	uint32_t sum = 0;

	for (const char *at = transport->cause; *at; at++)
		sum = sum * 31 + (unsigned char)*at;
	return EXPORT_ERROR_TOLD + (int)(sum & 0xffffff);
}

int export_transport_check(const struct config_output *config, char *cause, size_t bytes)
{
	SSL_CTX *context = NULL;
	int error = 0;

	if (config->collector[0] && config->transport == CONFIG_TRANSPORT_TLS)
		error = export_tls_files_load(&context, config, cause, bytes);
	SSL_CTX_free(context);
	if (config->collector[0] && config->transport == CONFIG_TRANSPORT_SCTP)
		error = export_sctp_check(cause, bytes);
	return error;
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
		{ECONNRESET,
				"the collector closed the connection; its log says why, weir "
				"connects again by itself"},
		{EPIPE,
				"the collector closed the connection; its log says why, weir "
				"connects again by itself"},
		{ETIMEDOUT,
				"no answer; check the address, the route and firewalls, and "
				"whether it is frozen"},
		{EHOSTUNREACH,
				"no route to it, or no answer from it; check the address and the "
				"route"},
		{ENETUNREACH, "no route to it; check the address and the route"},
		{EPERM, "a firewall on this host forbids it (iptables or nftables, chain OUTPUT)"},
		{EACCES, "a firewall on this host forbids it, or it is a broadcast address"},
		{ENOBUFS, "the network interface takes no more; it is too slow for the records"},
		{EMSGSIZE, "messages are longer than the path takes; lower mtu"},
		{EPROTO,
				"no answer in the TLS handshake; check that it speaks TLS on this "
				"port "
				"(4740 is usual)"},
		{EMFILE, "too many open files; raise the limit (ulimit -n, LimitNOFILE=)"},
};

static const struct {
	int error;
	const char *text;
} lookups[] = {
		{EAI_NONAME,
				"there is no such name; check collector for typing errors, and the "
				"name servers or /etc/hosts"},
		{EAI_NODATA,
				"its name has no address; check collector for typing errors, and "
				"the "
				"name servers"},
		{EAI_AGAIN,
				"no answer from the name servers; check /etc/resolv.conf and the "
				"network, or set an address"},
		{EAI_FAIL,
				"the name servers failed; check /etc/resolv.conf and the servers, "
				"or "
				"set an address"},
};

static const char *explain_cause(int error)
{
	if (export_transport_is_lookup(error)) {
		for (size_t i = 0; i < BASE_COUNT_OF(lookups); i++) {
			if (EXPORT_ERROR_LOOKUP - lookups[i].error == error)
				return lookups[i].text;
		}
		return gai_strerror(EXPORT_ERROR_LOOKUP - error);
	}
	for (size_t i = 0; i < BASE_COUNT_OF(explanations); i++) {
		if (explanations[i].error == error)
			return explanations[i].text;
	}
	return strerror(error);
}

char *export_transport_explain(const struct export_transport *transport, char *out, size_t bytes)
{
	char address[EXPORT_ADDRESS_TEXT_BYTES];

	if (!transport->config.collector[0])
		return export_error_explain(transport->config.path, transport->error, out, bytes);
	bool found = !export_transport_is_lookup(transport->error)
			&& export_target_print(&transport->target, address, sizeof(address));
	snprintf(out, bytes, "cannot send to %s%s%s%s: %s", transport->config.collector,
			found ? " (" : "", found ? address : "", found ? ")" : "",
			transport->error >= EXPORT_ERROR_TOLD ? transport->cause
							      : explain_cause(transport->error));
	return out;
}
