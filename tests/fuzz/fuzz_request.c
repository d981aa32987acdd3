/* SPDX-License-Identifier: BSD-3-Clause */
/* module: api */
/* What a client may send: framing, JSON, parameters and filters, up to the answers. */
#include "../unit/api/fake_control.h"
#include "api_method.h"
#include "base_log.h"
#include "proto_frame.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void answer_line(const char *line, size_t len, bool admin)
{
	static struct api_context context = {.control = &fake, .dpdk_version = "DPDK"};
	const struct api_peer peer = {.pid = 1, .uid = 0, .admin = admin};
	struct base_strbuf out = BASE_STRBUF_EMPTY;

	api_dispatch(&context, &peer, line, len, &out);
	/* One line or none, and JSON whatever came in. */
	if (out.len > 0) {
		json_t *answer = json_loadb(out.text, out.len, 0, NULL);
		if (!answer || memchr(out.text, '\n', out.len) != out.text + out.len - 1)
			abort();
		json_decref(answer);
	}
	base_strbuf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct flow_record records[3] = {{.ip_version = 4, .protocol = 6, .bytes = 9},
			{.ip_version = 6, .protocol = 17}, {.ip_version = 4, .protocol = 1}};
	struct proto_frame frame;
	const char *line;
	size_t len, room;
	int rc = 0;

	base_log_set_level(BASE_LOG_ERROR);
	fake_reset();
	fake.tables[0] = (struct flow_table){records, 3};
	proto_frame_init(&frame, 4096);
	/* The first octet says how the stream is cut. */
	for (size_t at = 1; at < size && rc >= 0;) {
		char *to = proto_frame_room(&frame, &room);
		size_t n = data[0] && data[0] < room ? data[0] : room;
		n = n < size - at ? n : size - at;
		memcpy(to, data + at, n);
		proto_frame_filled(&frame, n);
		at += n;
		while ((rc = proto_frame_next(&frame, &line, &len)) == 1)
			answer_line(line, len, data[0] & 1);
	}
	proto_frame_fini(&frame);
	return 0;
}
