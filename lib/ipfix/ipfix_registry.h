/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The information elements that IANA has registered ("IP Flow Information Export (IPFIX)
 * Entities"): what exporters of any make send under enterprise number 0. Ids that are missing are
 * those that the registry keeps for NetFlow version 9 without a type.
 */
#ifndef IPFIX_REGISTRY_H
#define IPFIX_REGISTRY_H

#include "ipfix_type.h"

extern const struct ipfix_element ipfix_registry[]; /* by id, rising */
extern const unsigned int ipfix_registry_count;

/* NULL when there is none with that id. */
const struct ipfix_element *ipfix_registry_find(uint16_t id);
/* NULL when no element has that name. */
const struct ipfix_element *ipfix_registry_find_name(const char *name);

#endif
