/* SPDX-License-Identifier: BSD-3-Clause */
/* The functions behind the table of methods, and what they share. */
#ifndef API_ANSWER_H
#define API_ANSWER_H

#include "api_method.h"
#include "stats_audit.h"

json_t *api_answer_hello(const struct api_call *call);
json_t *api_answer_status(const struct api_call *call);
json_t *api_answer_ports(const struct api_call *call);
json_t *api_answer_workers(const struct api_call *call);
json_t *api_answer_flows(const struct api_call *call);
json_t *api_answer_stats(const struct api_call *call);
json_t *api_answer_drops(const struct api_call *call);
json_t *api_answer_exporters(const struct api_call *call);
json_t *api_answer_export_check(const struct api_call *call);
json_t *api_answer_audit(const struct api_call *call);
json_t *api_answer_trace_start(const struct api_call *call);
json_t *api_answer_trace_read(const struct api_call *call);
json_t *api_answer_trace_stop(const struct api_call *call);
json_t *api_answer_reopen(const struct api_call *call);

extern const struct api_param api_export_check_params[];
extern const struct api_param api_flows_params[];
extern const struct api_param api_trace_start_params[];
extern const struct api_param api_trace_id_params[];

/* How packets are sampled; null when every one is metered. */
json_t *api_sampling_json(const struct config *config);

/* The identities as they are to be judged while packets flow. */
struct api_ledger {
	struct stats_identity identities[STATS_MAX_IDENTITIES];
	size_t count;
	unsigned int readings; /* how many it took */
	bool holds; /* every judged identity has residual 0 */
	size_t unknown; /* identities that cannot be judged */
};

/*
 * Reads and audits, several times in a row while some identity is open: what was on its way between
 * two counters shows as a residual in one reading and not in the next, a loss stays in all. Each
 * identity is given by its best reading. `scan`: with a scan of the tables first. NULL: out of
 * memory; the caller frees it.
 */
struct api_ledger *api_ledger_read(struct api_context *context, bool scan);

#endif
