/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Errors of this module: a negative errno for the program and one to three lines for the person.
 *
 * The first line is the cause and carries no "weir:"; each further line starts with two spaces and
 * says what to do, "  cure:     ...". The caller gives the buffer; PORT_ERROR_BYTES is enough.
 */
#ifndef PORT_ERROR_H
#define PORT_ERROR_H

#include <stddef.h>

#define PORT_ERROR_BYTES 768

/*
 * Writes the text (cut to fit) and returns rc, so that a function can end in
 * `return port_error_set(...)`. rc is a negative errno.
 */
int port_error_set(char *error, size_t error_bytes, int rc, const char *format, ...)
		__attribute__((format(printf, 4, 5)));

/*
 * The exit code of sysexits.h for what a function of this module returned: what is configured
 * wrongly is EX_CONFIG, a device that is not there EX_NOINPUT, one that cannot be used now
 * EX_UNAVAILABLE, a missing capability EX_NOPERM, missing memory EX_OSERR, all else EX_SOFTWARE.
 */
int port_error_exit_code(int rc);

#endif
