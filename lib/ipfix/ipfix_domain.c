/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a check follows of each observation domain from message to message: sequence numbers, export
 * times, how often templates come, and data that waits for its template.
 */
#include "base_clock.h"
#include "ipfix_judge.h"

/* RFC 7011, section 10.3.3: 1500 octets less IPv6 and UDP headers. */
#define DATAGRAM_BYTES 1452
/* The default of RFC 6728 between two announcements; after three, a collector forgets. */
#define REFRESH_SEC 600
#define TEMPLATE_AGE_SEC (3 * REFRESH_SEC)
/* Clocks of different hosts are not the same. */
#define SKEW_NS (60 * BASE_NS_PER_SEC)
/* So many messages show what their numbers count. */
#define STEPS_ENOUGH 4

static struct ipfix_domain *find_domain(
		struct ipfix_check *check, uint32_t domain, uint16_t version)
{
	for (unsigned int i = 0; i < check->domain_count; i++) {
		if (check->domains[i].seen.domain == domain
				&& check->domains[i].seen.version == version)
			return &check->domains[i];
	}
	return NULL;
}

static struct ipfix_domain *add_domain(struct ipfix_check *check, const struct ipfix_head *head)
{
	struct ipfix_domain *domain = find_domain(check, head->domain, head->version);

	if (domain)
		return domain;
	if (check->domain_count == IPFIX_CHECK_DOMAINS_MAX) {
		ipfix_check_find(check, 0, 12, "domain %u is one too many to follow", head->domain);
		return NULL;
	}
	domain = &check->domains[check->domain_count++];
	*domain = (struct ipfix_domain){.began = !check->joined
					&& (check->carrier != IPFIX_CARRIER_DATAGRAMS
							|| head->sequence == 0)};
	domain->seen.domain = head->domain;
	domain->seen.version = head->version;
	domain->seen.first_export_sec = head->export_sec;
	domain->seen.last_export_sec = head->export_sec;
	return domain;
}

static void note_clock(struct ipfix_check_domain *seen, const struct ipfix_head *head)
{
	int64_t behind_ns = head->received_ns - (int64_t)head->export_sec * BASE_NS_PER_SEC;

	if (head->received_ns == 0)
		return;
	if (!seen->timed || behind_ns < seen->behind_min_ns)
		seen->behind_min_ns = behind_ns;
	if (!seen->timed || behind_ns > seen->behind_max_ns)
		seen->behind_max_ns = behind_ns;
	seen->timed = true;
}

void ipfix_domain_head(void *context, const struct ipfix_head *head)
{
	struct ipfix_check *check = context;
	struct ipfix_domain *domain = add_domain(check, head);

	check->domain = domain;
	if (check->carrier == IPFIX_CARRIER_DATAGRAMS && head->length > DATAGRAM_BYTES)
		ipfix_check_find(check, 504, 2, "a datagram of %u octets", head->length);
	if (!domain)
		return;
	domain->seen.messages++;
	domain->seen.octets += head->length;
	if (head->length > domain->seen.longest)
		domain->seen.longest = head->length;
	note_clock(&domain->seen, head);
}

static const char *name_unit(uint16_t version)
{
	return version == IPFIX_VERSION_NETFLOW9   ? "messages"
			: version == IPFIX_VERSION ? "records"
						   : "flows";
}

static void judge_sequence(struct ipfix_check *check, struct ipfix_domain *domain,
		const struct ipfix_head *head, uint32_t count)
{
	bool datagrams = check->carrier == IPFIX_CARRIER_DATAGRAMS;
	uint32_t expected = domain->sequence.expected, distance;

	switch (ipfix_sequence_take(
			&domain->sequence, head->sequence, count, datagrams, &distance)) {
	case IPFIX_STEP_GAP:
		ipfix_check_find(check, 104, 8,
				"domain %u: sequence number %u, expected %u: %u %s %s",
				head->domain, head->sequence, expected, distance,
				name_unit(head->version),
				datagrams ? "lost on the way, or not counted" : "are missing");
		break;
	case IPFIX_STEP_BACK:
		ipfix_check_find(check, 104, 8,
				"domain %u: sequence number %u, expected %u: it went back by %u",
				head->domain, head->sequence, expected, distance);
		break;
	case IPFIX_STEP_RESTART:
		ipfix_check_find(check, 105, 8,
				"domain %u: sequence numbers began anew at %u, where %u was "
				"expected",
				head->domain, head->sequence, expected);
		break;
	case IPFIX_STEP_LATE:
		ipfix_check_find(check, 508, 8, "domain %u: a message came late, by %u %s",
				head->domain, distance, name_unit(head->version));
		break;
	case IPFIX_STEP_AGAIN:
		ipfix_check_find(check, 508, 8, "domain %u: a message came again, %u %s later",
				head->domain, distance, name_unit(head->version));
		break;
	case IPFIX_STEP_FIRST:
	case IPFIX_STEP_IN_ORDER:
		break;
	}
}

/* Of a message that is no older than the one before. */
static void judge_export_time(struct ipfix_check *check, struct ipfix_domain *domain,
		const struct ipfix_head *head, bool newest)
{
	uint32_t last_sec = domain->seen.last_export_sec;

	if ((int32_t)(head->export_sec - last_sec) >= 0)
		domain->seen.last_export_sec = head->export_sec;
	else if (newest) {
		ipfix_check_find(check, 103, 4, "domain %u: export time went back by %u s",
				head->domain, last_sec - head->export_sec);
		domain->seen.last_export_sec = head->export_sec;
	}
}

/* What would the number of this message be, were something else counted? */
static void note_counting(struct ipfix_domain *domain, const struct ipfix_head *head)
{
	uint32_t step = head->sequence - domain->last;

	if (!domain->stepped || head->version != IPFIX_VERSION)
		return;
	if (domain->last_records == 1 && domain->last_templates == 0)
		return; /* they are all the same then */
	domain->steps++;
	domain->as_messages += step == 1;
	domain->as_templates += domain->last_templates > 0
			&& step == domain->last_records + domain->last_templates;
}

static void take_tally(struct ipfix_check *check, const struct ipfix_head *head,
		const struct ipfix_tally *tally)
{
	struct ipfix_check_totals *totals = &check->totals;

	totals->records += tally->records;
	totals->template_records += tally->template_records;
	totals->unknown_sets += tally->unknown_sets;
	if (head->version == IPFIX_VERSION_NETFLOW9 && tally->unknown_sets == 0 && tally->whole
			&& head->count != tally->records + tally->template_records)
		ipfix_check_find(check, 905, 2, "a count of %u, the message holds %u records",
				head->count, tally->records + tally->template_records);
}

void ipfix_domain_end(void *context, const struct ipfix_head *head, const struct ipfix_tally *tally)
{
	struct ipfix_check *check = context;
	struct ipfix_domain *domain = check->domain;
	bool v9 = head->version == IPFIX_VERSION_NETFLOW9;
	/* else records were there that could not be counted: the next message tells where it is */
	bool counted = v9 || (tally->unknown_sets == 0 && tally->whole);

	take_tally(check, head, tally);
	if (!domain)
		return;
	domain->seen.records += tally->records;
	domain->seen.template_records += tally->template_records;
	domain->seen.unknown_sets += tally->unknown_sets;
	uint64_t missing = domain->sequence.missing;
	uint64_t behind = domain->sequence.late + domain->sequence.again;
	judge_sequence(check, domain, head, v9 ? 1 : tally->records);
	judge_export_time(check, domain, head,
			behind == domain->sequence.late + domain->sequence.again);
	check->totals.missing += domain->sequence.missing - missing;
	note_counting(domain, head);
	domain->stepped = counted;
	domain->last = head->sequence;
	domain->last_records = tally->records;
	domain->last_templates = tally->template_records;
	if (!counted)
		ipfix_sequence_forget(&domain->sequence);
}

void ipfix_domain_announced(struct ipfix_check *check, const struct ipfix_known *known,
		const struct ipfix_known *before)
{
	struct ipfix_domain *domain = check->domain;
	int64_t interval = before ? known->export_sec - before->export_sec : 0;

	if (!domain)
		return;
	if (interval > 0 && interval <= UINT32_MAX) {
		uint32_t sec = (uint32_t)interval;
		if (domain->seen.refresh_min_sec == 0 || sec < domain->seen.refresh_min_sec)
			domain->seen.refresh_min_sec = sec;
		if (sec > domain->seen.refresh_max_sec)
			domain->seen.refresh_max_sec = sec;
	}
	for (unsigned int i = 0; i < check->waiting_count; i++) {
		struct ipfix_waiting *waiting = &check->waiting[i];
		if (waiting->id == known->id && waiting->domain == known->domain
				&& waiting->version == domain->seen.version) {
			domain->seen.waited_sets += waiting->sets;
			*waiting = check->waiting[--check->waiting_count];
			return;
		}
	}
}

void ipfix_domain_unknown(
		void *context, const struct ipfix_head *head, uint16_t id, uint32_t offset)
{
	struct ipfix_check *check = context;
	unsigned int i = 0;

	if (!check->domain || check->domain->began) {
		ipfix_check_find(check, 302, offset, "data of template %u, which was not announced",
				id);
		return;
	}
	while (i < check->waiting_count
			&& (check->waiting[i].id != id || check->waiting[i].domain != head->domain
					|| check->waiting[i].version != head->version))
		i++;
	if (i == IPFIX_CHECK_WAITING_MAX) {
		ipfix_check_find(check, 0, offset, "data of template %u, one too many to wait for",
				id);
		return;
	}
	if (i == check->waiting_count) {
		check->waiting[check->waiting_count++] = (struct ipfix_waiting){
				.domain = head->domain,
				.version = head->version,
				.id = id,
				.export_sec = head->export_sec,
				.spot = check->spot,
		};
		check->waiting[i].spot.offset = offset;
	}
	check->waiting[i].sets++;
}

/* How long it was waited for says whose fault it is. */
static void judge_waiting(struct ipfix_check *check, const struct ipfix_waiting *waiting)
{
	const struct ipfix_domain *domain = find_domain(check, waiting->domain, waiting->version);
	uint32_t waited_sec = domain ? domain->seen.last_export_sec - waiting->export_sec : 0;
	uint16_t rule = waited_sec >= TEMPLATE_AGE_SEC ? 302 : waited_sec >= REFRESH_SEC ? 301 : 0;

	if (check->carrier != IPFIX_CARRIER_DATAGRAMS)
		ipfix_check_find_at(check, 0, &waiting->spot,
				"template %u of domain %u was sent before this check began: %llu "
				"sets of its data cannot be read",
				waiting->id, waiting->domain, (unsigned long long)waiting->sets);
	else
		ipfix_check_find_at(check, rule, &waiting->spot,
				"template %u of domain %u did not come in the %u s that were "
				"watched: %llu sets of its data cannot be read",
				waiting->id, waiting->domain, waited_sec,
				(unsigned long long)waiting->sets);
}

static void judge_refresh(void *context, const struct ipfix_known *known)
{
	struct ipfix_check *check = context;
	int64_t newest_sec = known->export_sec;

	for (unsigned int i = 0; i < check->domain_count; i++) {
		const struct ipfix_check_domain *seen = &check->domains[i].seen;
		if (seen->domain == known->domain && seen->last_export_sec > newest_sec)
			newest_sec = seen->last_export_sec;
	}
	if (newest_sec - known->export_sec > TEMPLATE_AGE_SEC)
		ipfix_check_find(check, 301, 0,
				"template %u of domain %u was sent last %lld s before the end",
				known->id, known->domain,
				(long long)(newest_sec - known->export_sec));
}

static void judge_clock(struct ipfix_check *check, const struct ipfix_check_domain *seen)
{
	if (!seen->timed)
		return;
	if (seen->behind_min_ns > SKEW_NS)
		ipfix_check_find(check, 103, 4,
				"domain %u: export times are %lld s behind the clock of who "
				"received them",
				seen->domain, (long long)(seen->behind_min_ns / BASE_NS_PER_SEC));
	else if (seen->behind_max_ns < -SKEW_NS)
		ipfix_check_find(check, 103, 4,
				"domain %u: export times are %lld s ahead of the clock of who "
				"received them",
				seen->domain, (long long)(-seen->behind_max_ns / BASE_NS_PER_SEC));
}

/* A few messages may have been lost on the way. */
static bool is_most(uint64_t part, uint64_t whole)
{
	return whole >= STEPS_ENOUGH && part >= whole - whole / 10;
}

static void judge_counting(struct ipfix_check *check, struct ipfix_domain *domain)
{
	struct ipfix_check_domain *seen = &domain->seen;
	uint64_t wrong = domain->sequence.gaps_seen + domain->sequence.again + domain->sequence.late
			+ domain->sequence.restarts;

	seen->missing = domain->sequence.missing;
	seen->gaps = domain->sequence.gaps_seen;
	seen->late = domain->sequence.late;
	seen->again = domain->sequence.again;
	seen->restarts = domain->sequence.restarts;
	if (is_most(domain->as_messages, domain->steps))
		seen->counting = IPFIX_COUNTING_MESSAGES;
	else if (wrong > 0 && domain->as_templates >= STEPS_ENOUGH
			&& is_most(domain->as_templates, wrong))
		seen->counting = IPFIX_COUNTING_TEMPLATES;
	else
		return;
	ipfix_check_find(check, 104, 8, "domain %u: the sequence number counts %s", seen->domain,
			seen->counting == IPFIX_COUNTING_MESSAGES ? "messages, not data records"
								  : "template records, too");
	/* so it says nothing of what is missing */
	check->totals.missing -= seen->missing;
	seen->missing = seen->gaps = seen->late = seen->again = seen->restarts = 0;
}

/* Who did not see the start, nor a refresh interval, cannot say that something is never sent. */
static void judge_length(struct ipfix_check *check)
{
	uint32_t longest_sec = 0;

	for (unsigned int i = 0; i < check->domain_count; i++) {
		const struct ipfix_domain *domain = &check->domains[i];
		uint32_t sec = domain->seen.last_export_sec - domain->seen.first_export_sec;
		if (sec < INT32_MAX && sec > longest_sec)
			longest_sec = sec;
		check->fair |= domain->began;
	}
	check->fair |= longest_sec >= REFRESH_SEC;
	if (!check->fair && check->domain_count > 0)
		ipfix_check_find(check, 0, 0,
				"watched for %u s, not from the start: what is sent every %u s was "
				"perhaps not seen, and is not missed",
				longest_sec, REFRESH_SEC);
}

void ipfix_domain_finish(struct ipfix_check *check)
{
	judge_length(check);
	for (unsigned int i = 0; i < check->domain_count; i++) {
		judge_counting(check, &check->domains[i]);
		judge_clock(check, &check->domains[i].seen);
	}
	for (unsigned int i = 0; i < check->waiting_count; i++)
		judge_waiting(check, &check->waiting[i]);
	if (check->carrier == IPFIX_CARRIER_DATAGRAMS)
		ipfix_check_templates(check, judge_refresh, check);
}
