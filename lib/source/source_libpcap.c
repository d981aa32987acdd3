/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What only libpcap reads. It pulls the file through a stdio stream whose read function hands out
 * the octets of `raw`; without a buffer of stdio's own, it is known when a read would wait, and the
 * packets before that are handed on first. libpcap lends a packet until the next call, so each one
 * is copied into the chunk that the caller brought.
 */
#include "packet_link.h"
#include "source_capture.h"

#include <pcap/pcap.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

static ssize_t stream_read(void *cookie, char *buffer, size_t size)
{
	struct source_capture *capture = cookie;
	struct source_input *input = &capture->input;

	if (source_input_unread(input) == 0 && !input->ended) {
		int rc = source_input_refill(input, &capture->libpcap.raw, 1);
		if (rc < 0) {
			errno = -rc;
			return -1;
		}
	}
	size_t n = source_input_unread(input);
	if (n > size)
		n = size;
	memcpy(buffer, source_input_at(input), n);
	input->start += n;
	return (ssize_t)n;
}

static void libpcap_end(struct source_capture *capture)
{
	struct source_libpcap *lp = &capture->libpcap;

	if (lp->pcap)
		pcap_close(lp->pcap); /* closes the stream */
	lp->pcap = NULL;
	source_chunk_fini(&lp->raw);
}

static enum source_step libpcap_begin(struct source_capture *capture)
{
	struct source_libpcap *lp = &capture->libpcap;
	struct source_input *input = &capture->input;
	cookie_io_functions_t functions = {.read = stream_read};
	char error[PCAP_ERRBUF_SIZE] = "";

	*lp = (struct source_libpcap){.out = input->chunk};
	int rc = source_chunk_init(&lp->raw);
	if (rc == 0)
		rc = source_input_refill(input, &lp->raw, source_input_unread(input));
	if (rc < 0) {
		source_chunk_fini(&lp->raw);
		return source_capture_broken(capture, "cannot be read: %s", strerror(-rc));
	}
	FILE *stream = fopencookie(capture, "r", functions);
	if (stream) {
		setvbuf(stream, NULL, _IONBF, 0);
		lp->pcap = pcap_fopen_offline_with_tstamp_precision(
				stream, PCAP_TSTAMP_PRECISION_NANO, error);
	}
	if (!lp->pcap) {
		if (stream)
			fclose(stream);
		source_chunk_fini(&lp->raw);
		return source_capture_broken(capture, "is no capture file that weir reads: %.100s",
				stream ? error : "out of memory");
	}
	lp->link = (uint8_t)packet_link_from_linktype(pcap_datalink(lp->pcap));
	return SOURCE_STEP_PACKET;
}

static enum source_step hand_over(struct source_capture *capture, struct source_packet *packet)
{
	struct source_libpcap *lp = &capture->libpcap;
	size_t size = lp->waiting_packet.captured_bytes;

	if (lp->out->size - lp->out_used < size) {
		capture->need = size;
		return SOURCE_STEP_MORE;
	}
	uint8_t *copy = lp->out->bytes + lp->out_used;
	if (size > 0)
		memcpy(copy, lp->waiting, size);
	lp->out_used += size;
	*packet = lp->waiting_packet;
	packet->data = copy;
	lp->waiting = NULL;
	return SOURCE_STEP_PACKET;
}

static int64_t stamp_ns(const struct timeval *ts)
{
	__int128 seconds = ts->tv_sec;

	/* libpcap takes the unsigned seconds of the file for signed ones */
	if (seconds < 0 && seconds >= INT32_MIN)
		seconds = (uint32_t)seconds;
	return source_time_clamp(seconds * 1000000000 + ts->tv_usec);
}

static enum source_step libpcap_next(struct source_capture *capture, struct source_packet *packet)
{
	struct source_libpcap *lp = &capture->libpcap;
	struct source_input *input = &capture->input;
	struct pcap_pkthdr *header;
	const u_char *data;

	if (lp->waiting)
		return hand_over(capture, packet);
	if (input->waits && source_input_unread(input) == 0 && !input->ended
			&& !source_input_ready(input)) {
		capture->need = 1;
		return SOURCE_STEP_MORE;
	}
	switch (pcap_next_ex(lp->pcap, &header, &data)) {
	case 1:
		break;
	case PCAP_ERROR_BREAK: /* the end of a file */
		return SOURCE_STEP_END;
	default:
		return source_capture_broken(capture, "damaged: %.150s", pcap_geterr(lp->pcap));
	}
	lp->waiting = data;
	lp->waiting_packet = (struct source_packet){
			.captured_bytes = header->caplen,
			.wire_bytes = header->len > header->caplen ? header->len : header->caplen,
			.time_ns = stamp_ns(&header->ts),
			.link = lp->link,
	};
	return hand_over(capture, packet);
}

static int libpcap_refill(struct source_capture *capture, struct source_chunk *to)
{
	struct source_libpcap *lp = &capture->libpcap;
	struct source_input *input = &capture->input;

	lp->out = to;
	lp->out_used = 0;
	if (lp->waiting)
		return source_chunk_grow(to, capture->need);
	if (source_input_unread(input) == 0 && !input->ended)
		return source_input_refill(input, &lp->raw, 1);
	return 0;
}

const struct source_format source_libpcap_format = {
		.open = libpcap_begin,
		.next = libpcap_next,
		.refill = libpcap_refill,
		.close = libpcap_end,
};
