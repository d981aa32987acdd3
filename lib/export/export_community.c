/* SPDX-License-Identifier: BSD-3-Clause */
#include "export_community.h"

#include "export_record.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SHA1_BYTES 20
/* seed, two IPv6 addresses, protocol and padding, two ports */
#define INPUT_BYTES (2 + 32 + 2 + 4)

struct export_community {
	EVP_MD *sha1;
	EVP_MD_CTX *context;
};

int export_community_create(struct export_community **out)
{
	struct export_community *community = calloc(1, sizeof(*community));

	if (!community)
		return -ENOMEM;
	community->sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
	community->context = EVP_MD_CTX_new();
	if (!community->sha1 || !community->context) {
		int error = community->sha1 ? -ENOMEM : -ENOSYS;
		export_community_destroy(community);
		return error;
	}
	*out = community;
	return 0;
}

void export_community_destroy(struct export_community *community)
{
	if (!community)
		return;
	EVP_MD_CTX_free(community->context);
	EVP_MD_free(community->sha1);
	free(community);
}

/* Types that come in pairs of question and answer. */
struct icmp_pair {
	uint8_t question;
	uint8_t answer;
};

static const struct icmp_pair icmp4_pairs[] = {
		{8, 0}, /* echo */
		{10, 9}, /* router solicitation, advertisement */
		{13, 14}, /* timestamp */
		{15, 16}, /* information */
		{17, 18}, /* address mask */
};

static const struct icmp_pair icmp6_pairs[] = {
		{128, 129}, /* echo */
		{130, 131}, /* multicast listener query, report */
		{133, 134}, /* router solicitation, advertisement */
		{135, 136}, /* neighbour solicitation, advertisement */
		{139, 140}, /* node information */
		{144, 145}, /* home agent address discovery */
};

/* The type that answers `type`, or is answered by it; -1 when there is none. */
static int find_counterpart(const struct icmp_pair *pairs, size_t count, uint8_t type)
{
	for (size_t i = 0; i < count; i++) {
		if (pairs[i].question == type)
			return pairs[i].answer;
		if (pairs[i].answer == type)
			return pairs[i].question;
	}
	return -1;
}

/* What stands in the place of ports. */
struct endpoints {
	uint16_t source_port;
	uint16_t destination_port;
	bool ports;
	bool one_way; /* the direction is part of the id */
};

static struct endpoints get_endpoints(const struct flow_record *record)
{
	struct endpoints ends = {record->source_port, record->destination_port, true, false};

	if (export_record_is_icmp(record)) {
		int other = record->protocol == EXPORT_PROTOCOL_ICMP
				? find_counterpart(icmp4_pairs, BASE_COUNT_OF(icmp4_pairs),
						record->icmp_type)
				: find_counterpart(icmp6_pairs, BASE_COUNT_OF(icmp6_pairs),
						record->icmp_type);
		ends.source_port = record->icmp_type;
		ends.destination_port = other >= 0 ? (uint16_t)other : record->icmp_code;
		ends.one_way = other < 0;
	} else if (record->protocol != EXPORT_PROTOCOL_TCP
			&& record->protocol != EXPORT_PROTOCOL_UDP
			&& record->protocol != EXPORT_PROTOCOL_SCTP) {
		ends.ports = false;
	}
	return ends;
}

static size_t fill_input(
		uint8_t *input, const struct flow_record *record, const struct endpoints *ends)
{
	size_t len = record->ip_version == 4 ? 4 : 16;
	int order = memcmp(&record->source, &record->destination, len);
	bool swap = !ends->one_way
			&& (order > 0
					|| (order == 0
							&& ends->source_port
									> ends->destination_port));
	uint16_t first = swap ? ends->destination_port : ends->source_port;
	uint16_t second = swap ? ends->source_port : ends->destination_port;
	uint8_t *at = input;

	*at++ = 0; /* seed */
	*at++ = 0;
	memcpy(at, swap ? &record->destination : &record->source, len);
	memcpy(at + len, swap ? &record->source : &record->destination, len);
	at += 2 * len;
	*at++ = record->protocol;
	*at++ = 0; /* padding */
	if (ends->ports) {
		*at++ = (uint8_t)(first >> 8);
		*at++ = (uint8_t)first;
		*at++ = (uint8_t)(second >> 8);
		*at++ = (uint8_t)second;
	}
	return (size_t)(at - input);
}

/* RFC 4648; `count` is 20, so that one "=" of padding ends it. */
static char *put_base64(char *out, const uint8_t digest[SHA1_BYTES])
{
	static const char alphabet[64] =
			"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (unsigned int i = 0; i < 18; i += 3) {
		uint32_t three = (uint32_t)digest[i] << 16 | (uint32_t)digest[i + 1] << 8
				| digest[i + 2];
		*out++ = alphabet[three >> 18];
		*out++ = alphabet[three >> 12 & 63];
		*out++ = alphabet[three >> 6 & 63];
		*out++ = alphabet[three & 63];
	}
	uint32_t last = (uint32_t)digest[18] << 16 | (uint32_t)digest[19] << 8;
	*out++ = alphabet[last >> 18];
	*out++ = alphabet[last >> 12 & 63];
	*out++ = alphabet[last >> 6 & 63];
	*out++ = '=';
	return out;
}

char *export_community_write(
		struct export_community *community, char *out, const struct flow_record *record)
{
	uint8_t input[INPUT_BYTES], digest[SHA1_BYTES];

	if (export_record_lacks_transport(record))
		return NULL;
	struct endpoints ends = get_endpoints(record);
	size_t len = fill_input(input, record, &ends);

	if (EVP_DigestInit_ex2(community->context, community->sha1, NULL) != 1
			|| EVP_DigestUpdate(community->context, input, len) != 1
			|| EVP_DigestFinal_ex(community->context, digest, NULL) != 1)
		return NULL;
	*out++ = '1';
	*out++ = ':';
	return put_base64(out, digest);
}
