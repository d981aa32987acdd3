/* SPDX-License-Identifier: BSD-3-Clause */
/* What one value alone cannot tell: names twice, values that do not go together. */
#ifndef CONFIG_CHECK_H
#define CONFIG_CHECK_H

#include "config.h"
#include "config_error.h"

/* Adds an error for each; `workers` is where the workers section stands. */
void config_check(const struct config *config, struct config_mark workers,
		struct config_errors *errors);

#endif
