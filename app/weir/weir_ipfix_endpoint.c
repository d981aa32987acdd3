/* SPDX-License-Identifier: BSD-3-Clause */
/* Is it a port to listen on, or a file? */
#include "weir_ipfix.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A port from 0 to 65535, and nothing else. */
static bool parse_port(const char *text, uint16_t *port)
{
	unsigned long value;

	if (*text == '\0' || strlen(text) > 5 || strspn(text, "0123456789") != strlen(text))
		return false;
	value = strtoul(text, NULL, 10);
	*port = (uint16_t)value;
	return value <= UINT16_MAX;
}

/* "HOST:PORT", "[ADDRESS]:PORT" or "PORT". */
static bool parse_place(const char *text, struct weir_ipfix_endpoint *endpoint)
{
	const char *colon = strrchr(text, ':');
	size_t len = colon ? (size_t)(colon - text) : 0;

	if (!colon)
		return parse_port(text, &endpoint->port);
	if (len > 2 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	} else if (memchr(text, ':', len)) {
		return false; /* an IPv6 address without brackets: which colon is the port's? */
	}
	if (len == 0 || len >= sizeof(endpoint->host))
		return false;
	memcpy(endpoint->host, text, len);
	return parse_port(colon + 1, &endpoint->port);
}

int weir_ipfix_parse_endpoint(const char *text, struct weir_ipfix_endpoint *endpoint)
{
	bool digits = *text && strspn(text, "0123456789") == strlen(text);

	*endpoint = (struct weir_ipfix_endpoint){.udp = true, .tcp = true};
	if (strncmp(text, "udp://", 6) == 0 || strncmp(text, "tcp://", 6) == 0) {
		endpoint->udp = text[0] == 'u';
		endpoint->tcp = text[0] == 't';
		return parse_place(text + 6, endpoint) ? 1 : -EINVAL;
	}
	/* ./4739 is a file for sure */
	if (!digits && access(text, F_OK) == 0)
		return 0;
	if (parse_place(text, endpoint))
		return 1;
	if (digits)
		return -EINVAL;
	/* what has a colon and no folder was hardly meant to be a file */
	return strchr(text, ':') && !strchr(text, '/') ? -EINVAL : 0;
}
