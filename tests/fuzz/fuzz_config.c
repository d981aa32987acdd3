/* SPDX-License-Identifier: BSD-3-Clause */
/* module: config */
/* Any octets as a configuration: refused with errors, or read, and then what is written reads back.
 */
#include "config.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct config config;
	struct base_strbuf errors = BASE_STRBUF_EMPTY, yaml = BASE_STRBUF_EMPTY;
	unsigned int count;

	config_set_defaults(&config);
	if (config_parse(&config, (const char *)data, size, "fuzz", &errors, &count) == 0) {
		config_write_yaml(&config, &yaml);
		if (config_parse(&config, yaml.text, yaml.len, "again", &errors, &count) != 0)
			abort();
	} else if (count == 0 || errors.len == 0) {
		abort();
	}
	base_strbuf_fini(&errors);
	base_strbuf_fini(&yaml);
	return 0;
}
