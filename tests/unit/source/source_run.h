/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A replay that checks what every burst promises and writes down what every worker was given; and
 * what libpcap, the oracle, reads of the same file.
 */
#ifndef SOURCE_RUN_H
#define SOURCE_RUN_H

#include "packet_link.h"
#include "source_build.h"
#include "source_replay.h"

#include <pcap/pcap.h>

#include <pthread.h>

/* What a worker was given. */
struct seen {
	int64_t time_ns;
	uint64_t hash; /* of the octets */
	uint32_t captured, wire;
	uint8_t link;
	uint8_t worker;
	bool after_rewind; /* first packet or none since a rewind */
};

struct sightings {
	struct seen *list;
	size_t count, room;
	uint32_t rewinds, backwards;
	int64_t clock_ns; /* of the last burst */
	int64_t clock_before_rewind_ns;
};

static inline uint64_t hash_octets(const uint8_t *data, size_t len)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ data[i]) * UINT64_C(0x100000001b3);
	return hash;
}

static inline void sightings_add(struct sightings *s, struct seen one)
{
	if (s->count == s->room) {
		s->room = s->room ? s->room * 2 : 256;
		s->list = realloc(s->list, s->room * sizeof(*s->list));
		ck_assert_ptr_nonnull(s->list);
	}
	s->list[s->count++] = one;
}

static inline void sightings_free(struct sightings *s)
{
	free(s->list);
	*s = (struct sightings){0};
}

/* Checks what every burst promises and notes its packets. True: the end. */
static inline bool sightings_take(
		struct sightings *s, const struct source_burst *burst, uint8_t worker)
{
	if (burst->event == SOURCE_REWIND) {
		s->rewinds++;
		s->clock_before_rewind_ns = s->clock_ns;
		s->clock_ns = INT64_MIN / 2;
	}
	for (uint32_t i = 0; i < burst->count; i++) {
		const struct source_packet *p = &burst->packets[i];

		ck_assert_uint_le(p->captured_bytes, p->wire_bytes);
		ck_assert_int_ge(p->time_ns, s->clock_ns - SOURCE_REPLAY_REORDER_NS);
		ck_assert_int_ge(p->time_ns, 0);
		ck_assert_uint_eq(p->reserved[0], 0);
		sightings_add(s,
				(struct seen){
						.time_ns = p->time_ns,
						.hash = hash_octets(p->data, p->captured_bytes),
						.captured = p->captured_bytes,
						.wire = p->wire_bytes,
						.link = p->link,
						.worker = worker,
						.after_rewind = burst->event == SOURCE_REWIND
								&& i == 0,
				});
	}
	ck_assert_int_ge(burst->clock_ns, s->clock_ns);
	s->clock_ns = burst->clock_ns;
	s->backwards += burst->backwards;
	return burst->event == SOURCE_END;
}

static inline void sightings_collect(struct sightings *s, struct source *source, uint8_t worker)
{
	struct source_burst burst;
	bool ended = false;

	while (!ended) {
		source_receive(source, &burst, SOURCE_BURST_MAX);
		ended = sightings_take(s, &burst, worker);
		ck_assert(!ended || burst.count == 0);
		source_release(source, &burst);
	}
	/* the end stays the end */
	source_receive(source, &burst, SOURCE_BURST_MAX);
	ck_assert_int_eq(burst.event, SOURCE_END);
	ck_assert_uint_eq(burst.count, 0);
}

#define RUN_WORKERS_MAX 8

struct run {
	struct sightings workers[RUN_WORKERS_MAX];
	struct sightings all;
	struct source_replay_progress progress;
	uint32_t errors;
	char error[256]; /* the last one */
	char error_path[64];
};

static inline void run_error(void *arg, const char *path, const char *message)
{
	struct run *run = arg;

	run->errors++;
	snprintf(run->error, sizeof(run->error), "%s", message);
	snprintf(run->error_path, sizeof(run->error_path), "%s", path);
	ck_assert_ptr_null(strchr(message, '\n'));
}

struct run_thread {
	pthread_t thread;
	struct sightings *sightings;
	struct source *source;
	uint8_t worker;
};

static inline void *run_worker(void *arg)
{
	struct run_thread *t = arg;

	sightings_collect(t->sightings, t->source, t->worker);
	return NULL;
}

/* Replays the files with so many workers, a thread for each; free with run_free(). */
static inline void run_files(
		struct run *run, const char *const *paths, uint32_t count, uint32_t workers)
{
	struct source_replay *replay;
	struct run_thread threads[RUN_WORKERS_MAX];

	*run = (struct run){0};
	ck_assert_int_eq(source_replay_create(&replay, paths, count, workers, run_error, run), 0);
	for (uint32_t i = 0; i < workers; i++) {
		threads[i] = (struct run_thread){.sightings = &run->workers[i],
				.source = source_replay_worker(replay, i),
				.worker = (uint8_t)i};
		ck_assert_int_eq(pthread_create(&threads[i].thread, NULL, run_worker, &threads[i]),
				0);
	}
	for (uint32_t i = 0; i < workers; i++) {
		pthread_join(threads[i].thread, NULL);
		for (size_t k = 0; k < run->workers[i].count; k++)
			sightings_add(&run->all, run->workers[i].list[k]);
		run->all.backwards += run->workers[i].backwards;
	}
	source_replay_progress(replay, &run->progress);
	source_replay_destroy(replay);
	ck_assert(run->progress.done);
	ck_assert_uint_eq(run->progress.packets, run->all.count);
	ck_assert_uint_eq(run->progress.files_failed, run->errors);
	ck_assert_uint_eq(run->progress.files_done, count);
	ck_assert_uint_eq(run->progress.bytes_read,
			run->progress.bytes_total ? run->progress.bytes_total
						  : run->progress.bytes_read);
}

static inline void run_octets(struct run *run, const void *data, size_t len, uint32_t workers)
{
	char path[32];
	const char *paths[] = {path};
	int fd = file_make(data, len, path);

	run_files(run, paths, 1, workers);
	close(fd);
}

static inline void run_free(struct run *run)
{
	for (int i = 0; i < RUN_WORKERS_MAX; i++)
		sightings_free(&run->workers[i]);
	sightings_free(&run->all);
}

struct oracle {
	struct sightings seen;
	char error[PCAP_ERRBUF_SIZE]; /* empty: read to the end */
	bool times_plain; /* every fraction is below a second */
};

/* libpcap's reading of a file. */
static inline void oracle_read(struct oracle *oracle, const char *path)
{
	struct pcap_pkthdr *header;
	const u_char *data;
	int rc;

	*oracle = (struct oracle){.times_plain = true};
	pcap_t *pcap = pcap_open_offline_with_tstamp_precision(
			path, PCAP_TSTAMP_PRECISION_NANO, oracle->error);
	if (!pcap) {
		ck_assert_str_ne(oracle->error, "");
		return;
	}
	oracle->error[0] = '\0';
	while ((rc = pcap_next_ex(pcap, &header, &data)) == 1) {
		uint32_t len = header->len > header->caplen ? header->len : header->caplen;
		int64_t sec = header->ts.tv_sec;

		if (sec < 0 && sec >= INT32_MIN)
			sec = (uint32_t)sec;
		if (header->ts.tv_usec < 0 || header->ts.tv_usec >= SEC || sec < 0
				|| sec >= 9000000000)
			oracle->times_plain = false;
		else
			sec = sec * SEC + header->ts.tv_usec;
		sightings_add(&oracle->seen,
				(struct seen){
						.time_ns = sec,
						.hash = hash_octets(data, header->caplen),
						.captured = header->caplen,
						.wire = len,
						.link = (uint8_t)packet_link_from_linktype(
								pcap_datalink(pcap)),
				});
	}
	if (rc == -1)
		snprintf(oracle->error, sizeof(oracle->error), "%s", pcap_geterr(pcap));
	pcap_close(pcap);
}

static inline void oracle_free(struct oracle *oracle)
{
	sightings_free(&oracle->seen);
}

/* The first `count` packets are the same ones. */
static inline void assert_same_packets(const struct sightings *ours, const struct sightings *theirs,
		size_t count, bool times)
{
	for (size_t i = 0; i < count; i++) {
		const struct seen *a = &ours->list[i], *b = &theirs->list[i];

		ck_assert_uint_eq(a->captured, b->captured);
		ck_assert_uint_eq(a->wire, b->wire);
		ck_assert_uint_eq(a->hash, b->hash);
		ck_assert_uint_eq(a->link, b->link);
		if (times)
			ck_assert_int_eq(a->time_ns, b->time_ns);
	}
}

#endif
