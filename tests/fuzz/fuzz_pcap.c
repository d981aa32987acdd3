/* SPDX-License-Identifier: BSD-3-Clause */
/* module: source */
/* Any octets as a capture file: every burst keeps its promises, and every packet is counted once.
 */
#include "source_replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t check_burst(const struct source_burst *burst, int64_t *clock_ns)
{
	static volatile uint8_t touched;

	if (burst->event == SOURCE_REWIND)
		*clock_ns = 0;
	for (uint32_t i = 0; i < burst->count; i++) {
		const struct source_packet *p = &burst->packets[i];

		if (p->captured_bytes > p->wire_bytes
				|| p->time_ns < *clock_ns - SOURCE_REPLAY_REORDER_NS)
			abort();
		for (uint32_t k = 0; k < p->captured_bytes; k++)
			touched = p->data[k];
	}
	if (burst->clock_ns < *clock_ns)
		abort();
	*clock_ns = burst->clock_ns;
	(void)touched;
	return burst->count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[32];
	const char *paths[] = {path, path};
	struct source_replay *replay;
	struct source_replay_progress progress;
	static struct source_burst burst;
	uint64_t packets = 0;
	int64_t clock_ns = 0;
	int fd = memfd_create("capture", 0);

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size
			|| source_replay_create(&replay, paths, 2, 1, NULL, NULL) < 0)
		abort();
	struct source *source = source_replay_worker(replay, 0);
	do {
		source_receive(source, &burst, 1 + (uint32_t)size % SOURCE_BURST_MAX);
		packets += check_burst(&burst, &clock_ns);
		source_release(source, &burst);
	} while (burst.event != SOURCE_END);
	source_replay_progress(replay, &progress);
	if (!progress.done || progress.packets != packets || progress.files_done != 2
			|| progress.bytes_read != progress.bytes_total)
		abort();
	source_replay_destroy(replay);
	close(fd);
	return 0;
}
