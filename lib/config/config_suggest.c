/* SPDX-License-Identifier: BSD-3-Clause */
#include "config_suggest.h"

#include "config_schema.h"
#include "config_words.h"

#include <string.h>

/* A name by which other flow meters, or DPDK, know one of our keys. */
struct synonym {
	const char *name, *path;
};

static const struct synonym synonyms[] = {
		{"export", "outputs"},
		{"exports", "outputs"},
		{"exporter", "outputs"},
		{"exporters", "outputs"},
		{"sinks", "outputs"},
		{"collectors", "outputs"},
		{"files", "outputs"},
		{"input", "ports"},
		{"inputs", "ports"},
		{"sources", "ports"},
		{"devices", "ports"},
		{"interfaces", "ports"},
		{"nics", "ports"},
		{"threads", "workers"},
		{"cores", "workers"},
		{"lcores", "workers"},
		{"cpu", "workers"},
		{"timeouts", "flows"},
		{"table", "flows"},
		{"cache", "flows"},
		{"logging", "log"},
		{"socket", "control"},
		{"api", "control"},
		{"dpdk", "expert"},
		{"eal", "expert"},
		{"device", "ports[].interface"},
		{"ifname", "ports[].interface"},
		{"netdev", "ports[].interface"},
		{"address", "ports[].pci"},
		{"bdf", "ports[].pci"},
		{"rxd", "ports[].rx_descriptors"},
		{"rx_desc", "ports[].rx_descriptors"},
		{"descriptors", "ports[].rx_descriptors"},
		{"ring_size", "ports[].rx_descriptors"},
		{"rx_queues", "ports[].queues"},
		{"rxq", "ports[].queues"},
		{"promisc", "ports[].promiscuous"},
		{"workers", "workers.count"},
		{"threads", "workers.count"},
		{"lcores", "workers.cpus"},
		{"cores", "workers.cpus"},
		{"affinity", "workers.cpus"},
		{"batch", "workers.burst"},
		{"batch_size", "workers.burst"},
		{"hugepages", "memory.huge_pages"},
		{"buffers", "memory.packet_bytes"},
		{"capacity", "flows.capacity_per_worker"},
		{"max_flows", "flows.capacity_per_worker"},
		{"cache_size", "flows.capacity_per_worker"},
		{"table_size", "flows.capacity_per_worker"},
		{"inactive_timeout", "flows.idle_timeout"},
		{"icmp6", "flows.idle_timeout.icmp"},
		{"icmpv6", "flows.idle_timeout.icmp"},
		{"default", "flows.idle_timeout.other"},
		{"sctp", "flows.idle_timeout.other"},
		{"gre", "flows.idle_timeout.other"},
		{"igmp", "flows.idle_timeout.other"},
		{"esp", "flows.idle_timeout.other"},
		{"linger", "flows.tcp_linger"},
		{"seed", "flows.hash_seed"},
		{"type", "outputs[].format"},
		{"file", "outputs[].path"},
		{"filename", "outputs[].path"},
		{"max_size", "outputs[].rotate_size"},
		{"rotate_bytes", "outputs[].rotate_size"},
		{"rotate_interval", "outputs[].rotate_every"},
		{"interval", "outputs[].rotate_every"},
		{"keep_files", "outputs[].keep"},
		{"buffer", "outputs[].queue"},
		{"queue_size", "outputs[].queue"},
		{"dir", "control.directory"},
		{"path", "control.directory"},
		{"max_connections", "control.max_clients"},
		{"verbosity", "log.level"},
		{"log_level", "log.level"},
		{"loglevel", "log.level"},
		{"eal_args", "expert.eal_arguments"},
		{"eal_extra", "expert.eal_arguments"},
};

static char fold(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	return c == '-' ? '_' : c;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Three rows of the usual matrix suffice: this letter's, the one before, and for swaps one more. */
size_t config_suggest_distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t rows[3][CONFIG_SUGGEST_LETTERS + 1];
	size_t *two_before = rows[0], *before = rows[1], *row = rows[2];

	if (a_len > CONFIG_SUGGEST_LETTERS || b_len > CONFIG_SUGGEST_LETTERS)
		return CONFIG_SUGGEST_LETTERS;
	for (size_t j = 0; j <= b_len; j++)
		before[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			char x = fold(a[i - 1]), y = fold(b[j - 1]);
			row[j] = least(before[j], row[j - 1]) + 1;
			row[j] = least(row[j], before[j - 1] + (x != y));
			if (i > 1 && j > 1 && x == fold(b[j - 2]) && y == fold(a[i - 2]))
				row[j] = least(row[j], two_before[j - 2] + 1);
		}
		size_t *oldest = two_before;
		two_before = before;
		before = row;
		row = oldest;
	}
	return before[b_len];
}

/* More slips than this make another word. */
static size_t slips_allowed(size_t len)
{
	return len <= 4 ? 1 : len <= 8 ? 2 : 3;
}

/*
 * The key closest to the word, at most `slips` away, among those below `parent` or (NULL) all. A
 * letter of the word at least must be left: "a" is not close to "b".
 */
static const struct config_key *closest(
		const char *parent, const char *name, size_t len, size_t slips)
{
	const struct config_key *best = NULL;
	size_t best_distance = len <= slips ? len : slips + 1;

	for (const struct config_key *key = config_keys; key < config_keys + config_key_count;
			key++) {
		const char *own = config_key_name(key);
		if (parent && !config_key_is_child(key, parent))
			continue;
		size_t distance = config_suggest_distance(name, len, own, strlen(own));
		if (distance >= best_distance)
			continue;
		best = key;
		best_distance = distance;
	}
	return best;
}

static const struct config_key *find_synonym(const char *parent, const char *name, size_t len)
{
	for (size_t i = 0; i < BASE_COUNT_OF(synonyms); i++) {
		if (config_suggest_distance(name, len, synonyms[i].name, strlen(synonyms[i].name))
				!= 0)
			continue;
		const struct config_key *key = config_key_get(synonyms[i].path);
		if (!parent || config_key_is_child(key, parent))
			return key;
	}
	return NULL;
}

static const struct config_key *find_path(const char *name, size_t len)
{
	for (const struct config_key *key = config_keys; key < config_keys + config_key_count;
			key++)
		if (strlen(key->path) == len && memcmp(key->path, name, len) == 0)
			return key;
	return NULL;
}

/* Here first, then elsewhere, where a word has to be closer to be believed. */
static const struct config_key *find_meant(const char *parent, const char *name, size_t len)
{
	const struct config_key *key = find_synonym(parent, name, len);

	if (!key)
		key = closest(parent, name, len, slips_allowed(len));
	if (!key)
		key = find_path(name, len);
	if (!key)
		key = closest(NULL, name, len, 0);
	if (!key)
		key = find_synonym(NULL, name, len);
	if (!key)
		key = closest(NULL, name, len, slips_allowed(len) - 1);
	return key;
}

/* `inside "flows"`, `inside an item of "ports"`, `at the top level`. */
static void add_place(const struct config_key *key, struct base_strbuf *out)
{
	size_t len = (size_t)(config_key_name(key) - key->path);

	if (len == 0)
		base_strbuf_puts(out, " at the top level");
	else if (key->path[len - 2] == ']')
		base_strbuf_printf(out, " inside an item of \"%.*s\"", (int)len - 3, key->path);
	else
		base_strbuf_printf(out, " inside \"%.*s\"", (int)len - 1, key->path);
}

void config_suggest(const char *parent, const char *name, size_t len, struct base_strbuf *out)
{
	const struct config_key *key = find_meant(parent, name, len);

	if (len == 2 && memcmp(name, "<<", 2) == 0) {
		base_strbuf_puts(out, "expected the keys themselves, because none are merged");
		return;
	}
	if (!key) {
		base_strbuf_puts(out, "expected ");
		config_words_keys(parent, out);
		return;
	}
	base_strbuf_printf(out, "did you mean \"%s\"", config_key_name(key));
	if (!config_key_is_child(key, parent))
		add_place(key, out);
	base_strbuf_putc(out, '?');
}
