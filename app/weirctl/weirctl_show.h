/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Answers as people read them. Each function appends the text of one answer; a member that an older
 * weir does not send reads "unknown" or is left out. Pure text: no terminal, no socket.
 */
#ifndef WEIRCTL_SHOW_H
#define WEIRCTL_SHOW_H

#include "weirctl_style.h"

struct weirctl_view {
	struct weirctl_style style;
	const json_t *result;
	const json_t *before; /* stats: the answer before, to tell rates by; NULL none */
	const char *const *words; /* stats: show counters whose name has one of these */
	unsigned int word_count;
};

void weirctl_show_status(struct base_strbuf *out, const struct weirctl_view *view);
void weirctl_show_ports(struct base_strbuf *out, const struct weirctl_view *view);
void weirctl_show_workers(struct base_strbuf *out, const struct weirctl_view *view);
void weirctl_show_flows(struct base_strbuf *out, const struct weirctl_view *view);
void weirctl_show_stats(struct base_strbuf *out, const struct weirctl_view *view);
void weirctl_show_drops(struct base_strbuf *out, const struct weirctl_view *view);
void weirctl_show_exporters(struct base_strbuf *out, const struct weirctl_view *view);
void weirctl_show_export_check(struct base_strbuf *out, const struct weirctl_view *view);
void weirctl_show_audit(struct base_strbuf *out, const struct weirctl_view *view);
void weirctl_show_reopen(struct base_strbuf *out, const struct weirctl_view *view);
/* A line that says how packets were sampled, after `head`; nothing when every one was metered. */
void weirctl_put_sampling(struct base_strbuf *out, const json_t *result, const char *head);
/* Any answer: indented JSON. */
void weirctl_show_json(struct base_strbuf *out, const struct weirctl_view *view);

/*
 * Takes from `again`, a later audit of the same weir, each identity that closes better than in
 * `audit`, which then says whether it holds. What packets on their way explain does not stay open.
 */
void weirctl_audit_merge(json_t *audit, const json_t *again);

#endif
