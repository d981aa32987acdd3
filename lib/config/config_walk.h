/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From a YAML document to struct config: each key is looked up in the schema, each value goes to
 * its field, and where each stood is kept for checks that look at several.
 */
#ifndef CONFIG_WALK_H
#define CONFIG_WALK_H

#include "config_error.h"
#include "config_schema.h"

#include <yaml.h>

/* Where the keys of the top, or of one item of a list, stood: marks by config_key_index(). */
struct config_marks {
	struct config_mark item; /* line 0: it is none, or no mapping */
	struct config_mark at[CONFIG_MAX_KEYS]; /* of values; line 0: not given */
	int key_line[CONFIG_MAX_KEYS]; /* of keys: a section's value begins below it */
};

struct config_places {
	struct config_marks top, ports[CONFIG_MAX_PORTS], outputs[CONFIG_MAX_OUTPUTS],
			tunnel_ports[CONFIG_MAX_TUNNEL_PORTS];
};

/*
 * Fills `config`, which holds the defaults, and `places`, which is zeroed, from a document that
 * config_text_check() has passed. Keys with errors keep their defaults.
 */
void config_walk(yaml_document_t *document, struct config *config, struct config_places *places,
		struct config_errors *errors);

#endif
