/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The address of a collector, as users write it: 192.0.2.1:4739, [2001:db8::1]:4739. Names are not
 * looked up, as that could take long: addresses only.
 */
#ifndef CONFIG_COLLECTOR_H
#define CONFIG_COLLECTOR_H

#include "config.h"

#include <sys/socket.h>

/*
 * Fills *address and *len (either may be NULL). 0, or -errno: -EINVAL when it is no HOST:PORT,
 * -ENOTSUP when HOST is a name, -ERANGE when PORT is none. Any thread.
 */
int config_collector_parse(
		const char *text, struct sockaddr_storage *address, socklen_t *len) BASE_MUST_CHECK;

/* What to say of such an error: "what was found; what was expected", but for the text itself. */
const char *config_collector_explain(int error);

/*
 * An output from a URL: SCHEME://HOST[:PORT][?KEY=VALUE[&KEY=VALUE]...], where the scheme is ipfix,
 * netflow-v9 or netflow-v5 and each key one of an output ("transport=tcp"), its value
 * percent-encoded where need be. Without a port it is the scheme's: 4739 or 2055. 0, or -EINVAL
 * with "what was found; what was expected" in `why`. Any thread.
 */
int config_output_parse_url(struct config_output *output, const char *url,
		struct base_strbuf *why) BASE_MUST_CHECK;

#endif
