/* SPDX-License-Identifier: BSD-3-Clause */
/* What an exporter says of itself: templates, names of interfaces, sampling, what was lost. */
#ifndef EXPORT_ANNOUNCE_H
#define EXPORT_ANNOUNCE_H

#include "export_exporter.h"

/* The one selector: packets are sampled, or all taken, before they are metered. */
#define EXPORT_SELECTOR_ID 1

/* Queues what is due at that time (the session's clock) as messages of `announced`. */
void export_announce(struct export_exporter *exporter, int64_t now_ns);

/*
 * The sampling field of a NetFlow 5 header: mode and interval. Rates that do not fit are refused by
 * the configuration.
 */
uint16_t export_announce_netflow5_sampling(const struct export_context *context);

#endif
