/* SPDX-License-Identifier: BSD-3-Clause */
#include "export_pace.h"

void export_pace_init(struct export_pace *pace, uint32_t per_sec)
{
	*pace = (struct export_pace){
			.interval_ns = per_sec ? (BASE_NS_PER_SEC + per_sec - 1) / per_sec : 0};
}

unsigned int export_pace_allow(struct export_pace *pace, int64_t now_ns, unsigned int count)
{
	int64_t slack_ns = EXPORT_PACE_BURST * pace->interval_ns;

	if (pace->interval_ns == 0)
		return count;
	if (slack_ns < EXPORT_PACE_SLACK_NS)
		slack_ns = EXPORT_PACE_SLACK_NS;
	if (pace->due_ns < now_ns - slack_ns)
		pace->due_ns = now_ns - slack_ns;
	if (pace->due_ns > now_ns)
		return 0;
	int64_t due = (now_ns - pace->due_ns) / pace->interval_ns + 1;
	return due < count ? (unsigned int)due : count;
}

void export_pace_took(struct export_pace *pace, unsigned int count)
{
	pace->due_ns += count * pace->interval_ns;
}

int64_t export_pace_wait_ns(const struct export_pace *pace, int64_t now_ns)
{
	return pace->interval_ns == 0 || pace->due_ns <= now_ns ? 0 : pace->due_ns - now_ns;
}
