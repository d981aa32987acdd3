/* SPDX-License-Identifier: BSD-3-Clause */
#include "config_text.h"

#include <errno.h>
#include <string.h>

/* The character at `text`: its octets, or 0 when they are not UTF-8 (RFC 3629). */
static size_t decode_utf8(const unsigned char *text, size_t len, uint32_t *character)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t octets = text[0] < 0x80             ? 1
			: (text[0] & 0xe0) == 0xc0 ? 2
			: (text[0] & 0xf0) == 0xe0 ? 3
			: (text[0] & 0xf8) == 0xf0 ? 4
						   : 0;

	if (octets == 0 || octets > len)
		return 0;
	*character = octets == 1 ? text[0] : text[0] & (0x7fu >> octets);
	for (size_t i = 1; i < octets; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		*character = *character << 6 | (text[i] & 0x3f);
	}
	if (*character < smallest[octets] || *character > 0x10ffff
			|| (*character >= 0xd800 && *character <= 0xdfff))
		return 0;
	return octets;
}

/* What YAML 1.1 allows in a file, chapter 5.1. */
static bool is_printable(uint32_t c)
{
	return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0x7e) || c == 0x85
			|| (c >= 0xa0 && c <= 0xd7ff) || (c >= 0xe000 && c <= 0xfffd)
			|| c >= 0x10000;
}

static int check_characters(const char *text, size_t len, struct config_errors *errors)
{
	const unsigned char *octet = (const unsigned char *)text;
	struct config_mark mark = {.line = 1, .column = 1};
	uint32_t character;

	if (len >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0)) {
		config_errors_add(errors, mark, "document", "UTF-16 text; expected UTF-8");
		return -EINVAL;
	}
	for (size_t at = 0; at < len;) {
		size_t octets = decode_utf8(octet + at, len - at, &character);
		if (octets == 0) {
			config_errors_add(errors, mark, "document",
					"octet 0x%02x, which is not UTF-8; expected UTF-8",
					octet[at]);
			return -EINVAL;
		}
		if (!is_printable(character)) {
			config_errors_add(errors, mark, "document",
					"control character 0x%02x; expected printable text",
					character);
			return -EINVAL;
		}
		at += octets;
		mark.column++;
		if (character == '\n' || (character == '\r' && (at == len || text[at] != '\n')))
			mark = (struct config_mark){.line = mark.line + 1, .column = 1};
	}
	return 0;
}

int config_text_open(yaml_parser_t *parser, const char *text, size_t len)
{
	if (!yaml_parser_initialize(parser))
		return -ENOMEM;
	yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(parser, (const unsigned char *)text, len);
	return 0;
}

/* libyaml's words for what stopped it, and what to say to somebody who edits a file. */
/* clang-format off */
static const struct {
	const char *problem, *found, *expected;
	bool at_context; /* the place to mend is where the thing began */
} problems[] = {
	{"found character that cannot start any token", "a character that no value can begin with",
		"text with special characters in \"quotes\"", false},
	{"mapping values are not allowed in this context", "a \": \" where no key can stand",
		"one KEY: VALUE a line, indented like the others, and text with \": \" in \"quotes\"",
		false},
	{"did not find expected key", "a line that does not fit those before it",
		"all keys of a section below each other", false},
	{"did not find expected '-' indicator", "a line that is no item of the list",
		"all items of a list below each other, each with \"- \"", false},
	{"could not find expected ':'", "a line without \": \"", "KEY: VALUE", false},
	{"did not find expected ',' or ']'", "a list that is not closed", "\"]\" at its end", true},
	{"did not find expected ',' or '}'", "a section that is not closed", "\"}\" at its end", true},
	{"found unexpected end of stream", "a text that is not closed", "a closing quote", true},
	{"found unknown escape character", "an unknown escape after \"\\\"",
		"\"\\\\\" for a backslash, or 'single quotes'", false},
	{"found undefined alias", "an alias without an anchor", "an anchor before it", false},
	{"second occurrence", "an anchor a second time", "each anchor once", false},
};
/* clang-format on */

/* The octet at the problem's line and column, which count characters; NUL past the end. */
static char octet_at(const char *text, size_t len, yaml_mark_t mark)
{
	size_t character = 0, at = 0;

	for (; at < len && character < mark.index; at++)
		character += at + 1 == len || ((unsigned char)text[at + 1] & 0xc0) != 0x80;
	return at < len ? text[at] : '\0';
}

int config_text_fail(const yaml_parser_t *parser, const char *text, size_t len,
		struct config_errors *errors)
{
	const char *problem = parser->problem ? parser->problem : "cannot be read as YAML";
	struct config_mark mark = config_text_mark(parser->problem_mark);

	if (parser->error == YAML_MEMORY_ERROR)
		return -ENOMEM;
	if (octet_at(text, len, parser->problem_mark) == '\t') {
		config_errors_add(errors, mark, "syntax", "a tab; expected spaces to indent");
		return -EINVAL;
	}
	for (size_t i = 0; i < BASE_COUNT_OF(problems); i++) {
		if (strcmp(problem, problems[i].problem) != 0)
			continue;
		if (problems[i].at_context)
			mark = config_text_mark(parser->context_mark);
		config_errors_add(errors, mark, "syntax", "%s; expected %s", problems[i].found,
				problems[i].expected);
		return -EINVAL;
	}
	config_errors_add(errors, mark, "syntax", "%s; expected valid YAML", problem);
	return -EINVAL;
}

/* Directives come before the first event, so their text is counted, wherever it stands. */
static int check_directives(const char *text, size_t len, struct config_errors *errors)
{
	struct config_mark mark = {.line = 1, .column = 1};
	unsigned int directives = 0;

	for (size_t i = 0; i + 4 <= len; i++) {
		mark.line += text[i] == '\n';
		directives += text[i] == '%' && memcmp(text + i, "%TAG", 4) == 0;
		if (directives <= CONFIG_TEXT_DIRECTIVES_MAX)
			continue;
		config_errors_add(errors, mark, "document",
				"%%TAG more than %d times; expected values without tags",
				CONFIG_TEXT_DIRECTIVES_MAX);
		return -EINVAL;
	}
	return 0;
}

/* What the limits are about, counted while events go by. */
struct tally {
	unsigned int depth, anchors, documents;
};

static bool has_anchor(const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_ALIAS_EVENT:
		return true;
	case YAML_SCALAR_EVENT:
		return event->data.scalar.anchor != NULL;
	case YAML_SEQUENCE_START_EVENT:
		return event->data.sequence_start.anchor != NULL;
	case YAML_MAPPING_START_EVENT:
		return event->data.mapping_start.anchor != NULL;
	default:
		return false;
	}
}

static int check_event(const yaml_event_t *event, struct tally *tally, struct config_errors *errors)
{
	struct config_mark mark = config_text_mark(event->start_mark);

	if (event->type == YAML_SEQUENCE_START_EVENT || event->type == YAML_MAPPING_START_EVENT)
		tally->depth++;
	if (event->type == YAML_SEQUENCE_END_EVENT || event->type == YAML_MAPPING_END_EVENT)
		tally->depth--;
	tally->anchors += has_anchor(event);
	tally->documents += event->type == YAML_DOCUMENT_START_EVENT;

	if (tally->depth > CONFIG_TEXT_DEPTH_MAX)
		config_errors_add(errors, mark, "document",
				"a list or section %u levels deep; expected at most %d",
				tally->depth, CONFIG_TEXT_DEPTH_MAX);
	else if (tally->anchors > CONFIG_TEXT_ANCHORS_MAX)
		config_errors_add(errors, mark, "document",
				"more than %d anchors and aliases; expected fewer",
				CONFIG_TEXT_ANCHORS_MAX);
	else if (tally->documents > 1)
		config_errors_add(errors, mark, "document",
				"a second document; expected one in the file");
	else
		return 0;
	return -EINVAL;
}

static int check_syntax(const char *text, size_t len, struct config_errors *errors)
{
	struct tally tally = {0};
	yaml_parser_t parser;
	bool more = true;
	int rc = config_text_open(&parser, text, len);

	if (rc < 0)
		return rc;
	while (rc == 0 && more) {
		yaml_event_t event;
		if (!yaml_parser_parse(&parser, &event)) {
			rc = config_text_fail(&parser, text, len, errors);
			break;
		}
		rc = check_event(&event, &tally, errors);
		more = event.type != YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	return rc;
}

int config_text_check(const char *text, size_t len, struct config_errors *errors)
{
	struct config_mark start = {.line = 1, .column = 1};

	if (len > CONFIG_TEXT_BYTES_MAX) {
		config_errors_add(errors, start, "document",
				"more than %d octets; expected a configuration",
				CONFIG_TEXT_BYTES_MAX);
		return -EINVAL;
	}
	int rc = check_characters(text, len, errors);
	if (rc == 0)
		rc = check_directives(text, len, errors);
	return rc < 0 ? rc : check_syntax(text, len, errors);
}
