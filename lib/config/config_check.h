/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What no single key can tell: keys that must agree, things that must differ, and the names that
 * follow from other keys.
 */
#ifndef CONFIG_CHECK_H
#define CONFIG_CHECK_H

#include "config_walk.h"

/* Completes `config` after the walk and adds an error for each disagreement. */
void config_check(struct config *config, const struct config_places *places,
		struct config_errors *errors);

/* Receive descriptors from which on AF_XDP's imissed is exact. */
#define CONFIG_AF_XDP_DESCRIPTORS_MIN 2048

#endif
