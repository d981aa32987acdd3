/* SPDX-License-Identifier: BSD-3-Clause */
#include "config_suggest.h"

#include "config_schema.h"
#include "config_words.h"

#include <string.h>

#define NAME_MAX_BYTES 40

/* What other programs call it. */
static const struct {
	const char *theirs, *ours;
} synonyms[] = {
		{"exporters", "outputs"},
		{"export", "outputs"},
		{"output", "outputs"},
		{"interfaces", "ports"},
		{"interface", "ports"},
		{"devices", "ports"},
		{"threads", "workers"},
		{"cores", "workers"},
		{"timeouts", "flows"},
		{"logging", "log"},
		{"socket", "control"},
		{"api", "control"},
};

/* Levenshtein's distance with swaps of neighbours; names longer than the limit are far away. */
static size_t distance(const char *a, size_t a_len, const char *b)
{
	size_t rows[3][NAME_MAX_BYTES + 1];
	size_t b_len = strlen(b);

	if (a_len > NAME_MAX_BYTES || b_len > NAME_MAX_BYTES)
		return NAME_MAX_BYTES;
	for (size_t j = 0; j <= b_len; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t *now = rows[i % 3], *last = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
		now[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t best = last[j - 1] + (a[i - 1] != b[j - 1]);
			if (last[j] + 1 < best)
				best = last[j] + 1;
			if (now[j - 1] + 1 < best)
				best = now[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]
					&& before[j - 2] + 1 < best)
				best = before[j - 2] + 1;
			now[j] = best;
		}
	}
	return rows[a_len % 3][b_len];
}

static const char *nearest(const char *parent, const char *name, size_t len)
{
	size_t best = len <= 4 ? 2 : len <= 8 ? 3 : 4; /* one more than may be wrong */
	const char *found = NULL;

	for (size_t i = 0; i < config_key_count; i++) {
		if (!config_key_is_child(&config_keys[i], parent))
			continue;
		const char *own = config_key_name(&config_keys[i]);
		size_t far = distance(name, len, own);
		if (far < best) {
			best = far;
			found = own;
		}
	}
	return found;
}

static const char *synonym(const char *parent, const char *name, size_t len)
{
	for (size_t i = 0; *parent == '\0' && i < BASE_COUNT_OF(synonyms); i++) {
		if (strlen(synonyms[i].theirs) == len && memcmp(synonyms[i].theirs, name, len) == 0)
			return synonyms[i].ours;
	}
	return NULL;
}

static const char *elsewhere(const char *name, size_t len)
{
	for (size_t i = 0; i < config_key_count; i++) {
		const char *own = config_key_name(&config_keys[i]);
		if (strlen(own) == len && memcmp(own, name, len) == 0)
			return config_keys[i].path;
	}
	return NULL;
}

void config_suggest(const char *parent, const char *name, size_t len, struct base_strbuf *out)
{
	const char *found = synonym(parent, name, len);

	if (!found)
		found = nearest(parent, name, len);
	if (found) {
		base_strbuf_printf(out, "did you mean \"%s\"?", found);
		return;
	}
	found = elsewhere(name, len);
	if (found) {
		base_strbuf_printf(out, "it stands at %s", found);
		return;
	}
	base_strbuf_puts(out, "expected one of ");
	config_words_keys(parent, out);
}
