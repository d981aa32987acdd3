/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Software RSS: which worker gets a packet.
 */
#ifndef SOURCE_SPREAD_H
#define SOURCE_SPREAD_H

#include "source.h"

#include <stdint.h>

/*
 * The worker, below `workers`, for a packet. It depends on nothing but the two addresses of its
 * first IP header, the same for both directions: every packet of a flow meets its others in one
 * worker, fragments (which have no ports) and what a tunnel carries (whose flows are told apart by
 * the tunnel's two ends) included. What is not metered goes to worker 0. Any thread.
 */
uint32_t source_spread(const struct source_packet *packet, uint32_t workers);

#endif
