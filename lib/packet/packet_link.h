/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PACKET_LINK_H
#define PACKET_LINK_H

#include "packet_meta.h"

/*
 * Which link type a capture file's number means: a LINKTYPE_ value of the registry or the DLT_
 * value that libpcap makes of it. PACKET_LINK_UNKNOWN when weir does not read it. Any thread.
 */
enum packet_link packet_link_from_linktype(int linktype);

#endif
