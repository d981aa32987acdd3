/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet_decode.h"

static const struct {
	const char *name;
	const char *help;
} verdicts[] = {
#define VERDICT_ROW(name, help) [PACKET_##name] = {#name, help},
		BASE_REASONS(VERDICT_ROW)
#undef VERDICT_ROW
				[PACKET_METERED] = {"metered", "counted in a flow"},
};

const char *packet_verdict_name(enum packet_verdict verdict)
{
	return verdict <= PACKET_METERED ? verdicts[verdict].name : "unknown";
}

const char *packet_verdict_help(enum packet_verdict verdict)
{
	return verdict <= PACKET_METERED ? verdicts[verdict].help : "not a verdict";
}
