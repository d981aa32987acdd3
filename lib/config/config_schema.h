/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The schema: every key of the configuration is one row of one table. A row says where the key
 * stands, what values it takes, what it is when it is not given, and which field it fills; the
 * loader, the writer, the suggestions and the reference page all read the same rows.
 *
 *     path                     parent             name       base of `offset`
 *     flows                    ""                 flows      struct config (a section has no field)
 *     flows.idle_timeout.tcp   flows.idle_timeout tcp        struct config
 *     ports                    ""                 ports      struct config (a list: see `list`)
 *     ports[].name             ports[]            name       struct config_port
 *
 * Defaults and ranges are texts, written as a user would write them, and go through the parser that
 * reads the user's values: what the reference page says cannot differ from what is accepted.
 */
#ifndef CONFIG_SCHEMA_H
#define CONFIG_SCHEMA_H

#include "config.h"

#define CONFIG_MAX_KEYS 128

enum config_type {
	CONFIG_TYPE_SECTION, /* keys below it */
	CONFIG_TYPE_LIST, /* items, each with keys below it */
	CONFIG_TYPE_BOOL, /* bool */
	CONFIG_TYPE_COUNT, /* uint32_t or uint64_t, with k, M, G */
	CONFIG_TYPE_BYTES, /* uint64_t, with KiB, MB and so on */
	CONFIG_TYPE_DURATION, /* int64_t, ns */
	CONFIG_TYPE_CHOICE, /* an enum of 4 octets */
	CONFIG_TYPE_CPU, /* int32_t */
	CONFIG_TYPE_CPUS, /* uint32_t[CONFIG_MAX_WORKERS], with workers.cpu_count */
	CONFIG_TYPE_SEED, /* uint64_t, decimal or hexadecimal */
	CONFIG_TYPE_TEXT, /* char[] */
	CONFIG_TYPE_INTERFACE, /* char[], the next three: what identifies a port */
	CONFIG_TYPE_PCI,
	CONFIG_TYPE_VDEV,
};

enum config_flag {
	CONFIG_FLAG_REQUIRED = 1, /* an item without it is an error */
	CONFIG_FLAG_POWER_OF_TWO = 2,
	CONFIG_FLAG_SPREAD = 4, /* a section that also takes one value, for all its keys */
	/* keys of an output that only some have */
	CONFIG_FLAG_FILE = 8, /* to a file or standard output */
	CONFIG_FLAG_COLLECTOR = 16, /* to a collector */
	CONFIG_FLAG_MESSAGES = 32, /* in IPFIX or NetFlow */
	CONFIG_FLAG_TEXT = 64, /* in JSON Lines or CSV */
	CONFIG_FLAG_TLS = 128, /* to a collector over TLS */
};

struct config_choice {
	const char *name;
	uint32_t value;
};

/* Where the items of a list are kept in struct config. */
struct config_list {
	size_t items_offset, item_bytes, count_offset, max;
	const char *example; /* smallest item */
	const char *rule; /* for the keys of an item together, a sentence */
};

struct config_key {
	const char *path;
	enum config_type type;
	unsigned int flags; /* enum config_flag */
	size_t offset, bytes; /* of the field */
	const char *fallback; /* the default; NULL: none, or it follows from other keys */
	const char *fallback_note; /* in words, when `fallback` is NULL or says too little */
	const char *low, *high; /* range; octets of a text */
	const char *word; /* "auto", "never": stands for word_value; NULL: no such word */
	int64_t word_value;
	const struct config_choice *choices; /* ends with a NULL name */
	const struct config_list *list;
	const char *help; /* one sentence without a full stop */
};

extern const struct config_key config_keys[];
extern const size_t config_key_count;

/* The row of the key `name` (of `len` octets) below `parent` ("" is the top), or NULL. */
const struct config_key *config_key_find(const char *parent, const char *name, size_t len);
/* The row of a whole path. Aborts when there is none: for paths written in the code. */
const struct config_key *config_key_get(const char *path);
/* True when `key` stands directly below `parent`. */
bool config_key_is_child(const struct config_key *key, const char *parent);
/* The last part of its path. */
const char *config_key_name(const struct config_key *key);
static inline size_t config_key_index(const struct config_key *key)
{
	return (size_t)(key - config_keys);
}
/*
 * False for a key that `base` (the item of a list) has no value of: of the three that identify a
 * port, the two that do not; of an output, those of another kind of output.
 */
bool config_key_applies(const struct config_key *key, const void *base);

/* Fills the fields of all keys directly below `parent` in `base` with their defaults. */
void config_key_set_defaults(const char *parent, void *base);

#endif
