/* SPDX-License-Identifier: BSD-3-Clause */
#include "export_tls_files.h"

#include "export_tls_error.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of Debian's default: keys of RSA from 2048 bits, no SHA-1. */
#define SECURITY_LEVEL 2

struct loading {
	SSL_CTX *context;
	const struct config_output *config;
	char *cause;
	size_t bytes;
};

#define FAIL(loading, ...) (snprintf((loading)->cause, (loading)->bytes, __VA_ARGS__), -EINVAL)

/* Errors that OpenSSL would call "system lib". */
static int check_readable(const struct loading *loading, const char *key, const char *path)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), error = errno;

	if (fd >= 0) {
		bool regular = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
		close(fd);
		return regular ? 0 : FAIL(loading, "%s %s is no file; name a PEM file", key, path);
	}
	switch (error) {
	case ENOENT:
	case ENOTDIR:
		return FAIL(loading, "%s %s does not exist; check the path", key, path);
	case EACCES:
		return FAIL(loading,
				"%s %s: permission denied for user id %u; change its owner or "
				"mode, or "
				"that of its directory",
				key, path, (unsigned int)geteuid());
	default:
		return FAIL(loading, "%s %s cannot be read: %s", key, path, strerror(error));
	}
}

static int check_dates(const struct loading *loading, const char *key, const char *path,
		const X509 *certificate, const char *cure)
{
	char date[EXPORT_TLS_DATE_BYTES];

	if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0)
		return FAIL(loading, "%s %s expired on %s; %s", key, path,
				export_tls_date(X509_get0_notAfter(certificate), date), cure);
	if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0)
		return FAIL(loading, "%s %s is not valid before %s; check the clock of this host",
				key, path, export_tls_date(X509_get0_notBefore(certificate), date));
	return 0;
}

/* One that is valid is enough: a file may hold old ones beside new ones. */
static int check_issuers(const struct loading *loading)
{
	X509_STORE *store = SSL_CTX_get_cert_store(loading->context);
	STACK_OF(X509_OBJECT) *objects = X509_STORE_get0_objects(store);
	const char *path = loading->config->ca_file;
	int error = FAIL(loading, "ca_file %s holds no certificate", path);

	for (int i = 0; i < sk_X509_OBJECT_num(objects); i++) {
		const X509 *one = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i));
		if (!one)
			continue;
		error = check_dates(loading, "the certificate in ca_file", path, one,
				"set the issuer's new one");
		if (error == 0)
			break;
	}
	return error;
}

static int load_issuers(const struct loading *loading)
{
	const char *path = loading->config->ca_file;

	if (!path[0])
		return SSL_CTX_set_default_verify_paths(loading->context) == 1
				? 0
				: FAIL(loading,
						"the system's certificates cannot be read; set "
						"ca_file");
	int error = check_readable(loading, "ca_file", path);
	if (error < 0)
		return error;
	if (SSL_CTX_load_verify_locations(loading->context, path, NULL) != 1)
		return FAIL(loading,
				"ca_file %s holds no PEM certificate; name the file with the "
				"certificate of who signed the collector's",
				path);
	/* the issuer alone may be given, without the one above it */
	X509_STORE_set_flags(SSL_CTX_get_cert_store(loading->context), X509_V_FLAG_PARTIAL_CHAIN);
	return check_issuers(loading);
}

static int load_certificate(const struct loading *loading)
{
	const char *path = loading->config->certificate;
	int error = check_readable(loading, "certificate", path);

	if (error < 0)
		return error;
	if (SSL_CTX_use_certificate_chain_file(loading->context, path) != 1) {
		unsigned long reason = ERR_peek_error();
		if (ERR_GET_LIB(reason) == ERR_LIB_SSL)
			return FAIL(loading, "certificate %s: %s; make a stronger one", path,
					ERR_reason_error_string(reason));
		return FAIL(loading,
				"certificate %s is no PEM certificate; convert it: openssl x509",
				path);
	}
	return check_dates(loading, "certificate", path, SSL_CTX_get0_certificate(loading->context),
			"renew it");
}

/* Nobody is there to type a passphrase. */
static int note_passphrase(char *out, int bytes, int writing, void *arg)
{
	(void)out, (void)bytes, (void)writing;
	*(bool *)arg = true;
	return -1;
}

static int load_key(const struct loading *loading)
{
	const char *path = loading->config->key;
	bool asked = false;
	int error = check_readable(loading, "key", path);

	if (error < 0)
		return error;
	SSL_CTX_set_default_passwd_cb(loading->context, note_passphrase);
	SSL_CTX_set_default_passwd_cb_userdata(loading->context, &asked);
	int loaded = SSL_CTX_use_PrivateKey_file(loading->context, path, SSL_FILETYPE_PEM);
	SSL_CTX_set_default_passwd_cb_userdata(loading->context, NULL);
	if (loaded == 1)
		return 0;
	if (asked)
		return FAIL(loading,
				"key %s has a passphrase; take it away: openssl pkey -in %s -out "
				"KEY",
				path, path);
	if (ERR_GET_LIB(ERR_peek_last_error()) == ERR_LIB_X509)
		return FAIL(loading, "key %s does not fit certificate %s; name the two of a pair",
				path, loading->config->certificate);
	return FAIL(loading, "key %s is no PEM private key; convert it: openssl pkey", path);
}

static int set_up(const struct loading *loading)
{
	SSL_CTX *context = loading->context;

	if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1)
		return FAIL(loading, "the OpenSSL library offers no TLS 1.2");
	if (SSL_CTX_get_security_level(context) < SECURITY_LEVEL)
		SSL_CTX_set_security_level(context, SECURITY_LEVEL);
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	SSL_CTX_set_mode(context,
			SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	int error = load_issuers(loading);
	if (error == 0 && loading->config->certificate[0])
		error = load_certificate(loading);
	if (error == 0 && loading->config->key[0])
		error = load_key(loading);
	return error;
}

int export_tls_files_load(
		SSL_CTX **context, const struct config_output *config, char *cause, size_t bytes)
{
	struct loading loading = {SSL_CTX_new(TLS_client_method()), config, cause, bytes};
	int error = loading.context ? set_up(&loading) : FAIL(&loading, "not enough memory");

	ERR_clear_error();
	if (error == 0)
		*context = loading.context;
	else
		SSL_CTX_free(loading.context);
	return error;
}
