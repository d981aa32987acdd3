/* SPDX-License-Identifier: BSD-3-Clause */
/* Why a connection over TLS came to nothing, in words: which check failed, and what to do. */
#ifndef EXPORT_TLS_ERROR_H
#define EXPORT_TLS_ERROR_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

/* "2026-01-02 03:04:05 UTC" with its NUL. */
#define EXPORT_TLS_DATE_BYTES 24

/* Returns `out`. */
char *export_tls_date(const ASN1_TIME *time, char out[EXPORT_TLS_DATE_BYTES]);

/* A certificate that was refused here. */
struct export_tls_refusal {
	int code; /* X509_V_ERR_...; X509_V_OK: none was */
	X509 *certificate; /* the one that the code is about; owned */
	const char *expected; /* name or address that the collector should have */
};

/*
 * Writes "cause; cure" of the error in OpenSSL's queue, after `status` (SSL_ERROR_SSL,
 * SSL_ERROR_SYSCALL or SSL_ERROR_ZERO_RETURN), and empties the queue. handshake: it was not
 * finished.
 */
void export_tls_explain(const struct export_tls_refusal *refusal, int status, int system_error,
		bool handshake, char *cause, size_t bytes);

#endif
