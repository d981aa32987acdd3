/* SPDX-License-Identifier: BSD-3-Clause */
/* The files of a connection over TLS, read and judged: PEM, as OpenSSL reads it. */
#ifndef EXPORT_TLS_FILES_H
#define EXPORT_TLS_FILES_H

#include "config.h"

#include <openssl/ssl.h>
#include <stddef.h>

/* Holds a cause and its cure, with the NUL. */
#define EXPORT_TLS_CAUSE_BYTES 768

/*
 * A context for connections to the collector of `config`: TLS 1.2 or newer, its certificate checked
 * against ca_file. 0, or -EINVAL with "what is wrong; what to do" in cause[bytes]: also when a
 * certificate has expired. The caller frees *context.
 */
int export_tls_files_load(SSL_CTX **context, const struct config_output *config, char *cause,
		size_t bytes) BASE_MUST_CHECK;

#endif
