/*
 * libFuzzer: any octets as a message that may be a delivery report.  What
 * the header promises of the result must hold of every input.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "harness/dsn/dsn.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile size_t sum;

/* Reads it to the end: the sanitizer sees a string that is none. */
static size_t
touch(const char *s)
{
	return s != NULL ? strlen(s) : 0;
}

static void
check_recipients(const struct dsn *d)
{
	const struct dsn_recipient *r;

	for (size_t i = 0; i < d->recipient_count; i++) {
		r = &d->recipients[i];
		assert(r->address == NULL || *r->address != '\0');
		sum += touch(r->address) + touch(r->original) +
		    touch(r->action) + touch(r->status) +
		    touch(r->remote_mta) + touch(r->diagnostic) +
		    touch(r->diagnostic_type) + touch(r->will_retry_until);
	}
}

static void
check_defects(const struct dsn *d)
{
	size_t must = 0;

	for (size_t i = 0; i < d->defect_count; i++) {
		must += d->defects[i].level == DSN_MUST;
		assert(strncmp(d->defects[i].clause, "R-", 2) == 0);
		assert(touch(d->defects[i].text) > 0);
	}
	assert(must == d->must_count);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dsn d;

	dsn_parse(&d, (const char *)data, size);
	assert(d.is_report || (d.recipient_count == 0 &&
	    d.defect_count == 0 && !d.minimal && d.token == NULL));
	assert(!d.minimal || d.recipient_count > 0);
	assert(d.must_count <= d.defect_count);
	sum += touch(d.token) + touch(d.message_id) +
	    touch(d.reporting_mta) + touch(d.envelope_id) +
	    touch(d.arrival_date) + touch(d.from) + touch(d.to) +
	    touch(d.subject) + touch(d.auto_submitted) + touch(d.type);
	check_recipients(&d);
	check_defects(&d);
	dsn_fini(&d);
	return 0;
}
