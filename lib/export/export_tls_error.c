/* SPDX-License-Identifier: BSD-3-Clause */
#include "export_tls_error.h"

#include "base_cacheline.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define NAME_BYTES 256
/* Names of a certificate that a message has room for. */
#define NAMES_SHOWN 4

char *export_tls_date(const ASN1_TIME *time, char out[EXPORT_TLS_DATE_BYTES])
{
	struct tm parts = {0};

	if (ASN1_TIME_to_tm(time, &parts) != 1
			|| strftime(out, EXPORT_TLS_DATE_BYTES, "%Y-%m-%d %H:%M:%S UTC", &parts)
					== 0)
		snprintf(out, EXPORT_TLS_DATE_BYTES, "an unreadable date");
	return out;
}

/* Octets that a terminal may be shown, whoever chose them. */
static void add_text(char *out, size_t bytes, const char *text, size_t len)
{
	size_t at = strlen(out);

	for (size_t i = 0; i < len && at + 1 < bytes; i++)
		out[at++] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
	out[at] = '\0';
}

static void add_name(char *out, size_t bytes, const GENERAL_NAME *name)
{
	char address[INET6_ADDRSTRLEN];
	const unsigned char *octets = ASN1_STRING_get0_data(name->d.ia5);
	int len = ASN1_STRING_length(name->d.ia5);

	if (name->type == GEN_DNS)
		add_text(out, bytes, (const char *)octets, (size_t)len);
	else if (inet_ntop(len == 4 ? AF_INET : AF_INET6, octets, address, sizeof(address)))
		add_text(out, bytes, address, strlen(address));
}

/* "a.example.net, 192.0.2.1": what a certificate is for. */
static void name_subjects(const X509 *certificate, char *out, size_t bytes)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	int shown = 0;

	out[0] = '\0';
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
		bool address = name->type == GEN_IPADD
				&& (ASN1_STRING_length(name->d.ia5) == 4
						|| ASN1_STRING_length(name->d.ia5) == 16);
		if (name->type != GEN_DNS && !address)
			continue;
		if (shown++ > 0)
			add_text(out, bytes, ", ", 2);
		if (shown > NAMES_SHOWN) {
			add_text(out, bytes, "...", 3);
			break;
		}
		add_name(out, bytes, name);
	}
	GENERAL_NAMES_free(names);
	if (shown == 0)
		add_text(out, bytes, "no name at all", 14);
}

static void name_issuer(const X509 *certificate, char *out, size_t bytes)
{
	char text[NAME_BYTES] = "";

	X509_NAME_get_text_by_NID(
			X509_get_issuer_name(certificate), NID_commonName, text, sizeof(text));
	out[0] = '\0';
	if (text[0] == '\0')
		snprintf(text, sizeof(text), "somebody without a name");
	add_text(out, bytes, text, strlen(text));
}

static void explain_refusal(const struct export_tls_refusal *refusal, char *cause, size_t bytes)
{
	char date[EXPORT_TLS_DATE_BYTES], name[NAME_BYTES];
	const X509 *certificate = refusal->certificate;

	switch (refusal->code) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		snprintf(cause, bytes, "its certificate expired on %s; renew it at the collector",
				export_tls_date(X509_get0_notAfter(certificate), date));
		return;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		snprintf(cause, bytes,
				"its certificate is not valid before %s; check the clocks of both "
				"hosts",
				export_tls_date(X509_get0_notBefore(certificate), date));
		return;
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		name_subjects(certificate, name, sizeof(name));
		snprintf(cause, bytes,
				"its certificate is not for %s but for %s; set collector or "
				"server_name to that, or renew the certificate",
				refusal->expected, name);
		return;
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_CERT_SIGNATURE_FAILURE:
		name_issuer(certificate, name, sizeof(name));
		snprintf(cause, bytes,
				"its certificate was signed by \"%s\", who is not known here; set "
				"ca_file to the certificate of that issuer",
				name);
		return;
	case X509_V_ERR_INVALID_PURPOSE:
		snprintf(cause, bytes,
				"its certificate is not for servers; renew it with the "
				"extended key usage serverAuth");
		return;
	case X509_V_ERR_EE_KEY_TOO_SMALL:
	case X509_V_ERR_CA_KEY_TOO_SMALL:
	case X509_V_ERR_CA_MD_TOO_WEAK:
		snprintf(cause, bytes, "its certificate is too weak (%s); renew it",
				X509_verify_cert_error_string(refusal->code));
		return;
	default:
		snprintf(cause, bytes, "its certificate is refused: %s",
				X509_verify_cert_error_string(refusal->code));
	}
}

static const struct {
	int reason;
	const char *text;
} reasons[] = {
		{SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED,
				"it wants a certificate of weir; set certificate and key"},
		{SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE,
				"it refused the handshake: it may want a certificate of weir (set "
				"certificate and key), or have no cipher in common"},
		{SSL_R_TLSV1_ALERT_UNKNOWN_CA,
				"it does not know who signed weir's certificate; give the "
				"collector that "
				"issuer's certificate"},
		{SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED,
				"it says that weir's certificate has expired; renew it, and check "
				"the "
				"clocks"},
		{SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED,
				"it says that weir's certificate was revoked; set another one"},
		{SSL_R_SSLV3_ALERT_BAD_CERTIFICATE,
				"it refuses weir's certificate, or wants one; check certificate "
				"and key"},
		{SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE,
				"it refuses weir's certificate; renew it with the extended key "
				"usage "
				"clientAuth"},
		{SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN,
				"it refuses weir's certificate; the collector's log should say "
				"why"},
		{SSL_R_TLSV1_ALERT_ACCESS_DENIED,
				"it forbids access with weir's certificate; allow it at the "
				"collector"},
		{SSL_R_TLSV1_ALERT_DECRYPT_ERROR,
				"it cannot verify weir's certificate; check certificate and key"},
		{SSL_R_TLSV1_ALERT_PROTOCOL_VERSION,
				"it speaks no TLS 1.2 or newer; update the collector"},
		{SSL_R_UNSUPPORTED_PROTOCOL, "it speaks no TLS 1.2 or newer; update the collector"},
		{SSL_R_TLSV1_UNRECOGNIZED_NAME,
				"it does not know the name that it was called by; check collector "
				"and "
				"server_name"},
		{SSL_R_WRONG_VERSION_NUMBER,
				"it does not speak TLS on this port; check the port (4740 is "
				"usual), or "
				"set transport: tcp"},
		{SSL_R_HTTP_REQUEST,
				"it does not speak TLS on this port; check the port (4740 is "
				"usual), or "
				"set transport: tcp"},
		{SSL_R_DH_KEY_TOO_SMALL,
				"its key exchange is too weak; update or configure the collector"},
		{SSL_R_NO_SHARED_CIPHER, "it has no cipher in common with this host"},
};

static void explain_reason(unsigned long error, char *cause, size_t bytes)
{
	const char *text = ERR_reason_error_string(error);

	for (size_t i = 0; ERR_GET_LIB(error) == ERR_LIB_SSL && i < BASE_COUNT_OF(reasons); i++) {
		if (reasons[i].reason == ERR_GET_REASON(error)) {
			snprintf(cause, bytes, "%s", reasons[i].text);
			return;
		}
	}
	snprintf(cause, bytes, "TLS failed: %s", text ? text : "unknown error");
}

static bool is_end(int status, unsigned long error, int system_error)
{
	if (status == SSL_ERROR_ZERO_RETURN)
		return true;
	if (ERR_GET_LIB(error) == ERR_LIB_SSL)
		return ERR_GET_REASON(error) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
	return (error == 0 || ERR_GET_LIB(error) == ERR_LIB_SYS)
			&& (system_error == 0 || system_error == ECONNRESET
					|| system_error == EPIPE);
}

void export_tls_explain(const struct export_tls_refusal *refusal, int status, int system_error,
		bool handshake, char *cause, size_t bytes)
{
	unsigned long error = ERR_peek_last_error();

	if (refusal->code != X509_V_OK)
		explain_refusal(refusal, cause, bytes);
	else if (is_end(status, error, system_error))
		snprintf(cause, bytes, "%s",
				handshake ? "it closed the connection in the handshake; check that "
					    "it speaks TLS on this port (4740 is usual)"
					  : "the collector closed the connection");
	else if (error != 0 && ERR_GET_LIB(error) != ERR_LIB_SYS)
		explain_reason(error, cause, bytes);
	else
		snprintf(cause, bytes, "%s", strerror(system_error));
	ERR_clear_error();
}
