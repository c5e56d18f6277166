#include "harness/run/canary.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/diag.h"
#include "harness/base/names.h"

/* The form of a report is a matter of its own: dsn/form-of-the-report. */
static const char by_mx[] =
    "title: canaries, what every MTA must do before it is tested\n"
    "covers: [R-5321-5.1-k, R-3464-3-a, R-5321-4.5.4.1-d]\n"
    "zone: |\n"
    "  fine.test.      MX 10 mx.fine.test.\n"
    "  mx.fine.test.   A  198.18.1.1\n"
    "  never.test.     MX 10 mx.never.test.\n"
    "  mx.never.test.  A  198.18.1.2\n"
    "  later.test.     MX 10 mx.later.test.\n"
    "  mx.later.test.  A  198.18.1.3\n"
    "hosts:\n"
    "  mx.never.test: [{rcpt: 550 5.1.1 no such user}]\n"
    "  mx.later.test: [{rcpt: 451 4.3.0 not now}]\n"
    "messages:\n"
    "  - {name: fine, to: u@fine.test}\n"
    "  - {name: never, to: u@never.test}\n"
    "  - {name: later, to: u@later.test}\n"
    "expect:\n"
    "  - {message: fine, outcome: delivered}\n"
    "  - {message: never, outcome: [bounced, bounced-malformed]}\n"
    "  - {message: later, outcome: deferred}\n"
    "allow: [report-form]\n"
    "horizon: 20s\n";

static const char by_smart[] =
    "title: canaries through a smarthost\n"
    "covers: [R-5321-5.1-k, R-3464-3-a, R-5321-4.5.4.1-d]\n"
    "smarthosts: [smart.test]\n"
    "zone: smart.test. A 198.18.1.1\n"
    "hosts:\n"
    "  smart.test:\n"
    "    - {rcpt: 550 5.1.1 no such user, recipient: u@never.test}\n"
    "    - {rcpt: 451 4.3.0 not now, recipient: u@later.test}\n"
    "messages:\n"
    "  - {name: fine, to: u@fine.test}\n"
    "  - {name: never, to: u@never.test}\n"
    "  - {name: later, to: u@later.test}\n"
    "expect:\n"
    "  - {message: fine, outcome: delivered}\n"
    "  - {message: never, outcome: [bounced, bounced-malformed]}\n"
    "  - {message: later, outcome: deferred}\n"
    "allow: [report-form]\n"
    "horizon: 20s\n";

struct scenario *
canary_scenario(bool by_smarthost)
{
	const char *text = by_smarthost ? by_smart : by_mx;
	struct scenario *sc;
	struct diags diags;

	diags_init(&diags);
	sc = scenario_parse(text, strlen(text), "canary.yaml", &diags);
	if (sc == NULL)
		diags_print(&diags, text, stderr);
	assert(sc != NULL);
	diags_fini(&diags);
	sc->id = CANARY_ID;
	return sc;
}

/* The last word of the listing on a message; NULL: none. */
static const char *
listed(const struct trace *t, const char *key)
{
	const char *state = NULL;

	for (size_t i = 0; i < t->count; i++) {
		const struct event *ev = &t->events[i];

		if (ev->kind == EV_QUEUE && same_text(ev->msg, key) &&
		    ev->from == NULL)
			state = ev->state;
	}
	return state;
}

bool
canary_proves_listing(const struct trace *t)
{
	return same_text(listed(t, "later"), "yes") &&
	    same_text(listed(t, "fine"), "no") &&
	    same_text(listed(t, "never"), "no");
}
