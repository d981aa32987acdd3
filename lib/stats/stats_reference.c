/* SPDX-License-Identifier: BSD-3-Clause */
#include "stats_reference.h"

#include "stats_table.h"

#include <stddef.h>

static const char introduction[] =
		"<!-- SPDX-License-Identifier: BSD-3-Clause -->\n"
		"<!-- Written from the tables in lib/stats/stats_table.h; a unit test "
		"compares. -->\n"
		"# Counters\n"
		"\n"
		"Every number that weir keeps about itself. A *counter* only grows, from the "
		"start of the process, and is never reset; a *gauge* says how it is now. "
		"`weirctl stats` shows them by these names.\n"
		"\n"
		"How they must add up is in [the last section](#identities); `weirctl audit` "
		"checks it.\n";

static const char identities[] =
		"\n"
		"## Identities\n"
		"\n"
		"Every packet and every record is in exactly one place. Each line has a left "
		"side, the terms that must add up to it, and a residual, left minus right, "
		"that is 0 when it holds. While packets flow, those on their way between two "
		"counters can show for a moment as a small positive residual; a loss stays.\n"
		"\n"
		"| subject | unit | left | = right |\n"
		"|---|---|---|---|\n"
		"| each port | packets | offered | received + missed + errors; *unknown* when "
		"the driver cannot report drops |\n"
		"| each port | packets | received | polled by the workers |\n"
		"| workers | packets | `rx_packets` | `metered_packets` + every "
		"`decode_drop_<reason>_packets` |\n"
		"| workers | octets | `rx_octets` | `metered_wire_octets` + every "
		"`decode_drop_<reason>_octets` |\n"
		"| flows | flows | `flows_created` | live + every `flows_ended_<reason>` |\n"
		"| packets | packets | `metered_packets` | `records_packets` + in live flows "
		"|\n"
		"| octets | octets | `metered_octets` | `records_octets` + in live flows |\n"
		"| rings | records | made: every `records_<reason>` | `records_taken` + "
		"waiting + `ring_drop_full` |\n"
		"| rings | packets | `records_packets` | `records_taken_packets` + waiting + "
		"`ring_drop_full_packets` |\n"
		"| rings | octets | `records_octets` | `records_taken_octets` + waiting + "
		"`ring_drop_full_octets` |\n"
		"| each output | records | `records_taken` | `output_offered` + `output_filtered` "
		"+ "
		"`output_elsewhere` |\n"
		"| each output | records | `output_offered` | `output_sent` + `output_queued` "
		"+ every `output_lost_<reason>` |\n"
		"\n"
		"What is *in live flows* comes from a scan of the flow tables when the audit "
		"asks for one and no packet came in meanwhile, else from the gauges of the "
		"workers. What records that *wait* in a ring hold is known when they are "
		"taken; while any waits, it is inferred from what is left, and those two lines "
		"only tell that no more was taken than made.\n";

static void write_table(struct base_strbuf *out, const char *title, const char *about,
		const struct stats_row *rows, size_t count)
{
	base_strbuf_printf(out, "\n## %s\n\n%s\n\n", title, about);
	base_strbuf_puts(out, "| name | unit | kind | what it counts |\n|---|---|---|---|\n");
	for (size_t i = 0; i < count; i++)
		base_strbuf_printf(out, "| `%s` | %s | %s | %s |\n", rows[i].name, rows[i].unit,
				rows[i].kind == STATS_COUNTER ? "counter" : "gauge", rows[i].help);
}

void stats_write_reference(struct base_strbuf *out)
{
	base_strbuf_puts(out, introduction);
	write_table(out, "Ports", "Read from the driver of each port.", stats_port_rows,
			STATS_PORT_COUNT);
	write_table(out, "Workers",
			"Written by each worker once a burst; every set is consistent in itself.",
			stats_worker_rows, STATS_WORKER_COUNT);
	write_table(out, "Control", "Written by the control thread.", stats_control_rows,
			STATS_CONTROL_COUNT);
	write_table(out, "Outputs", "Written by the control thread, one set an output.",
			stats_output_rows, STATS_OUTPUT_COUNT);
	base_strbuf_puts(out, identities);
}
