/* SPDX-License-Identifier: BSD-3-Clause */
#include "weir_ledger.h"

#include "base_units.h"

#include <stdlib.h>

static void print_identity(const struct stats_identity *identity, FILE *out)
{
	char number[BASE_UNITS_BYTES];

	fprintf(out, "  %s, %s:", identity->subject, identity->unit);
	for (size_t i = 0; i < identity->term_count; i++) {
		const struct stats_term *term = &identity->terms[i];
		/* rows that are 0 say nothing here; the two sides always stand */
		if (i > 0 && term->value == 0 && !term->unknown)
			continue;
		fprintf(out, "%s%s %s",
				i == 0                   ? " "
						: i == 1 ? " = "
							 : " + ",
				term->name,
				term->unknown ? "unknown" : base_units_exact(term->value, number));
	}
	fprintf(out, "; residual %lld\n", (long long)identity->residual);
}

bool weir_ledger_print(const struct control_view *view, FILE *out)
{
	struct stats_identity *identities = calloc(STATS_MAX_IDENTITIES, sizeof(*identities));
	char packets[BASE_UNITS_BYTES], metered[BASE_UNITS_BYTES], rest[BASE_UNITS_BYTES],
			sampled[BASE_UNITS_BYTES], records[BASE_UNITS_BYTES];
	const uint64_t *v = view->snapshot.worker;
	uint64_t sampled_out = v[STATS_decode_drop_sampled_out_packets];

	if (!identities)
		return false;
	size_t count = stats_audit(&view->snapshot, identities, STATS_MAX_IDENTITIES);
	bool holds = stats_audit_holds(identities, count);
	fprintf(out, "  ledger     %s: packets %s = metered %s + not metered %s%s%s; %s records\n",
			holds ? "closes" : "DOES NOT CLOSE",
			base_units_exact(v[STATS_rx_packets], packets),
			base_units_exact(v[STATS_metered_packets], metered),
			base_units_exact(v[STATS_rx_packets] - v[STATS_metered_packets]
							- sampled_out,
					rest),
			sampled_out ? " + sampled out " : "",
			sampled_out ? base_units_exact(sampled_out, sampled) : "",
			base_units_exact(view->snapshot.control[STATS_records_taken], records));
	for (size_t i = 0; i < count; i++) {
		if (identities[i].judged && identities[i].residual != 0)
			print_identity(&identities[i], out);
		if (!identities[i].judged)
			fprintf(out, "             %s: %s\n", identities[i].subject,
					identities[i].note ? identities[i].note
							   : "cannot be judged");
	}
	free(identities);
	return holds;
}
