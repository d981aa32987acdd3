/* SPDX-License-Identifier: BSD-3-Clause */
#include "../unit_main.h"
#include "base_cacheline.h"
#include "weir_bench_figure.h"

#define RUNS 16

static const struct {
	double runs[RUNS];
	double value, noise;
} made[] = {
		{{5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5}, 5, 0},
		{{16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, 5, 1.6},
		/* less than a quarter was disturbed: neither figure nor noise know of it */
		{{4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 99, 99, 99}, 4, 0},
		/* half of them: the figure still does not, the noise does */
		{{8, 4, 8, 4, 8, 4, 8, 4, 8, 4, 8, 4, 8, 4, 8, 4}, 4, 1},
};

START_TEST(the_lower_quartile_and_how_far_the_upper_one_is)
{
	double runs[RUNS];

	for (int i = 0; i < RUNS; i++)
		runs[i] = made[_i].runs[i];
	struct weir_bench_figure figure = weir_bench_figure_make(runs, RUNS);
	ck_assert_double_eq(figure.value, made[_i].value);
	ck_assert_double_eq_tol(figure.noise, made[_i].noise, 1e-9);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("weir_bench_figure");
	TCase *tcase = tcase_create("figure");

	tcase_add_loop_test(tcase, the_lower_quartile_and_how_far_the_upper_one_is, 0,
			BASE_COUNT_OF(made));
	suite_add_tcase(suite, tcase);
	return suite;
}
