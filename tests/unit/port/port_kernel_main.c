/* SPDX-License-Identifier: BSD-3-Clause */
/* As unit_main.c, for a suite that needs a network namespace: skipped where none can be made. */
#include "../unit_main.h"

#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * Asked by LeakSanitizer, where there is one: the af_xdp driver of DPDK 22.11 counts the references
 * of its memory wrongly and never gives it back.
 */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:xsk_umem__create\n";
}

static bool can_make_a_namespace(void)
{
	int status = 1;
	pid_t child = fork();

	if (child == 0) {
		bool able = geteuid() == 0 && unshare(CLONE_NEWNET) == 0
				&& system("ip link add v0 type veth peer name v1") == 0;
		_exit(able ? 0 : 1);
	}
	return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

int main(void)
{
	if (!can_make_a_namespace()) {
		puts("1..0 # SKIP needs root, network namespaces, veth and ip(8)");
		return EXIT_SUCCESS;
	}
	SRunner *runner = srunner_create(unit_suite());

	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
