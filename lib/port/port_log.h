/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What DPDK and the libraries below it say. It goes to our log at debug level, and the first error
 * is kept, so that a failure can quote the one line that matters instead of a screen of them.
 */
#ifndef PORT_LOG_H
#define PORT_LOG_H

#include "base_log.h"

#define PORT_LOG_LINE_BYTES 256

/* Takes DPDK's log stream over, before rte_eal_init(). Returns 0 or -errno. */
int port_log_open(void);
/* After rte_eal_cleanup(). */
void port_log_close(void);

/*
 * Between these two, what anybody writes to standard output and standard error is held back, for
 * libraries that know no log, and goes to the log afterwards. Main thread, while no other thread of
 * ours runs; begin also forgets the last cause.
 */
void port_log_capture_begin(void);
void port_log_capture_end(void);

/*
 * Why it failed, in one line without prefix and newline: the first error since
 * port_log_capture_begin() or port_log_forget(), because the first is the cause and the later ones
 * are what follows from it. "" when there was none.
 */
const char *port_log_cause(void);
/* Before another try within one capture. */
void port_log_forget(void);

/* A line of ours while output may be held back: it is logged when it no longer is. Main thread. */
void port_log_say(enum base_log_level level, const char *format, ...)
		__attribute__((format(printf, 2, 3)));

#endif
