/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pcapng, as draft-ietf-opsawg-pcapng describes it: blocks of
 *
 *      type | total length | body, padded to 32 bits | total length
 *
 * in the byte order of their section. A section header block sets the order and forgets the
 * interfaces; interface description blocks number them; packets name theirs. Other blocks are
 * skipped.
 */
#include "packet_link.h"
#include "source_capture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BYTE_ORDER_MAGIC UINT32_C(0x1a2b3c4d)
#define BLOCK_MIN_BYTES 12
#define BLOCK_MAX_BYTES (16 * 1024 * 1024) /* as libpcap: more is damage */
#define FRAME_BYTES 8 /* type and length before a body; 4 follow it */

enum block_type {
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET = 2, /* obsolete */
	BLOCK_SIMPLE_PACKET = 3,
	BLOCK_ENHANCED_PACKET = 6,
	BLOCK_SECTION = 0x0a0d0d0a,
};

enum option_code {
	OPTION_END = 0,
	OPTION_IF_TSRESOL = 9,
	OPTION_IF_TSOFFSET = 14,
};

/* The body of a block, or what is left of it. */
struct body {
	uint32_t type;
	const uint8_t *at;
	size_t size;
	bool swapped;
};

static uint16_t load_u16(const uint8_t *at, bool swapped)
{
	uint16_t value;

	memcpy(&value, at, sizeof(value));
	return swapped ? __builtin_bswap16(value) : value;
}

static uint32_t load_u32(const uint8_t *at, bool swapped)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return swapped ? __builtin_bswap32(value) : value;
}

static uint64_t load_u64(const uint8_t *at, bool swapped)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return swapped ? __builtin_bswap64(value) : value;
}

bool source_pcapng_match(const uint8_t *header)
{
	uint32_t magic = load_u32(header + FRAME_BYTES, false);

	return magic == BYTE_ORDER_MAGIC || magic == __builtin_bswap32(BYTE_ORDER_MAGIC);
}

static enum source_step pcapng_begin(struct source_capture *capture)
{
	capture->pcapng = (struct source_pcapng){0};
	return SOURCE_STEP_PACKET; /* the section header is read as every other block */
}

static void pcapng_end(struct source_capture *capture)
{
	free(capture->pcapng.interfaces);
	capture->pcapng.interfaces = NULL;
}

static enum source_step block_too_short(struct source_capture *capture, const char *what)
{
	return source_capture_broken(
			capture, "damaged: the %s block is too short for its fields", what);
}

static enum source_step read_section(struct source_capture *capture, const struct body *body)
{
	if (body->size < 16)
		return block_too_short(capture, "section header");
	uint16_t major = load_u16(body->at + 4, body->swapped);
	uint16_t minor = load_u16(body->at + 6, body->swapped);
	if (major != 1)
		return source_capture_broken(
				capture, "is pcapng of the unknown version %u.%u", major, minor);
	capture->pcapng.count = 0;
	return SOURCE_STEP_PACKET;
}

/* False: the resolution makes no sense. */
static bool set_resolution(struct source_pcapng_interface *interface, uint8_t resolution)
{
	unsigned int exponent = resolution & 0x7f;
	uint64_t per_second = 1;

	if (resolution & 0x80) {
		if (exponent > 63)
			return false;
		per_second <<= exponent;
	} else {
		if (exponent > 19)
			return false;
		for (unsigned int i = 0; i < exponent; i++)
			per_second *= 10;
	}
	interface->per_second = per_second;
	interface->tick_ns = 1000000000 % per_second == 0 ? (uint32_t)(1000000000 / per_second) : 0;
	return true;
}

static bool read_options(struct source_pcapng_interface *interface, struct body options)
{
	while (options.size > 0) {
		if (options.size < 4)
			return false;
		uint16_t code = load_u16(options.at, options.swapped);
		size_t length = load_u16(options.at + 2, options.swapped);
		size_t padded = (length + 3) & ~(size_t)3;
		if (options.size - 4 < padded)
			return false;
		const uint8_t *value = options.at + 4;
		if (code == OPTION_END)
			return length == 0;
		if (code == OPTION_IF_TSRESOL
				&& (length != 1 || !set_resolution(interface, *value)))
			return false;
		if (code == OPTION_IF_TSOFFSET) {
			if (length != 8)
				return false;
			interface->offset_sec = (int64_t)load_u64(value, options.swapped);
		}
		options.at += 4 + padded;
		options.size -= 4 + padded;
	}
	return true;
}

static enum source_step add_interface(struct source_capture *capture, const struct body *body)
{
	struct source_pcapng *ng = &capture->pcapng;

	if (body->size < 8)
		return block_too_short(capture, "interface description");
	if (ng->count == ng->room) {
		uint32_t room = ng->room ? ng->room * 2 : 4;
		void *grown = realloc(ng->interfaces, room * sizeof(*ng->interfaces));
		if (!grown)
			return source_capture_broken(
					capture, "cannot be read: %s", strerror(ENOMEM));
		ng->interfaces = grown;
		ng->room = room;
	}
	struct source_pcapng_interface *interface = &ng->interfaces[ng->count];
	*interface = (struct source_pcapng_interface){
			.per_second = 1000000,
			.tick_ns = 1000,
			.snap_bytes = load_u32(body->at + 4, body->swapped),
			.link = (uint8_t)packet_link_from_linktype(
					load_u16(body->at, body->swapped)),
	};
	struct body options = {body->type, body->at + 8, body->size - 8, body->swapped};
	if (!read_options(interface, options))
		return source_capture_broken(capture,
				"damaged: the options of interface %u make no sense", ng->count);
	ng->count++;
	return SOURCE_STEP_PACKET;
}

static int64_t ticks_to_ns(const struct source_pcapng_interface *interface, uint64_t ticks)
{
	uint64_t ns;

	if (BASE_LIKELY(interface->tick_ns != 0 && interface->offset_sec == 0
			    && !__builtin_mul_overflow(ticks, interface->tick_ns, &ns)
			    && ns <= SOURCE_TIME_MAX_NS))
		return (int64_t)ns;
	unsigned __int128 fraction = ticks % interface->per_second;
	__int128 seconds = (__int128)(ticks / interface->per_second) + interface->offset_sec;

	return source_time_clamp(seconds * 1000000000
			+ (int64_t)(fraction * 1000000000 / interface->per_second));
}

/* A packet of `captured` octets at `data`, of which the block holds `room`. */
static enum source_step make_packet(struct source_capture *capture, struct source_packet *packet,
		uint32_t id, const uint8_t *data, size_t room)
{
	const struct source_pcapng *ng = &capture->pcapng;

	if (BASE_UNLIKELY(id >= ng->count))
		return source_capture_broken(capture,
				"damaged: a packet of interface %u, which is not described", id);
	if (BASE_UNLIKELY(packet->captured_bytes > room))
		return source_capture_broken(capture,
				"damaged: a packet claims %u captured octets, its block has room "
				"for %zu",
				packet->captured_bytes, room);
	if (packet->wire_bytes < packet->captured_bytes)
		packet->wire_bytes = packet->captured_bytes;
	packet->data = data;
	packet->link = ng->interfaces[id].link;
	return SOURCE_STEP_PACKET;
}

static enum source_step read_packet(struct source_capture *capture, struct source_packet *packet,
		const struct body *body, bool enhanced)
{
	const struct source_pcapng *ng = &capture->pcapng;

	if (BASE_UNLIKELY(body->size < 20))
		return block_too_short(capture, "packet");
	/* the obsolete block has 16 bits of interface and 16 of a drop counter */
	uint32_t id = enhanced ? load_u32(body->at, body->swapped)
			       : load_u16(body->at, body->swapped);
	uint64_t ticks = (uint64_t)load_u32(body->at + 4, body->swapped) << 32
			| load_u32(body->at + 8, body->swapped);
	*packet = (struct source_packet){
			.captured_bytes = load_u32(body->at + 12, body->swapped),
			.wire_bytes = load_u32(body->at + 16, body->swapped),
			.time_ns = id < ng->count ? ticks_to_ns(&ng->interfaces[id], ticks) : 0,
	};
	return make_packet(capture, packet, id, body->at + 20, body->size - 20);
}

/* No time stamp, no captured length: the present time, and as much as the interface takes. */
static enum source_step read_simple_packet(struct source_capture *capture,
		struct source_packet *packet, const struct body *body)
{
	const struct source_pcapng *ng = &capture->pcapng;

	if (body->size < 4)
		return block_too_short(capture, "simple packet");
	uint32_t length = load_u32(body->at, body->swapped);
	uint32_t snap = ng->count > 0 ? ng->interfaces[0].snap_bytes : 0;
	*packet = (struct source_packet){
			.captured_bytes = snap > 0 && length > snap ? snap : length,
			.wire_bytes = length,
			.time_ns = capture->clock_ns,
	};
	return make_packet(capture, packet, 0, body->at + 4, body->size - 4);
}

/* The next whole block; *body points into the chunk. */
static enum source_step next_block(struct source_capture *capture, struct body *body)
{
	struct source_input *input = &capture->input;
	size_t unread = source_input_unread(input);
	const uint8_t *at = source_input_at(input);

	if (BASE_UNLIKELY(unread < BLOCK_MIN_BYTES)) {
		if (unread == 0 && input->ended)
			return SOURCE_STEP_END;
		return source_capture_short(capture, BLOCK_MIN_BYTES, "block header");
	}
	uint32_t type = load_u32(at, capture->pcapng.swapped);
	if (type == BLOCK_SECTION) { /* reads the same in both orders */
		if (!source_pcapng_match(at))
			return source_capture_broken(
					capture, "damaged: a section header without a byte order");
		capture->pcapng.swapped = load_u32(at + FRAME_BYTES, false) != BYTE_ORDER_MAGIC;
	}
	bool swapped = capture->pcapng.swapped;
	uint32_t total = load_u32(at + 4, swapped);
	if (BASE_UNLIKELY(total < BLOCK_MIN_BYTES || total % 4 != 0 || total > BLOCK_MAX_BYTES))
		return source_capture_broken(capture, "damaged: a block claims %u octets", total);
	if (BASE_UNLIKELY(unread < total))
		return source_capture_short(capture, total, "block");
	if (BASE_UNLIKELY(load_u32(at + total - 4, swapped) != total))
		return source_capture_broken(capture,
				"damaged: a block claims %u octets at its start and %u at its end",
				total, load_u32(at + total - 4, swapped));
	*body = (struct body){type, at + FRAME_BYTES, total - BLOCK_MIN_BYTES, swapped};
	input->start += total;
	return SOURCE_STEP_PACKET;
}

static enum source_step pcapng_next(struct source_capture *capture, struct source_packet *packet)
{
	for (;;) {
		struct body body = {0};
		enum source_step step = next_block(capture, &body);

		if (step != SOURCE_STEP_PACKET)
			return step;
		switch (body.type) {
		case BLOCK_ENHANCED_PACKET:
			return read_packet(capture, packet, &body, true);
		case BLOCK_PACKET:
			return read_packet(capture, packet, &body, false);
		case BLOCK_SIMPLE_PACKET:
			return read_simple_packet(capture, packet, &body);
		case BLOCK_INTERFACE:
			step = add_interface(capture, &body);
			break;
		case BLOCK_SECTION:
			step = read_section(capture, &body);
			break;
		default:
			break;
		}
		if (step != SOURCE_STEP_PACKET)
			return step;
	}
}

const struct source_format source_pcapng_format = {
		.open = pcapng_begin,
		.next = pcapng_next,
		.close = pcapng_end,
};
