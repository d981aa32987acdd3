/* SPDX-License-Identifier: BSD-3-Clause */
#include "ipfix_type.h"

#include "base_cacheline.h"

/* RFC 6313 lists and strings have no length of their own. */
static const struct {
	const char *name;
	uint16_t bytes;
	bool reducible;
} types[IPFIX_TYPE_COUNT] = {
		[IPFIX_OCTETS] = {"octetArray", IPFIX_VARIABLE, true},
		[IPFIX_U8] = {"unsigned8", 1, true},
		[IPFIX_U16] = {"unsigned16", 2, true},
		[IPFIX_U32] = {"unsigned32", 4, true},
		[IPFIX_U64] = {"unsigned64", 8, true},
		[IPFIX_S8] = {"signed8", 1, true},
		[IPFIX_S16] = {"signed16", 2, true},
		[IPFIX_S32] = {"signed32", 4, true},
		[IPFIX_S64] = {"signed64", 8, true},
		[IPFIX_F32] = {"float32", 4, false},
		[IPFIX_F64] = {"float64", 8, false},
		[IPFIX_BOOL] = {"boolean", 1, false},
		[IPFIX_MAC] = {"macAddress", 6, false},
		[IPFIX_STRING] = {"string", IPFIX_VARIABLE, true},
		[IPFIX_SECONDS] = {"dateTimeSeconds", 4, false},
		[IPFIX_MILLISECONDS] = {"dateTimeMilliseconds", 8, false},
		[IPFIX_MICROSECONDS] = {"dateTimeMicroseconds", 8, false},
		[IPFIX_NANOSECONDS] = {"dateTimeNanoseconds", 8, false},
		[IPFIX_IPV4] = {"ipv4Address", 4, false},
		[IPFIX_IPV6] = {"ipv6Address", 16, false},
		[IPFIX_LIST] = {"basicList", IPFIX_VARIABLE, true},
		[IPFIX_SUBLIST] = {"subTemplateList", IPFIX_VARIABLE, true},
		[IPFIX_MULTILIST] = {"subTemplateMultiList", IPFIX_VARIABLE, true},
		[IPFIX_U256] = {"unsigned256", 32, true},
};

const char *ipfix_type_name(enum ipfix_type type)
{
	return (unsigned int)type < IPFIX_TYPE_COUNT ? types[type].name : "unknown";
}

const char *ipfix_semantics_name(enum ipfix_semantics semantics)
{
	static const char *const names[IPFIX_SEM_COUNT] = {"default", "quantity", "totalCounter",
			"deltaCounter", "identifier", "flags", "list", "snmpCounter", "snmpGauge"};

	return (unsigned int)semantics < IPFIX_SEM_COUNT ? names[semantics] : "unknown";
}

const char *ipfix_unit_name(enum ipfix_unit unit)
{
	static const char *const names[IPFIX_UNIT_COUNT] = {"none", "bits", "octets", "packets",
			"flows", "seconds", "milliseconds", "microseconds", "nanoseconds",
			"4-octet words", "messages", "hops", "entries", "frames", "ports",
			"inferred"};

	return (unsigned int)unit < IPFIX_UNIT_COUNT ? names[unit] : "unknown";
}

uint16_t ipfix_type_bytes(enum ipfix_type type)
{
	return (unsigned int)type < IPFIX_TYPE_COUNT ? types[type].bytes : IPFIX_VARIABLE;
}

bool ipfix_type_allows(enum ipfix_type type, uint16_t length)
{
	if ((unsigned int)type >= IPFIX_TYPE_COUNT || types[type].bytes == IPFIX_VARIABLE)
		return true;
	if (length == types[type].bytes)
		return true;
	if (type == IPFIX_F64)
		return length == 4;
	return types[type].reducible && length > 0 && length < types[type].bytes;
}
