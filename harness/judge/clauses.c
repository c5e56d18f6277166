#include "harness/judge/clauses.h"

#include <string.h>
#include <strings.h>

#include "harness/judge/answers.h"
#include "harness/judge/evidence.h"
#include "harness/lab/places.h"

bool
clauses_is_covered(const struct scenario *s, const char *clause)
{
	for (size_t i = 0; i < s->covers_count; i++)
		if (same_text(s->covers[i], clause))
			return true;
	return false;
}

/* The recipient was, or the lookup that led to the host. */
bool
clauses_was_completed(const struct event *misroute, const struct entry *e)
{
	const char *at = misroute->rcpt != NULL ?
	    strrchr(misroute->rcpt, '@') : NULL;
	const size_t n = strlen(e->domain);

	return same_name(misroute->host, LAB_DECOY_NAME) || (at != NULL &&
	    strncasecmp(at + 1, e->domain, n) == 0 && at[1 + n] == '.' &&
	    at[2 + n] != '\0');
}

/* What was owed: an end by the lifetime, or by what had been said. */
static const char *
of_late_bounce(const struct ledger *l, const struct entry *e)
{
	struct proof p;

	if (!evidence_first(l, e, l->end_us, true, &p))
		return "R-5321-4.5.4.1-h";
	return p.perm == P1 || p.perm == P2 ? "R-DF-RET-f" :
	    p.perm == P5 ? "R-5321-5.1-r" : p.perm == P4 ?
	    "R-5321-5.1-h" : "R-5321-5.1-d";
}

#define TOO_MANY_552	"R-5321-4.5.3.1.10-b"

bool
clauses_weighs_itself(const char *clause)
{
	return same_text(clause, TOO_MANY_552);
}

/* REFUSED was taken for an end, where the scenario is about that, too. */
static bool
refused_was_final(const struct ledger *l, const struct entry *e,
    enum verdict v)
{
	const struct asked *q = answers_last(l, e->domain, "MX");

	return v == V_PREMATURE_BOUNCE && q != NULL && same_name(q->ev->rcode,
	    "REFUSED") && clauses_is_covered(l->scenario, "R-9520-2.2-a");
}

/* By itself, whatever the scenario is about. */
static const char *
own_clause(const struct ledger *l, const struct entry *e, enum verdict v)
{
	switch (v) {
	case V_MISROUTED:
		return clauses_was_completed(e->misroute, e) ?
		    "R-5321-2.3.5-a" : "R-5321-5.1-a";
	case V_CORRUPTED:
		return "R-5321-4.5.2-a";
	case V_LOOPING:
		return "R-5321-6.3-a";
	case V_DOUBLE_BOUNCE_LOOP:
		return "R-DF-DB-a";
	case V_BOUNCE_TO_NULL:
		return "R-5321-6.1-d";
	case V_UNWANTED_DSN:
		return "R-3461-5.2.6-a";
	case V_MISADDRESSED_DSN:
		return "R-5321-6.1-b";
	case V_DUPLICATE_DSN:
		return "R-3464-3-b";
	case V_BOUNCED_MALFORMED:
		return e->defect_clause != NULL ? e->defect_clause :
		    "R-3464-2.3.4-a";
	case V_LATE_BOUNCE:
		return of_late_bounce(l, e);
	case V_PREMATURE_BOUNCE:
		return "R-5321-4.5.4.1-h";
	case V_BOUNCED_QUEUED:
		return "R-DF-RET-f";
	case V_STUCK:
		return "R-5321-4.5.4.1-d";
	case V_DELIVERED_TOO_LATE:
		return "R-DF-RET-g";
	case V_SILENT_DROP:
		return "R-5321-3.6.3-b";
	default:
		return NULL;
	}
}

/* Verdicts on a form, which no scenario about a fate has in mind. */
static bool
is_of_form(enum verdict v)
{
	const verdict_set form = VSET(V_MISROUTED) | VSET(V_CORRUPTED) |
	    VSET(V_LOOPING) | VSET(V_DOUBLE_BOUNCE_LOOP) |
	    VSET(V_BOUNCE_TO_NULL) | VSET(V_UNWANTED_DSN) |
	    VSET(V_MISADDRESSED_DSN) | VSET(V_DUPLICATE_DSN) |
	    VSET(V_BOUNCED_MALFORMED) | VSET(V_BOUNCED_QUEUED);

	return (form & VSET(v)) != 0;
}

/* The clause about hosts that the scenario is about, if it is. */
static const char *
of_hosts(const struct scenario *s)
{
	for (size_t i = 0; i < s->covers_count; i++)
		if (strncmp(s->covers[i], "R-5321-5.1-", 11) == 0)
			return s->covers[i];
	return NULL;
}

/* The clause by which mail is to be kept just here, if it is about that. */
static const char *
of_keeping(const struct scenario *s)
{
	static const char *const keeping[] = { "R-5321-6.1-a", "R-DF-GREET-b",
	    "R-DF-SH-a" };

	for (size_t i = 0; i < sizeof keeping / sizeof *keeping; i++)
		if (clauses_is_covered(s, keeping[i]))
			return keeping[i];
	return NULL;
}

const char *
clauses_of_unit(const struct ledger *l, const struct entry *e,
    enum verdict v)
{
	const struct scenario *s = l->scenario;
	const char *own = own_clause(l, e, v);

	if (v == V_MISROUTED && !clauses_was_completed(e->misroute, e) &&
	    of_hosts(s) != NULL)
		return of_hosts(s);
	if (v == V_SILENT_DROP && of_keeping(s) != NULL)
		return of_keeping(s);
	if (refused_was_final(l, e, v))
		return "R-9520-2.2-a";
	if (v == V_PREMATURE_BOUNCE && e->too_many != NULL &&
	    e->too_many == e->last_reply)
		return TOO_MANY_552;
	if (own != NULL && (is_of_form(v) || v == V_SILENT_DROP ||
	    clauses_is_covered(s, own)))
		return own;
	return s->covers_count > 0 ? s->covers[0] : own;
}
