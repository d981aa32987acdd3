/* SPDX-License-Identifier: BSD-3-Clause */
/* module: collect */
/* What a collector may get: captured packets of any kind, or the octets of a stream in pieces. */
#include "collect_capture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take(struct collect *collect, struct collect_capture *capture, const uint8_t *data,
		size_t length, bool packets)
{
	const struct collect_endpoints endpoints = {.transport = COLLECT_TCP, .ip_version = 4};
	const struct collect_arrival arrival = {1, 1};
	const struct packet_frame frame = {data, (uint32_t)length,
			(uint32_t)length + (length > 0 ? data[0] & 1 : 0), PACKET_LINK_ETHERNET};

	if (packets)
		collect_capture_take(capture, &frame, 1);
	else
		collect_octets(collect, collect_open(collect, &endpoints, &arrival), data, length,
				&arrival);
}

/* The first octet says what the rest is; each piece of it has its length before it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct collect *collect = collect_create(&(struct collect_settings){0});
	struct collect_capture capture;
	bool packets = size > 0 && data[0] & 1;

	if (!collect)
		return 0;
	if (collect_capture_init(&capture, collect) < 0) {
		collect_destroy(collect);
		return 0;
	}
	collect_capture_choose(&capture, 4739);
	for (size_t at = 1; at + 2 <= size;) {
		size_t length = (size_t)data[at] << 8 | data[at + 1];
		at += 2;
		length = length < size - at ? length : size - at;
		take(collect, &capture, data + at, length, packets);
		at += length;
	}
	collect_finish(collect);
	collect_capture_fini(&capture);
	collect_destroy(collect);
	return 0;
}
