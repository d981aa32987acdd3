/* SPDX-License-Identifier: BSD-3-Clause */
#include "source_capture.h"

#include <stdio.h>
#include <string.h>

#define MAGIC_BYTES 4

static const uint8_t pcapng_magic[MAGIC_BYTES] = {0x0a, 0x0d, 0x0d, 0x0a};

/* What people keep captures in; none of them is read, but the cure can be named. */
static const struct {
	char magic[7];
	uint8_t bytes;
	const char *name;
	const char *tool;
} compressions[] = {
		{"\x1f\x8b", 2, "gzip", "zcat"},
		{"\x28\xb5\x2f\xfd", 4, "zstd", "zstdcat"},
		{"\xfd\x37zXZ", 5, "xz", "xzcat"},
		{"BZh", 3, "bzip2", "bzcat"},
		{"\x04\x22\x4d\x18", 4, "lz4", "lz4cat"},
};

int source_capture_open(struct source_capture *capture, const char *path, const atomic_bool *stop)
{
	*capture = (struct source_capture){.need = 1};
	return source_input_open(&capture->input, path, stop);
}

void source_capture_close(struct source_capture *capture)
{
	if (capture->format && capture->format->close)
		capture->format->close(capture);
	capture->format = NULL;
	source_input_close(&capture->input);
}

enum source_step source_capture_broken(struct source_capture *capture, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(capture->message, sizeof(capture->message), format, args);
	va_end(args);
	return SOURCE_STEP_BROKEN;
}

enum source_step source_capture_short(struct source_capture *capture, size_t need, const char *what)
{
	if (!capture->input.ended) {
		capture->need = need;
		return SOURCE_STEP_MORE;
	}
	return source_capture_broken(capture, "ends inside a %s: %zu octets expected, %zu there",
			what, need, source_input_unread(&capture->input));
}

static enum source_step refuse_compressed(struct source_capture *capture)
{
	const uint8_t *at = source_input_at(&capture->input);
	size_t unread = source_input_unread(&capture->input);

	for (size_t i = 0; i < BASE_COUNT_OF(compressions); i++)
		if (unread >= compressions[i].bytes
				&& memcmp(at, compressions[i].magic, compressions[i].bytes) == 0)
			return source_capture_broken(capture,
					"is compressed with %s: try %s FILE | weir replay -",
					compressions[i].name, compressions[i].tool);
	return SOURCE_STEP_PACKET;
}

/* The file's first octets choose its reader. */
static enum source_step recognise(struct source_capture *capture)
{
	struct source_input *input = &capture->input;
	size_t unread = source_input_unread(input);

	if (unread == 0 && input->ended)
		return source_capture_broken(capture, "the file is empty");
	/* pcapng may be shorter than the header of pcap; what is too short for both is for libpcap
	 */
	bool pcapng = unread >= MAGIC_BYTES
			&& memcmp(source_input_at(input), pcapng_magic, MAGIC_BYTES) == 0;
	size_t need = pcapng ? SOURCE_PCAPNG_MAGIC_BYTES : SOURCE_PCAP_HEADER_BYTES;
	if (unread < need && !input->ended) {
		capture->need = need;
		return SOURCE_STEP_MORE;
	}
	const struct source_format *format = &source_libpcap_format;
	if (unread >= need && pcapng && source_pcapng_match(source_input_at(input)))
		format = &source_pcapng_format;
	else if (unread >= need && !pcapng && source_pcap_match(source_input_at(input)))
		format = &source_pcap_format;
	enum source_step step = SOURCE_STEP_PACKET;
	if (format == &source_libpcap_format)
		step = refuse_compressed(capture);
	if (step == SOURCE_STEP_PACKET)
		step = format->open(capture);
	if (step == SOURCE_STEP_PACKET)
		capture->format = format;
	return step;
}

enum source_step source_capture_next(struct source_capture *capture, struct source_packet *packet)
{
	if (BASE_UNLIKELY(!capture->format)) {
		if (!capture->input.chunk)
			return SOURCE_STEP_MORE;
		enum source_step step = recognise(capture);
		if (step != SOURCE_STEP_PACKET)
			return step;
	}
	enum source_step step = capture->format->next(capture, packet);
	capture->packets += step == SOURCE_STEP_PACKET;
	return step;
}

int source_capture_refill(struct source_capture *capture, struct source_chunk *to)
{
	if (capture->format && capture->format->refill)
		return capture->format->refill(capture, to);
	return source_input_refill(&capture->input, to, capture->need);
}

uint64_t source_capture_parsed_bytes(const struct source_capture *capture)
{
	return capture->input.taken_bytes - source_input_unread(&capture->input);
}

int64_t source_time_clamp(__int128 time_ns)
{
	if (time_ns < 0)
		return 0;
	return time_ns > SOURCE_TIME_MAX_NS ? SOURCE_TIME_MAX_NS : (int64_t)time_ns;
}
