/* SPDX-License-Identifier: BSD-3-Clause */
/* Signals as events of the main loop. SIGTERM and SIGINT stop, SIGHUP reopens; a second stop kills.
 */
#ifndef WEIR_SIGNALS_H
#define WEIR_SIGNALS_H

#include <stdint.h>

enum weir_signal { WEIR_SIGNAL_NONE, WEIR_SIGNAL_STOP, WEIR_SIGNAL_REOPEN };

/* Blocks the signals for all threads to come, and ignores SIGPIPE. Before any thread. */
void weir_signals_block(void);
/* Waits for a signal, at most `wait_ns`. After a stop the next one ends the process at once. */
enum weir_signal weir_signals_wait(int64_t wait_ns);

#endif
