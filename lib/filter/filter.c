/* SPDX-License-Identifier: BSD-3-Clause */
#include "filter.h"

#include <pcap/pcap.h>

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

/* Of a packet that matches libpcap would take so much; here it only says "yes". */
#define SNAP_BYTES 65535

struct filter {
	struct bpf_program programs[PACKET_LINK_UNKNOWN]; /* bf_insns NULL: does not fit */
	_Atomic uint64_t unfit;
};

/* How libpcap calls the link types; -1: it compiles for none that is like it. */
static const int dlts[PACKET_LINK_UNKNOWN] = {
		[PACKET_LINK_ETHERNET] = DLT_EN10MB,
		[PACKET_LINK_RAW] = DLT_RAW,
		[PACKET_LINK_SLL] = DLT_LINUX_SLL,
		[PACKET_LINK_SLL2] = DLT_LINUX_SLL2,
		[PACKET_LINK_NULL] = DLT_NULL,
		[PACKET_LINK_LOOP] = DLT_LOOP,
		[PACKET_LINK_PPP] = DLT_PPP,
		[PACKET_LINK_CHDLC] = DLT_C_HDLC,
		[PACKET_LINK_RADIOTAP] = DLT_IEEE802_11_RADIO,
		[PACKET_LINK_IEEE80211] = DLT_IEEE802_11,
		[PACKET_LINK_PPPOE] = -1,
		[PACKET_LINK_MPLS] = DLT_MPLS,
		[PACKET_LINK_NFLOG] = -1,
};

/* 0, or -EINVAL with libpcap's words in error, or -ENOMEM. */
static int compile(struct bpf_program *program, int dlt, const char *expression, char *error,
		size_t error_bytes)
{
	pcap_t *pcap = pcap_open_dead(dlt, SNAP_BYTES);
	int rc = 0;

	if (!pcap)
		return -ENOMEM;
	if (pcap_compile(pcap, program, expression, 1, PCAP_NETMASK_UNKNOWN) < 0) {
		snprintf(error, error_bytes, "%s", pcap_geterr(pcap));
		program->bf_insns = NULL;
		rc = -EINVAL;
	}
	pcap_close(pcap);
	return rc;
}

int filter_create(struct filter **out, const char *expression, char *error, size_t error_bytes)
{
	struct filter *filter = calloc(1, sizeof(*filter));
	char other[PCAP_ERRBUF_SIZE];
	unsigned int fitting = 0;

	if (!filter)
		return -ENOMEM;
	/* Ethernet first: its words are the ones to show */
	for (int link = 0; link < PACKET_LINK_UNKNOWN; link++) {
		bool shown = link == PACKET_LINK_ETHERNET;
		int rc = dlts[link] < 0 ? -EINVAL
					: compile(&filter->programs[link], dlts[link], expression,
							shown ? error : other,
							shown ? error_bytes : sizeof(other));
		if (rc == -ENOMEM) {
			filter_destroy(filter);
			return rc;
		}
		fitting += rc == 0;
	}
	if (fitting == 0) {
		filter_destroy(filter);
		return -EINVAL;
	}
	*out = filter;
	return 0;
}

void filter_destroy(struct filter *filter)
{
	if (!filter)
		return;
	for (int link = 0; link < PACKET_LINK_UNKNOWN; link++)
		pcap_freecode(&filter->programs[link]);
	free(filter);
}

bool filter_matches(struct filter *filter, enum packet_link link, const uint8_t *data,
		uint32_t captured_bytes, uint32_t wire_bytes)
{
	if (BASE_UNLIKELY(link >= PACKET_LINK_UNKNOWN || !filter->programs[link].bf_insns)) {
		/* relaxed: a number of its own, one writer */
		atomic_fetch_add_explicit(&filter->unfit, 1, memory_order_relaxed);
		return false;
	}
	return bpf_filter(filter->programs[link].bf_insns, data, wire_bytes, captured_bytes) != 0;
}

uint64_t filter_unfit_packets(const struct filter *filter)
{
	return atomic_load_explicit(&filter->unfit, memory_order_relaxed);
}
