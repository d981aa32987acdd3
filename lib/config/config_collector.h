/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where a collector is, as users write it: 192.0.2.1:4739, [2001:db8::1]:4739 or
 * flows.example.net:4739. A name is looked up by who sends, never here; so is the interface of a
 * link-local address, as in [fe80::1%eth1]:4739.
 */
#ifndef CONFIG_COLLECTOR_H
#define CONFIG_COLLECTOR_H

#include "config.h"

#include <stdint.h>
#include <sys/socket.h>

struct config_collector {
	char host[CONFIG_COLLECTOR_BYTES]; /* without brackets */
	uint16_t port; /* 1 to 65535, host byte order */
	socklen_t address_len; /* 0: the host is to be looked up */
	struct sockaddr_storage address; /* with the port */
};

/*
 * Fills *collector. 0, or -errno: -EINVAL when it is no HOST:PORT, -ERANGE when PORT is none,
 * -ENODEV when the link of an address is not named. Any thread.
 */
int config_collector_parse(const char *text, struct config_collector *collector) BASE_MUST_CHECK;

/* What to say of such an error: "what was found; what was expected", but for the text itself. */
const char *config_collector_explain(int error);

/* "udp", "tcp", ... */
const char *config_transport_name(enum config_transport transport);

/*
 * An output from a URL: SCHEME://HOST[:PORT][?KEY=VALUE[&KEY=VALUE]...], where the scheme is ipfix,
 * netflow-v9 or netflow-v5 and each key one of an output ("transport=tcp"), its value
 * percent-encoded where need be. Without a port it is the scheme's: 4739 or 2055. 0, or -EINVAL
 * with "what was found; what was expected" in `why`. Any thread.
 */
int config_output_parse_url(struct config_output *output, const char *url,
		struct base_strbuf *why) BASE_MUST_CHECK;

#endif
