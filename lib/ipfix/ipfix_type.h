/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Words of the IPFIX information model: data types, semantics and units by the numbers that RFC
 * 5610 type records carry, enterprise numbers, and the ids that the protocol itself reserves.
 */
#ifndef IPFIX_TYPE_H
#define IPFIX_TYPE_H

#include <stdbool.h>
#include <stdint.h>

#define IPFIX_VERSION 10
#define IPFIX_HEADER_BYTES 16
#define IPFIX_NETFLOW9_HEADER_BYTES 20
#define IPFIX_SET_HEADER_BYTES 4
#define IPFIX_MESSAGE_MAX 65535

/*
 * The smallest message that holds any template record of weir: what a path of 512 octets (RFC 7011,
 * section 10.3.3, when nothing is known of it) leaves behind the IPv6 and UDP headers.
 */
#define IPFIX_MESSAGE_MIN 464

enum ipfix_set_id {
	IPFIX_SET_TEMPLATE = 2,
	IPFIX_SET_OPTIONS_TEMPLATE = 3,
	IPFIX_SET_FIRST_DATA = 256,
};

/* A field length in a template that says: each record carries its own. */
#define IPFIX_VARIABLE 65535
#define IPFIX_ENTERPRISE_BIT 0x8000

#define IPFIX_PEN_IANA UINT32_C(0)
#define IPFIX_PEN_REVERSE UINT32_C(29305) /* RFC 5103 */
/* RFC 5612: for examples and documentation. Who exports in earnest configures a number. */
#define IPFIX_PEN_DOCUMENTATION UINT32_C(32473)

/* informationElementDataType (RFC 5610); U256 came later. */
enum ipfix_type {
	IPFIX_OCTETS,
	IPFIX_U8,
	IPFIX_U16,
	IPFIX_U32,
	IPFIX_U64,
	IPFIX_S8,
	IPFIX_S16,
	IPFIX_S32,
	IPFIX_S64,
	IPFIX_F32,
	IPFIX_F64,
	IPFIX_BOOL, /* 1 true, 2 false */
	IPFIX_MAC,
	IPFIX_STRING, /* UTF-8 */
	IPFIX_SECONDS, /* since 1970, unsigned 32 bits */
	IPFIX_MILLISECONDS, /* since 1970, unsigned 64 bits */
	IPFIX_MICROSECONDS, /* NTP time stamp: seconds since 1900, fraction */
	IPFIX_NANOSECONDS, /* NTP time stamp */
	IPFIX_IPV4,
	IPFIX_IPV6,
	IPFIX_LIST, /* RFC 6313 */
	IPFIX_SUBLIST,
	IPFIX_MULTILIST,
	IPFIX_U256,
	IPFIX_TYPE_COUNT,
};

/* informationElementSemantics */
enum ipfix_semantics {
	IPFIX_SEM_NONE,
	IPFIX_SEM_QUANTITY,
	IPFIX_SEM_TOTAL,
	IPFIX_SEM_DELTA,
	IPFIX_SEM_IDENTIFIER,
	IPFIX_SEM_FLAGS,
	IPFIX_SEM_LISTED,
	IPFIX_SEM_SNMPCOUNTER,
	IPFIX_SEM_SNMPGAUGE,
	IPFIX_SEM_COUNT,
};

/* informationElementUnits */
enum ipfix_unit {
	IPFIX_UNIT_NONE,
	IPFIX_UNIT_BITS,
	IPFIX_UNIT_OCTETS,
	IPFIX_UNIT_PACKETS,
	IPFIX_UNIT_FLOWS,
	IPFIX_UNIT_SECONDS,
	IPFIX_UNIT_MILLISECONDS,
	IPFIX_UNIT_MICROSECONDS,
	IPFIX_UNIT_NANOSECONDS,
	IPFIX_UNIT_WORDS,
	IPFIX_UNIT_MESSAGES,
	IPFIX_UNIT_HOPS,
	IPFIX_UNIT_ENTRIES,
	IPFIX_UNIT_FRAMES,
	IPFIX_UNIT_PORTS,
	IPFIX_UNIT_INFERRED,
	IPFIX_UNIT_COUNT,
};

/* One information element, of the registry or of weir's own. */
struct ipfix_element {
	uint16_t id;
	const char *name;
	uint8_t type; /* enum ipfix_type */
	uint8_t semantics;
	uint8_t unit;
	bool reversible; /* may stand in the reverse direction of a biflow (RFC 5103, section 6.1)
			  */
};

/* "unsigned64", ... as the registry writes them. NULL is never returned. */
const char *ipfix_type_name(enum ipfix_type type);
const char *ipfix_semantics_name(enum ipfix_semantics semantics);
const char *ipfix_unit_name(enum ipfix_unit unit);

/* Natural length in octets; IPFIX_VARIABLE for strings, octet arrays and lists. */
uint16_t ipfix_type_bytes(enum ipfix_type type);

/*
 * True when a field of that type may have `length` octets in a template (RFC 7011, sections 6.1 and
 * 6.2): the natural length, less for integers, 4 for float64, any for strings and octet arrays.
 */
bool ipfix_type_allows(enum ipfix_type type, uint16_t length);

#endif
