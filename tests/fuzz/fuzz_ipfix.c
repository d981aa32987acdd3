/* SPDX-License-Identifier: BSD-3-Clause */
/* module: ipfix */
/* What any exporter may send: IPFIX and NetFlow messages, read, judged and printed. */
#include "ipfix_check.h"
#include "ipfix_value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void print(void *context, const struct ipfix_record_seen *record)
{
	struct base_strbuf *out = context;

	base_strbuf_reset(out);
	for (unsigned int i = 0; i < record->known->field_count && i < 64; i++)
		ipfix_value_print(&record->fields[i], IPFIX_PEN_DOCUMENTATION, out);
}

/* The first octet says how the rest comes: as a stream, or as datagrams with their lengths. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct base_strbuf out = BASE_STRBUF_EMPTY;

	if (size < 1)
		return 0;
	enum ipfix_carrier carrier = (enum ipfix_carrier)(data[0] % 3);
	struct ipfix_check *check = ipfix_check_create(carrier, IPFIX_PEN_DOCUMENTATION);
	if (!check)
		return 0;
	static const struct ipfix_reader_ops listener = {.record = print};
	ipfix_check_set_listener(check, &listener, &out);
	data++;
	size--;
	if (carrier != IPFIX_CARRIER_DATAGRAMS) {
		ipfix_check_stream(check, data, size, 0);
	} else {
		while (size >= 2) {
			size_t length = (size_t)data[0] << 8 | data[1];
			data += 2;
			size -= 2;
			length = length < size ? length : size;
			ipfix_check_message(check, data, length, 1);
			data += length;
			size -= length;
		}
	}
	ipfix_check_finish(check);
	ipfix_check_destroy(check);
	base_strbuf_fini(&out);
	return 0;
}
