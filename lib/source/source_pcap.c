/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pcap 2.4, as draft-ietf-opsawg-pcap describes it: a header of 24 octets, then records of 16
 * octets and the captured ones, in the byte order of the writer.
 */
#include "packet_link.h"
#include "source_capture.h"

#include <string.h>

#define MAGIC_MICROSECONDS UINT32_C(0xa1b2c3d4)
#define MAGIC_NANOSECONDS UINT32_C(0xa1b23c4d)
/* The upper six bits of the link type say how long the frame check sequence is. */
#define LINK_TYPE_MASK UINT32_C(0x03ffffff)

struct file_header {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t unused[2];
	uint32_t snap_bytes;
	uint32_t link_type;
};
static_assert(sizeof(struct file_header) == SOURCE_PCAP_HEADER_BYTES, "as in the file");

struct record_header {
	uint32_t seconds; /* unsigned: until 2106 */
	uint32_t fraction;
	uint32_t captured_bytes;
	uint32_t wire_bytes;
};
static_assert(sizeof(struct record_header) == 16, "as in the file");

static bool is_magic(uint32_t magic)
{
	return magic == MAGIC_MICROSECONDS || magic == MAGIC_NANOSECONDS;
}

/* Returns whether the fields had to be swapped. */
static bool load_header(struct file_header *header, const uint8_t *octets)
{
	memcpy(header, octets, sizeof(*header));
	if (!is_magic(__builtin_bswap32(header->magic)))
		return false;
	header->magic = __builtin_bswap32(header->magic);
	header->major = __builtin_bswap16(header->major);
	header->minor = __builtin_bswap16(header->minor);
	header->snap_bytes = __builtin_bswap32(header->snap_bytes);
	header->link_type = __builtin_bswap32(header->link_type);
	return true;
}

bool source_pcap_match(const uint8_t *octets)
{
	struct file_header header;

	load_header(&header, octets);
	return is_magic(header.magic) && header.major == 2 && header.minor == 4
			&& packet_link_from_linktype((int)(header.link_type & LINK_TYPE_MASK))
			!= PACKET_LINK_UNKNOWN;
}

static enum source_step pcap_begin(struct source_capture *capture)
{
	struct source_pcap *pcap = &capture->pcap;
	struct file_header header;

	pcap->swapped = load_header(&header, source_input_at(&capture->input));
	pcap->fraction_ns = header.magic == MAGIC_NANOSECONDS ? 1 : 1000;
	pcap->link = (uint8_t)packet_link_from_linktype((int)(header.link_type & LINK_TYPE_MASK));
	/* as libpcap: 0 and what an int cannot hold mean that there is no limit */
	pcap->snap_bytes = header.snap_bytes == 0 || header.snap_bytes > INT32_MAX
			? SOURCE_PACKET_MAX_BYTES
			: header.snap_bytes;
	capture->input.start += sizeof(header);
	return SOURCE_STEP_PACKET;
}

static enum source_step pcap_short(struct source_capture *capture, size_t need)
{
	if (capture->input.ended && source_input_unread(&capture->input) == 0)
		return SOURCE_STEP_END;
	return source_capture_short(capture, need,
			need == sizeof(struct record_header) ? "packet header" : "packet");
}

static enum source_step pcap_next_record(
		struct source_capture *capture, struct source_packet *packet)
{
	struct source_input *input = &capture->input;
	const struct source_pcap *pcap = &capture->pcap;
	size_t unread = source_input_unread(input);
	const uint8_t *at = source_input_at(input);
	struct record_header record;

	if (BASE_UNLIKELY(unread < sizeof(record)))
		return pcap_short(capture, sizeof(record));
	memcpy(&record, at, sizeof(record));
	if (pcap->swapped) {
		record.seconds = __builtin_bswap32(record.seconds);
		record.fraction = __builtin_bswap32(record.fraction);
		record.captured_bytes = __builtin_bswap32(record.captured_bytes);
		record.wire_bytes = __builtin_bswap32(record.wire_bytes);
	}
	if (BASE_UNLIKELY(record.captured_bytes > SOURCE_PACKET_MAX_BYTES))
		return source_capture_broken(capture,
				"damaged: a packet claims %u captured octets (%u are possible)",
				record.captured_bytes, SOURCE_PACKET_MAX_BYTES);
	size_t octets = sizeof(record) + record.captured_bytes;
	if (BASE_UNLIKELY(unread < octets))
		return pcap_short(capture, octets);

	uint32_t captured = record.captured_bytes < pcap->snap_bytes ? record.captured_bytes
								     : pcap->snap_bytes;
	*packet = (struct source_packet){
			.data = at + sizeof(record),
			.captured_bytes = captured,
			.wire_bytes = record.wire_bytes > captured ? record.wire_bytes : captured,
			.time_ns = (int64_t)record.seconds * 1000000000
					+ (int64_t)record.fraction * pcap->fraction_ns,
			.link = pcap->link,
	};
	input->start += octets;
	return SOURCE_STEP_PACKET;
}

const struct source_format source_pcap_format = {
		.open = pcap_begin,
		.next = pcap_next_record,
};
