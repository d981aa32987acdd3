/* SPDX-License-Identifier: BSD-3-Clause */
#include "source_run.h"
#include "unit_main.h"

#include <errno.h>
#include <time.h>

static const uint32_t worker_rows[] = {1, 2, 4};

static int compare_seen(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;

	if (x->time_ns != y->time_ns)
		return x->time_ns < y->time_ns ? -1 : 1;
	return x->hash < y->hash ? -1 : x->hash > y->hash;
}

START_TEST(every_worker_count_gets_the_same_packets)
{
	struct octets o;
	struct run one, many;

	make_traffic(&o);
	run_octets(&one, o.data, o.len, 1);
	run_octets(&many, o.data, o.len, worker_rows[_i]);
	ck_assert_uint_eq(one.all.count, PACKETS);
	ck_assert_uint_eq(many.all.count, PACKETS);
	ck_assert_uint_eq(many.all.backwards, one.all.backwards);
	ck_assert_uint_gt(one.all.backwards, PACKETS / 60);
	qsort(one.all.list, PACKETS, sizeof(struct seen), compare_seen);
	qsort(many.all.list, PACKETS, sizeof(struct seen), compare_seen);
	assert_same_packets(&one.all, &many.all, PACKETS, true);
	for (uint32_t i = 0; i < worker_rows[_i]; i++) {
		ck_assert_uint_gt(many.workers[i].count, PACKETS / worker_rows[_i] / 2);
		ck_assert_int_eq(many.workers[i].clock_ns, one.workers[0].clock_ns);
		ck_assert_uint_eq(many.workers[i].rewinds, 0);
	}
	run_free(&one);
	run_free(&many);
	octets_free(&o);
}
END_TEST

/* Its packets come to one worker, and in the order of the file. */
START_TEST(every_flow_stays_in_one_worker)
{
	uint8_t owner[FLOWS];
	int64_t last_ns[FLOWS] = {0};
	struct octets o = {0};
	struct run run;

	memset(owner, 0xff, sizeof(owner));
	pcap_begin(&o, PCAP_NANO, 65535, 1);
	for (uint32_t i = 0; i < PACKETS; i++) {
		uint8_t frame[200];
		uint32_t flow = i * 7919 % FLOWS;
		uint32_t len = make_flow(frame, flow, i % 3 == 0);

		/* the nanoseconds name the flow */
		pcap_packet(&o, BASE_SEC + i / 1000, i % 1000 * 1000000 + flow, frame, len, len);
	}
	run_octets(&run, o.data, o.len, 4);
	ck_assert_uint_eq(run.all.count, PACKETS);
	for (size_t i = 0; i < run.all.count; i++) {
		const struct seen *seen = &run.all.list[i];
		int64_t flow = seen->time_ns % 1000000;

		if (owner[flow] == 0xff)
			owner[flow] = seen->worker;
		ck_assert_uint_eq(owner[flow], seen->worker);
		ck_assert_int_gt(seen->time_ns, last_ns[flow]);
		last_ns[flow] = seen->time_ns;
	}
	run_free(&run);
	octets_free(&o);
}
END_TEST

/* Times of packets in seconds and ms, and what the reader makes of them. */
static const struct {
	const char *what;
	int32_t ms[6];
	uint32_t rewinds, backwards;
} clock_rows[] = {
		{"in order", {0, 1, 2, 3, 4, 5}, 0, 0},
		{"all at once", {7, 7, 7, 7, 7, 7}, 0, 0},
		{"reordered", {0, 900, 100, 1000, 999, 1001}, 0, 2},
		{"as late as reordering may be", {0, 2000, 1000, 1000, 2000, 3000}, 0, 2},
		{"later than that", {0, 2000, 999, 1000, 1001, 1002}, 1, 0},
		{"back by a day", {86400000, 86400001, 0, 1, 2, 3}, 1, 0},
		{"back twice", {9000000, 6000000, 3000000, 3000001, 3000000, 3000002}, 2, 1},
		{"one broken stamp in the future", {0, 1, 2000000000, 2, 3, 4}, 1, 0},
		{"future and back, again and again", {0, 1000000, 1, 1000001, 2, 1000002}, 2, 0},
};

START_TEST(time_goes_back_for_every_worker)
{
	for (uint32_t workers = 1; workers <= 4; workers *= 2) {
		struct octets o = {0};
		struct run run;
		uint8_t frame[200];

		pcap_begin(&o, PCAP_MICRO, 65535, 1);
		for (uint32_t i = 0; i < 6; i++) {
			uint32_t ms = (uint32_t)clock_rows[_i].ms[i];
			uint32_t len = make_flow(frame, i, false);

			pcap_packet(&o, BASE_SEC + ms / 1000, ms % 1000 * 1000, frame, len, len);
		}
		run_octets(&run, o.data, o.len, workers);
		ck_assert_uint_eq(run.all.count, 6);
		ck_assert_uint_eq(run.all.backwards, clock_rows[_i].backwards);
		for (uint32_t w = 0; w < workers; w++) {
			ck_assert_uint_eq(run.workers[w].rewinds, clock_rows[_i].rewinds);
			/* flows end by the same clock everywhere, also just before time goes back
			 */
			ck_assert_int_eq(run.workers[w].clock_ns, run.workers[0].clock_ns);
			ck_assert_int_eq(run.workers[w].clock_before_rewind_ns,
					run.workers[0].clock_before_rewind_ns);
		}
		run_free(&run);
		octets_free(&o);
	}
}
END_TEST

START_TEST(the_last_clock_comes_before_a_rewind)
{
	for (uint32_t workers = 1; workers <= 2; workers++) {
		struct octets o = {0};
		struct run run;
		uint8_t frame[200];
		uint32_t len = make_flow(frame, 1, false);

		pcap_begin(&o, PCAP_MICRO, 65535, 1);
		for (uint32_t i = 0; i < 200; i++)
			pcap_packet(&o, BASE_SEC + 1000 + i, 0, frame, len, len);
		pcap_packet(&o, BASE_SEC, 0, frame, len, len);
		run_octets(&run, o.data, o.len, workers);
		for (uint32_t w = 0; w < workers; w++) {
			ck_assert_int_eq(run.workers[w].clock_before_rewind_ns,
					(BASE_SEC + 1199) * SEC);
			ck_assert_int_eq(run.workers[w].clock_ns, BASE_SEC * SEC);
		}
		ck_assert_int_eq(run.progress.first_ns, BASE_SEC * SEC);
		ck_assert_int_eq(run.progress.last_ns, (BASE_SEC + 1199) * SEC);
		run_free(&run);
		octets_free(&o);
	}
}
END_TEST

/* A worker to whom no packet belongs still ages its flows. */
START_TEST(idle_workers_get_the_clock)
{
	struct octets o = {0};
	struct source_replay *replay;
	struct source_burst burst;
	char path[32];
	const char *paths[] = {path};
	uint8_t frame[200];
	uint32_t len = make_flow(frame, 1, false), clocks = 0;
	int64_t clock_ns = 0;

	pcap_begin(&o, PCAP_MICRO, 65535, 1);
	for (uint32_t i = 0; i < 50000; i++)
		pcap_packet(&o, BASE_SEC + i, 0, frame, len, len);
	int fd = file_make(o.data, o.len, path);
	ck_assert_int_eq(source_replay_create(&replay, paths, 1, 2, NULL, NULL), 0);

	/* drain the two in turn and see which of them got nothing but the clock */
	struct source *sources[] = {
			source_replay_worker(replay, 0), source_replay_worker(replay, 1)};
	uint64_t packets[2] = {0};
	bool ended[2] = {false};
	while (!ended[0] || !ended[1]) {
		for (int w = 0; w < 2; w++) {
			source_receive(sources[w], &burst, SOURCE_BURST_MAX);
			packets[w] += burst.count;
			ended[w] = burst.event == SOURCE_END;
			if (packets[w] == 0 && burst.clock_ns > clock_ns) {
				clock_ns = burst.clock_ns;
				clocks++;
			}
			source_release(sources[w], &burst);
		}
	}
	ck_assert_uint_eq(packets[0] + packets[1], 50000);
	ck_assert(packets[0] == 0 || packets[1] == 0);
	ck_assert_uint_ge(clocks, 2); /* the reader is at most SOURCE_BATCHES ahead of 15 chunks */
	ck_assert_int_eq(clock_ns, (BASE_SEC + 49999) * SEC);
	source_replay_destroy(replay);
	close(fd);
	octets_free(&o);
}
END_TEST

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * SEC + ts.tv_nsec;
}

/* The next packet of a live feed; fails the test when it does not come. */
static void await_packet(struct source *source, int64_t time_ns)
{
	int64_t deadline = now_ns() + 5 * SEC;
	struct source_burst burst;

	do {
		int64_t before = now_ns();
		source_receive(source, &burst, SOURCE_BURST_MAX);
		ck_assert_int_lt(now_ns() - before, SEC); /* a millisecond, on a calm machine */
		ck_assert_int_lt(now_ns(), deadline);
		ck_assert_int_ne(burst.event, SOURCE_END);
		if (burst.count == 0)
			source_release(source, &burst);
	} while (burst.count == 0);
	ck_assert_uint_eq(burst.count, 1);
	ck_assert_int_eq(burst.packets[0].time_ns, time_ns);
	ck_assert_int_eq(burst.clock_ns, time_ns);
	source_release(source, &burst);
}

static const struct {
	uint32_t magic;
	uint32_t link;
} live_rows[] = {
		{PCAP_MICRO, 1}, /* read in place */
		{PCAP_MICRO, 147}, /* read by libpcap */
		{0, 1}, /* pcapng */
};

static void live_begin(struct octets *o, int row)
{
	if (live_rows[row].magic) {
		pcap_begin(o, live_rows[row].magic, 65535, live_rows[row].link);
	} else {
		ng_section(o);
		ng_interface(o, 1, 65535, -1);
	}
}

static void live_packet(struct octets *o, int row, uint32_t number)
{
	uint8_t frame[200];
	uint32_t len = make_flow(frame, number, false);

	if (live_rows[row].magic)
		pcap_packet(o, BASE_SEC, number, frame, len, len);
	else
		ng_packet(o, 0, BASE_SEC * UINT64_C(1000000) + number, frame, len, len);
}

START_TEST(a_pipe_delivers_each_packet_at_once)
{
	struct octets o = {0};
	struct source_replay *replay;
	struct source_replay_progress progress;
	struct source_burst burst;
	char path[32];
	const char *paths[] = {path};
	int fds[2];

	ck_assert_int_eq(pipe(fds), 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fds[0]);
	ck_assert_int_eq(source_replay_create(&replay, paths, 1, 1, NULL, NULL), 0);
	struct source *source = source_replay_worker(replay, 0);
	source_receive(source, &burst, SOURCE_BURST_MAX);
	ck_assert_uint_eq(burst.count, 0);
	ck_assert_int_eq(burst.event, SOURCE_NONE);
	source_release(source, &burst);

	live_begin(&o, _i);
	for (uint32_t i = 0; i < 20; i++) {
		live_packet(&o, _i, i);
		/* in two pieces: half a packet must not hurt */
		ck_assert_int_eq(write(fds[1], o.data, o.len - 30), (ssize_t)o.len - 30);
		usleep(1000);
		ck_assert_int_eq(write(fds[1], o.data + o.len - 30, 30), 30);
		await_packet(source, BASE_SEC * SEC + i * 1000);
		o.len = 0;
	}
	source_replay_progress(replay, &progress);
	ck_assert_uint_eq(progress.bytes_total, 0);
	ck_assert_uint_eq(progress.packets, 20);
	ck_assert(!progress.done);
	close(fds[0]);
	close(fds[1]);
	do {
		source_receive(source, &burst, SOURCE_BURST_MAX);
		source_release(source, &burst);
	} while (burst.event != SOURCE_END);
	source_replay_destroy(replay);
	octets_free(&o);
}
END_TEST

/* A stop in the middle: what was read is delivered, then the end comes. */
START_TEST(stops_at_the_next_packet)
{
	struct octets o;
	struct source_replay *replay;
	struct source_replay_progress progress;
	char path[32];
	const char *paths[] = {path, path, path, path};
	uint32_t workers = worker_rows[_i];
	struct sightings seen[4] = {0};
	struct source_burst burst;
	size_t count = 0;

	make_traffic(&o);
	int fd = file_make(o.data, o.len, path);
	ck_assert_int_eq(source_replay_create(&replay, paths, 4, workers, NULL, NULL), 0);
	do {
		source_receive(source_replay_worker(replay, 0), &burst, 10);
		sightings_take(&seen[0], &burst, 0);
		source_release(source_replay_worker(replay, 0), &burst);
	} while (seen[0].count == 0);
	source_replay_stop(replay);
	/* in turn, so that a full queue of one cannot hold the other up */
	for (uint32_t ended = 0; ended < workers;) {
		ended = 0;
		for (uint32_t w = 0; w < workers; w++) {
			struct source *source = source_replay_worker(replay, w);

			source_receive(source, &burst, SOURCE_BURST_MAX);
			ended += sightings_take(&seen[w], &burst, (uint8_t)w);
			source_release(source, &burst);
		}
	}
	source_replay_progress(replay, &progress);
	for (uint32_t w = 0; w < workers; w++) {
		count += seen[w].count;
		sightings_free(&seen[w]);
	}
	ck_assert(progress.done);
	ck_assert_uint_eq(progress.packets, count);
	ck_assert_uint_lt(count, 4 * PACKETS);
	ck_assert_uint_eq(progress.files_failed, 0);
	ck_assert_uint_lt(progress.files_done, 4);
	source_replay_destroy(replay);
	close(fd);
	octets_free(&o);
}
END_TEST

/* Nobody has to drain the queues, or to feed the pipe, before it is destroyed. */
START_TEST(can_be_destroyed_at_any_time)
{
	struct octets o;
	struct source_replay *replay;
	struct source_burst burst;
	char path[32];
	const char *paths[] = {path, path};
	int fds[2];

	make_traffic(&o);
	int fd = file_make(o.data, o.len, path);
	for (int polls = 0; polls < 20; polls++) {
		ck_assert_int_eq(source_replay_create(&replay, paths, 2, 1 + (uint32_t)polls % 3,
						 NULL, NULL),
				0);
		for (int i = 0; i < polls; i++) {
			source_receive(source_replay_worker(replay, 0), &burst, SOURCE_BURST_MAX);
			source_release(source_replay_worker(replay, 0), &burst);
		}
		source_replay_destroy(replay);
	}
	ck_assert_int_eq(pipe(fds), 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fds[0]);
	ck_assert_int_eq(source_replay_create(&replay, paths, 1, 1, NULL, NULL), 0);
	source_replay_destroy(replay);
	source_replay_destroy(NULL);
	close(fd);
	octets_free(&o);
}
END_TEST

START_TEST(refuses_to_serve_nobody)
{
	const char *paths[] = {"/dev/null"};
	struct source_replay *replay;

	ck_assert_int_eq(source_replay_create(&replay, paths, 1, 0, NULL, NULL), -EINVAL);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("source_replay");
	TCase *tcase = tcase_create("replay");
	int workers = (int)BASE_COUNT_OF(worker_rows);

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, every_worker_count_gets_the_same_packets, 0, workers);
	tcase_add_test(tcase, every_flow_stays_in_one_worker);
	tcase_add_loop_test(
			tcase, time_goes_back_for_every_worker, 0, (int)BASE_COUNT_OF(clock_rows));
	tcase_add_test(tcase, the_last_clock_comes_before_a_rewind);
	tcase_add_test(tcase, idle_workers_get_the_clock);
	tcase_add_loop_test(tcase, a_pipe_delivers_each_packet_at_once, 0,
			(int)BASE_COUNT_OF(live_rows));
	tcase_add_loop_test(tcase, stops_at_the_next_packet, 0, workers);
	tcase_add_test(tcase, can_be_destroyed_at_any_time);
	tcase_add_test(tcase, refuses_to_serve_nobody);
	suite_add_tcase(suite, tcase);
	return suite;
}
