/* SPDX-License-Identifier: BSD-3-Clause */
/* Keys and certificates of the tests' own, as PEM files in a folder of the test's. */
#ifndef EXPORT_CERTIFICATES_H
#define EXPORT_CERTIFICATES_H

#include "export_sample.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#define CERTIFICATE_DAY 86400L

struct certificate {
	EVP_PKEY *key;
	X509 *x509;
};

struct certificate_terms {
	const char *name; /* common name */
	const char *subjects; /* "DNS:a,IP:b"; NULL: none */
	const char *usage; /* "serverAuth"; NULL: any */
	long from_days, to_days; /* from now */
	bool issuer; /* may sign others */
};

static char certificate_folder[64];

static inline const char *certificate_path(const char *name)
{
	static char paths[8][CONFIG_PATH_BYTES];
	static unsigned int next;
	char *path = paths[next++ % BASE_COUNT_OF(paths)];

	snprintf(path, CONFIG_PATH_BYTES, "%s/%s", certificate_folder, name);
	return path;
}

static inline void certificate_extend(X509 *x509, X509V3_CTX *context, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, context, nid, value);

	ck_assert_ptr_nonnull(extension);
	ck_assert_int_eq(X509_add_ext(x509, extension, -1), 1);
	X509_EXTENSION_free(extension);
}

/* Signed by `issuer`; NULL: by itself. */
static inline struct certificate certificate_make(
		const struct certificate_terms *terms, const struct certificate *issuer)
{
	static long serial;
	struct certificate made = {EVP_EC_gen("P-256"), X509_new()};
	const struct certificate *by = issuer ? issuer : &made;
	X509_NAME *name = X509_get_subject_name(made.x509);
	X509V3_CTX context;

	X509_set_version(made.x509, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(made.x509), ++serial);
	X509_gmtime_adj(X509_getm_notBefore(made.x509), terms->from_days * CERTIFICATE_DAY);
	X509_gmtime_adj(X509_getm_notAfter(made.x509), terms->to_days * CERTIFICATE_DAY);
	X509_set_pubkey(made.x509, made.key);
	X509_NAME_add_entry_by_txt(
			name, "CN", MBSTRING_ASC, (const unsigned char *)terms->name, -1, -1, 0);
	X509_set_issuer_name(made.x509, X509_get_subject_name(by->x509));
	X509V3_set_ctx(&context, by->x509, made.x509, NULL, NULL, 0);
	if (terms->issuer)
		certificate_extend(made.x509, &context, NID_basic_constraints, "critical,CA:TRUE");
	if (terms->subjects)
		certificate_extend(made.x509, &context, NID_subject_alt_name, terms->subjects);
	if (terms->usage)
		certificate_extend(made.x509, &context, NID_ext_key_usage, terms->usage);
	ck_assert_int_gt(X509_sign(made.x509, by->key, EVP_sha256()), 0);
	return made;
}

static inline void certificate_free(struct certificate *certificate)
{
	EVP_PKEY_free(certificate->key);
	X509_free(certificate->x509);
}

/* Writes NAME.pem and NAME.key; `passphrase`: NULL is none. */
static inline void certificate_write(
		const struct certificate *certificate, const char *name, const char *passphrase)
{
	char path[CONFIG_PATH_BYTES];

	snprintf(path, sizeof(path), "%s/%s.pem", certificate_folder, name);
	FILE *file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(PEM_write_X509(file, certificate->x509), 1);
	fclose(file);
	snprintf(path, sizeof(path), "%s/%s.key", certificate_folder, name);
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(PEM_write_PrivateKey(file, certificate->key,
					 passphrase ? EVP_aes_128_cbc() : NULL,
					 (const unsigned char *)passphrase,
					 passphrase ? (int)strlen(passphrase) : 0, NULL, NULL),
			1);
	fclose(file);
}

static inline void certificate_put(const char *name, const struct certificate_terms *terms,
		const struct certificate *issuer)
{
	struct certificate made = certificate_make(terms, issuer);

	certificate_write(&made, name, NULL);
	certificate_free(&made);
}

#endif
