/* SPDX-License-Identifier: BSD-3-Clause */
#include "export_queue.h"
#include "export_sample.h"
#include "unit_main.h"

static bool add_line(struct export_queue *queue, const char *line, size_t need)
{
	char *out = export_queue_reserve(queue, need);

	if (!out)
		return false;
	memcpy(out, line, strlen(line));
	export_queue_publish(queue, strlen(line));
	return true;
}

START_TEST(lines_count_when_their_last_octet_is_accepted)
{
	struct export_queue queue;

	ck_assert_int_eq(export_queue_init(&queue, 64), 0);
	ck_assert(add_line(&queue, "one\n", 16));
	ck_assert(add_line(&queue, "three\n", 16));
	ck_assert_uint_eq(export_queue_bytes(&queue), 10);
	ck_assert_uint_eq(export_queue_accept(&queue, 3), 0);
	ck_assert_uint_eq(export_queue_bytes(&queue), 7);
	ck_assert_uint_eq(export_queue_accept(&queue, 1), 1);
	ck_assert_uint_eq(queue.lines, 1);
	ck_assert_uint_eq(export_queue_accept(&queue, 6), 1);
	ck_assert_uint_eq(queue.lines, 0);
	export_queue_fini(&queue);
}
END_TEST

START_TEST(a_torn_line_can_be_sent_again_whole)
{
	struct export_queue queue;
	struct iovec pieces[2];

	ck_assert_int_eq(export_queue_init(&queue, 64), 0);
	ck_assert(add_line(&queue, "one\n", 16));
	ck_assert(add_line(&queue, "three\n", 16));
	ck_assert_uint_eq(export_queue_accept(&queue, 7), 1);
	ck_assert_uint_eq(queue.torn, 3);
	export_queue_untear(&queue);
	ck_assert_int_eq(export_queue_peek(&queue, SIZE_MAX, pieces), 1);
	ck_assert_uint_eq(pieces[0].iov_len, 6);
	ck_assert_mem_eq(pieces[0].iov_base, "three\n", 6);
	ck_assert_uint_eq(export_queue_clear(&queue), 1);
	ck_assert_uint_eq(export_queue_bytes(&queue), 0);
	export_queue_fini(&queue);
}
END_TEST

START_TEST(fit_ends_with_a_line)
{
	struct export_queue queue;

	ck_assert_int_eq(export_queue_init(&queue, 64), 0);
	ck_assert_uint_eq(export_queue_fit(&queue, 100), 0);
	ck_assert(add_line(&queue, "one\n", 16));
	ck_assert(add_line(&queue, "three\n", 16));
	ck_assert_uint_eq(export_queue_fit(&queue, 3), 0);
	ck_assert_uint_eq(export_queue_fit(&queue, 4), 4);
	ck_assert_uint_eq(export_queue_fit(&queue, 9), 4);
	ck_assert_uint_eq(export_queue_fit(&queue, 10), 10);
	ck_assert_uint_eq(export_queue_fit(&queue, SIZE_MAX), 10);
	export_queue_fini(&queue);
}
END_TEST

/* The model: all octets ever added, and how many of them the reader has. */
#define MODEL_BYTES (4u << 20)
#define LINE_BYTES 40u

struct model {
	char *octets;
	size_t added, accepted, removed; /* removed: up to the last whole line accepted */
	uint64_t lines_added, lines_accepted;
};

static void check_content(const struct export_queue *queue, const struct model *model)
{
	struct iovec pieces[2];
	int count = export_queue_peek(queue, SIZE_MAX, pieces);
	const char *expected = model->octets + model->accepted;
	size_t total = 0;

	ck_assert_uint_eq(export_queue_bytes(queue), model->added - model->accepted);
	ck_assert_uint_eq(queue->lines, model->lines_added - model->lines_accepted);
	ck_assert_uint_eq(queue->torn, model->accepted - model->removed);
	for (int i = 0; i < count; i++) {
		ck_assert_mem_eq(pieces[i].iov_base, expected + total, pieces[i].iov_len);
		total += pieces[i].iov_len;
	}
	ck_assert_uint_eq(total, model->added - model->accepted);
}

static void model_add(struct export_queue *queue, struct model *model, uint64_t random)
{
	char line[LINE_BYTES + 1];
	size_t len = 1 + random % LINE_BYTES;

	memset(line, 'a' + (int)(random >> 8 & 15), len);
	line[len - 1] = '\n';
	line[len] = '\0';
	if (model->added + len > MODEL_BYTES || !add_line(queue, line, LINE_BYTES))
		return;
	memcpy(model->octets + model->added, line, len);
	model->added += len;
	model->lines_added++;
}

static void model_accept(struct export_queue *queue, struct model *model, uint64_t random)
{
	size_t waiting = model->added - model->accepted;
	size_t len = random & 0x10000 ? waiting : random % (waiting + 1);
	uint64_t lines = sample_lines(model->octets + model->accepted, len);

	if (len == 0)
		return;
	ck_assert_uint_eq(export_queue_accept(queue, len), lines);
	model->accepted += len;
	model->lines_accepted += lines;
	for (size_t i = model->removed; i < model->accepted; i++) {
		if (model->octets[i] == '\n')
			model->removed = i + 1;
	}
}

static void model_fit(const struct export_queue *queue, const struct model *model, uint64_t random)
{
	size_t max = random % (2 * LINE_BYTES + 1);
	size_t end = model->accepted;

	for (size_t i = end; i < model->added && i < model->accepted + max; i++) {
		if (model->octets[i] == '\n')
			end = i + 1;
	}
	ck_assert_uint_eq(export_queue_fit(queue, max), end - model->accepted);
}

/* Small rings wrap all the time; prints its seed through the loop index. */
START_TEST(any_order_of_operations_keeps_every_octet)
{
	struct model model = {.octets = malloc(MODEL_BYTES)};
	struct export_queue queue;
	uint64_t seed = 1000 + (uint64_t)_i;

	ck_assert_int_eq(export_queue_init(&queue, LINE_BYTES * (1 + (size_t)_i)), 0);
	for (unsigned int i = 0; i < 30000; i++) {
		uint64_t random = sample_random(&seed);
		switch (random >> 60) {
		case 0:
			export_queue_untear(&queue);
			model.accepted = model.removed;
			break;
		case 1:
		case 2:
		case 3:
		case 4:
			model_accept(&queue, &model, random);
			break;
		case 5:
			if (queue.torn == 0)
				model_fit(&queue, &model, random);
			break;
		default:
			model_add(&queue, &model, random);
		}
		check_content(&queue, &model);
	}
	ck_assert_uint_gt(model.lines_accepted, 1000);
	export_queue_fini(&queue);
	free(model.octets);
}
END_TEST

static long resident_pages(void)
{
	long pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fscanf(file, "%*d %ld", &pages), 1);
	fclose(file);
	return pages;
}

/* A backlog of 32 MiB, once drained, costs no memory any more; and the queue still works. */
START_TEST(memory_goes_back_after_a_backlog)
{
	struct export_queue queue;
	char line[1025];

	memset(line, 'x', 1024);
	line[1023] = '\n';
	line[1024] = '\0';
	ck_assert_int_eq(export_queue_init(&queue, 32u << 20), 0);
	long before = resident_pages();
	while (add_line(&queue, line, 1024))
		;
	long full = resident_pages();
	ck_assert_int_gt(full - before, 30 * 256);
	ck_assert_uint_eq(export_queue_accept(&queue, export_queue_bytes(&queue)), 32 * 1024);
	ck_assert_int_lt(resident_pages() - before, 3 * 256);
	ck_assert(add_line(&queue, line, 1024));
	ck_assert_uint_eq(queue.lines, 1);
	export_queue_fini(&queue);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("export_queue");
	TCase *tcase = tcase_create("queue");

	tcase_add_test(tcase, lines_count_when_their_last_octet_is_accepted);
	tcase_add_test(tcase, a_torn_line_can_be_sent_again_whole);
	tcase_add_test(tcase, fit_ends_with_a_line);
	tcase_add_test(tcase, memory_goes_back_after_a_backlog);
	tcase_add_loop_test(tcase, any_order_of_operations_keeps_every_octet, 0, 6);
	suite_add_tcase(suite, tcase);
	return suite;
}
