/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The kinds of tunnel that weir opens. One row each: X(NAME, name in the configuration and in
 * records, what its id is called). From this table come decode's kinds, the keys of the
 * configuration and the reference pages.
 */
#ifndef BASE_TUNNEL_H
#define BASE_TUNNEL_H

#define BASE_TUNNELS(X)                       \
	X(GRE, "gre", "key")                  \
	X(NVGRE, "nvgre", "virtual subnet")   \
	X(ERSPAN, "erspan", "session")        \
	X(PPTP, "pptp", "call")               \
	X(4IN4, "4in4", "none")               \
	X(6IN4, "6in4", "none")               \
	X(4IN6, "4in6", "none")               \
	X(6IN6, "6in6", "none")               \
	X(VXLAN, "vxlan", "VNI")              \
	X(VXLAN_GPE, "vxlan_gpe", "VNI")      \
	X(GENEVE, "geneve", "VNI")            \
	X(GTPU, "gtpu", "TEID")               \
	X(TEREDO, "teredo", "none")           \
	X(L2TP, "l2tp", "tunnel and session") \
	X(L2TPV3, "l2tpv3", "session")        \
	X(ETHERIP, "etherip", "none")         \
	X(NSH, "nsh", "service path")         \
	X(MPLS, "mpls", "innermost label")    \
	X(PSEUDOWIRE, "pseudowire", "innermost label")

#endif
