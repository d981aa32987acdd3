/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef UNIT_MAIN_H
#define UNIT_MAIN_H

#include <check.h>

/* Each test file defines this one; the suite's name is the pair that it tests. */
Suite *unit_suite(void);

#endif
