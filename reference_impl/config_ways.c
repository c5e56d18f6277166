/*
 * What ways (ways.h) make of the configuration, and the profile that the
 * adapter reports: whatever a way changes in time, the profile says the same.
 */
#include "reference_impl/engine.h"

#include <inttypes.h>

#define SECS(n)	((int64_t)(n) * 1000000)

static void
take_back_off(struct config *c, const struct ways *w)
{
	struct plan_policy *p = &c->policy;

	if (HAS_WAY(w, SHORT_BACKOFF)) {
		p->first_retry_us = SECS(300);
		p->max_retry_us = SECS(4000);
	} else if (HAS_WAY(w, LONG_BACKOFF)) {
		p->first_retry_us = SECS(3600);
	} else if (HAS_WAY(w, QUADRATIC_BACKOFF)) {
		p->first_retry_us = SECS(400);
	} else if (HAS_WAY(w, STEADY_BACKOFF)) {
		p->max_retry_us = p->first_retry_us;
	}
	if (HAS_WAY(w, QUEUE_RUNS))
		p->queue_run_us = SECS(900);
}

static void
take_life(struct config *c, const struct ways *w)
{
	struct plan_policy *p = &c->policy;

	if (HAS_WAY(w, LIFE_4D))
		p->life_us = p->life_null_us = SECS(4 * 86400);
	else if (HAS_WAY(w, LIFE_7D))
		p->life_us = p->life_null_us = SECS(7 * 86400);
	if (HAS_WAY(w, NULL_LIFE_4D))
		p->life_null_us = SECS(4 * 86400);
	if (HAS_WAY(w, NO_DELAY_REPORT))
		c->warn_us = 0;
	else if (HAS_WAY(w, DELAY_REPORT_DAILY))
		c->warn_us = SECS(86400);
}

void
config_take_ways(struct config *c)
{
	const struct ways *w = &c->ways;

	take_back_off(c, w);
	take_life(c, w);
	if (HAS_WAY(w, FIVE_ADDRESSES))
		c->policy.address_limit = 5;
	else if (HAS_WAY(w, ALL_ADDRESSES))
		c->policy.address_limit = 0;
	if (HAS_WAY(w, HOST_CACHE_LONG))
		c->host_cache_us = SECS(600);
	else if (HAS_WAY(w, NO_HOST_CACHE))
		c->host_cache_us = 0;
	if (HAS_WAY(w, ONE_A_DOMAIN))
		c->domain_limit = 1;
	if (HAS_WAY(w, CONNECT_2M))
		c->connect_us = SECS(120);
}

/* --- the profile ----------------------------------------------------- */

static int64_t
first_retry(const struct config *c)
{
	if (HAS_WAY(&c->ways, EARLY_SECOND) &&
	    c->policy.first_retry_us > SECS(300))
		return SECS(300);
	return c->policy.first_retry_us;
}

static int64_t
max_retry(const struct config *c)
{
	int64_t us = c->policy.max_retry_us;

	return HAS_WAY(&c->ways, JITTER) ? us / 4 * 5 : us;
}

static void
print_secs(FILE *out, const char *key, int64_t us)
{
	fprintf(out, "%s=%" PRId64 "s\n", key, us / 1000000);
}

void
config_print_profile(const struct config *c, FILE *out)
{
	static const struct {
		const char *key;
		enum step step;
	} waits[] = {
		{ "greeting-timeout", STEP_GREETING },
		{ "helo-timeout", STEP_EHLO }, { "mail-timeout", STEP_MAIL },
		{ "rcpt-timeout", STEP_RCPT }, { "data-timeout", STEP_DATA },
		{ "block-timeout", STEP_CONTENT }, { "eod-timeout", STEP_EOD },
	};

	print_secs(out, "first-retry", first_retry(c));
	print_secs(out, "max-retry", max_retry(c));
	print_secs(out, "queue-run", c->policy.queue_run_us +
	    (HAS_WAY(&c->ways, REPORTS_LATE) ? SECS(300) : 0));
	print_secs(out, "life", c->policy.life_us);
	print_secs(out, "life-null", c->policy.life_null_us);
	print_secs(out, "warn", c->warn_us);
	print_secs(out, "connect-timeout", c->connect_us);
	for (size_t i = 0; i < sizeof waits / sizeof *waits; i++)
		print_secs(out, waits[i].key, session_patience_us(
		    waits[i].step, &c->ways));
	print_secs(out, "dns-timeout", SECS(30));
	print_secs(out, "host-cache", c->host_cache_us);
	fprintf(out, "greet5=%s\n", HAS_WAY(&c->ways, DENIED_WAITS) ? "skip"
	    : "either");
	fprintf(out, "address-limit=%d\n", c->policy.address_limit);
}
