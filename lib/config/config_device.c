/* SPDX-License-Identifier: BSD-3-Clause */
#include "config_device.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* IFNAMSIZ without the NUL. */
#define INTERFACE_OCTETS 15

bool config_device_is_interface(const char *text)
{
	size_t len = strlen(text);

	if (len == 0 || len > INTERFACE_OCTETS || strcmp(text, ".") == 0 || strcmp(text, "..") == 0)
		return false;
	return strpbrk(text, "/:, \t\n\v\f\r") == NULL;
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Reads 1 to `digits` hexadecimal digits; returns what follows, or NULL when there is none. */
static const char *parse_hex(const char *text, int digits, uint32_t *value)
{
	int read = 0;

	*value = 0;
	for (; read < digits && digit_value(*text) >= 0; read++, text++)
		*value = *value << 4 | (uint32_t)digit_value(*text);
	return read > 0 ? text : NULL;
}

int config_device_parse_pci(const char *text, char out[CONFIG_PCI_BYTES])
{
	uint32_t domain = 0, bus, device, function;
	const char *first = strchr(text, ':');

	if (first && strchr(first + 1, ':')) {
		text = parse_hex(text, 8, &domain);
		if (!text || *text++ != ':')
			return -EINVAL;
	}
	text = parse_hex(text, 2, &bus);
	if (!text || *text++ != ':')
		return -EINVAL;
	text = parse_hex(text, 2, &device);
	if (!text || *text++ != '.')
		return -EINVAL;
	text = parse_hex(text, 1, &function);
	if (!text || *text != '\0' || device > 0x1f || function > 7)
		return -EINVAL;
	snprintf(out, CONFIG_PCI_BYTES, "%04x:%02x:%02x.%x", domain, bus, device, function);
	return 0;
}

size_t config_device_name_len(const char *device)
{
	return strcspn(device, ",");
}

bool config_device_is_vdev(const char *text)
{
	size_t name = strspn(
			text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

	if (name == 0 || name != config_device_name_len(text) || text[0] < 'a' || text[0] > 'z')
		return false;
	return strpbrk(text, " \t\n\v\f\r") == NULL;
}
