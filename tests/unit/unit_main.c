/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The main() of every unit test: runs the one suite that the test file gives and leaves the report
 * to Check's TAP log, one line a case.
 */
#include "unit_main.h"

#include <stdlib.h>

int main(void)
{
	SRunner *runner = srunner_create(unit_suite());

	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
