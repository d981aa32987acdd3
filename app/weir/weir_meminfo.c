/* SPDX-License-Identifier: BSD-3-Clause */
#include "weir_meminfo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint64_t weir_meminfo_read(const char *path, const char *name)
{
	FILE *file = fopen(path, "r");
	char line[128];
	uint64_t value = 0;

	while (file && fgets(line, sizeof(line), file)) {
		if (strncmp(line, name, strlen(name)) == 0 && line[strlen(name)] == ':')
			value = strtoull(line + strlen(name) + 1, NULL, 10);
	}
	if (file)
		fclose(file);
	return value;
}
