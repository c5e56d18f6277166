/* All that was read of a mail, a line for each thing that it says. */
#ifndef MXD_TESTS_DSN_TELL_H
#define MXD_TESTS_DSN_TELL_H

#include "harness/base/sbuf.h"
#include "harness/dsn/dsn.h"

static inline void
dsn_tell_field(struct sbuf *b, const char *name, const char *value)
{
	if (value != NULL)
		sbuf_printf(b, "%s %s\n", name, value);
}

static inline void
dsn_tell_recipient(struct sbuf *b, const struct dsn_recipient *r)
{
	sbuf_printf(b, "recipient %s %s %s\n", r->address != NULL ?
	    r->address : "-", r->action != NULL ? r->action : "-",
	    r->status != NULL ? r->status : "-");
	dsn_tell_field(b, "  original", r->original);
	dsn_tell_field(b, "  remote", r->remote_mta);
	dsn_tell_field(b, "  diagnostic-type", r->diagnostic_type);
	dsn_tell_field(b, "  diagnostic", r->diagnostic);
	dsn_tell_field(b, "  retry-until", r->will_retry_until);
}

static inline void
dsn_tell(struct sbuf *b, const struct dsn *d)
{
	sbuf_printf(b, "%s%s%s%s\n", d->is_report ? "report" : "no report",
	    d->minimal ? ", minimal" : "",
	    d->international ? ", international" : "",
	    !d->has_original ? "" : d->has_original_body ?
	    ", with the message" : ", with the header");
	dsn_tell_field(b, "type", d->type);
	dsn_tell_field(b, "from", d->from);
	dsn_tell_field(b, "to", d->to);
	dsn_tell_field(b, "subject", d->subject);
	dsn_tell_field(b, "auto", d->auto_submitted);
	dsn_tell_field(b, "token", d->token);
	dsn_tell_field(b, "message-id", d->message_id);
	dsn_tell_field(b, "mta", d->reporting_mta);
	dsn_tell_field(b, "envid", d->envelope_id);
	dsn_tell_field(b, "arrival", d->arrival_date);
	for (size_t i = 0; i < d->recipient_count; i++)
		dsn_tell_recipient(b, &d->recipients[i]);
	for (size_t i = 0; i < d->defect_count; i++)
		sbuf_printf(b, "%s %s: %s\n",
		    d->defects[i].level == DSN_MUST ? "MUST" : "SHOULD",
		    d->defects[i].clause, d->defects[i].text);
}

#endif
