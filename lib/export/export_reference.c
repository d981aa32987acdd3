/* SPDX-License-Identifier: BSD-3-Clause */
#include "export_reference.h"

#include "export_field.h"

static const char introduction[] =
		"<!-- SPDX-License-Identifier: BSD-3-Clause -->\n"
		"<!-- Made by: weir reference records -->\n"
		"# Flow records\n\n"
		"A record says what a flow did since its last record. `src_ip` is the end that "
		"opened the\n"
		"conversation (the sender of a TCP SYN, else of the first packet seen), and the "
		"fields that\n"
		"begin with `rev_` are the way back. Octets count from the IP header on.\n\n"
		"- **Sum a flow**: counters are deltas, so add the records that have the same "
		"`flow_id`.\n"
		"- **Count flows**: a flow makes several records when it lasts longer than the "
		"active timeout;\n"
		"  count distinct `flow_id`, or records whose `end_reason` is not `active`.\n"
		"- **JSON Lines**: one object a line; a field that does not apply to a flow is "
		"left out.\n"
		"- **CSV**: a header line, then a line a record; a field that does not apply is "
		"empty.\n\n"
		"`end_reason` says why the record was made: `idle` (no packet for the idle "
		"timeout), `active`\n"
		"(the flow goes on), `end` (TCP FIN from both ends, or RST), `forced` (weir "
		"stopped, or the\n"
		"capture file ended), `resources` (its table entry was needed for another flow). "
		"They are\n"
		"flowEndReason 1 to 5 of IPFIX, in this order.\n\n"
		"## Fields\n\n"
		"| field | form | when | meaning |\n"
		"|---|---|---|---|\n";

void export_write_reference(struct base_strbuf *out)
{
	base_strbuf_puts(out, introduction);
	for (unsigned int i = 0; i < export_field_count; i++)
		base_strbuf_printf(out, "| `%s` | %s | %s | %s |\n", export_fields[i].name,
				export_fields[i].form, export_fields[i].present,
				export_fields[i].help);
}
