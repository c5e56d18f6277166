/* What a run came to, in a form that can be compared. */
#include <ctype.h>
#include <string.h>

#include "harness/base/sbuf.h"
#include "harness/base/timers.h"
#include "harness/explore/trial.h"
#include "harness/scenario/keys.h"

/*
 * Of an error the words before the first that differs from run to run: a
 * number, a name in quotes, what follows a colon.
 */
static void
put_error(struct sbuf *b, const char *error)
{
	size_t len = strcspn(error, "0123456789\":(");

	while (len > 0 && error[len - 1] == ' ')
		len--;
	sbuf_printf(b, " %.*s", (int)len, error);
}

char *
trial_words(const struct judgement *j)
{
	verdict_set verdicts = 0;
	unsigned flags = 0;
	struct sbuf b = { 0 };

	for (size_t i = 0; i < j->unit_count; i++)
		if (!j->units[i].control && !j->units[i].expected &&
		    !j->units[i].tolerated)
			verdicts |= VSET(j->units[i].verdict);
	for (size_t i = 0; i < j->finding_count; i++)
		if (!j->findings[i].allowed)
			flags |= 1u << j->findings[i].flag;
	sbuf_puts(&b, result_word(j->result));
	for (int v = 0; v < VERDICT_COUNT; v++)
		if (verdicts & VSET(v))
			sbuf_printf(&b, " %s", verdict_word((enum verdict)v));
	for (int f = 0; f < FLAG_COUNT; f++)
		if (flags & 1u << f)
			sbuf_printf(&b, " %s", flag_word((enum flag)f));
	if (j->result == RESULT_ERROR && j->error != NULL)
		put_error(&b, j->error);
	return sbuf_steal(&b);
}

/* --- likeness --- */

/* FNV-1a */
static void
mix(uint64_t *h, const char *text)
{
	for (; text != NULL && *text != '\0'; text++)
		*h = (*h ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	*h = (*h ^ 0xff) * UINT64_C(0x100000001b3);
}

/* Without digits: sizes and names of reports hang on what is in them. */
static void
mix_command(uint64_t *h, const char *text)
{
	char one[2] = "";

	for (; text != NULL && *text != '\0'; text++)
		if (!isdigit((unsigned char)*text)) {
			one[0] = *text;
			mix(h, one);
		}
}

/* Is it something that the MTA did, seen from outside? */
static bool
is_deed(const struct event *ev)
{
	switch (ev->kind) {
	case EV_INJECT:
	case EV_DNS_QUERY:
	case EV_SYN:
	case EV_CONNECT_FAILED:
	case EV_SMTP_COMMAND:
	case EV_SMTP_COPY:
	case EV_SMTP_CLOSE:
	case EV_SMTP_VIOLATION:
	case EV_DSN:
	case EV_STRAY:
		return true;
	default:
		return false;
	}
}

static uint64_t
deed(uint64_t h, const struct event *ev)
{
	char numbers[64];

	snprintf(numbers, sizeof numbers, "%d %lld %lld %d", (int)ev->kind,
	    (long long)(ev->t_us / USEC_PER_SEC), (long long)ev->code, ev->ok);
	mix(&h, numbers);
	mix(&h, ev->host);
	mix(&h, ev->addr);
	mix(&h, ev->qname);
	mix(&h, ev->qtype);
	mix(&h, ev->transport);
	mix(&h, ev->rcpt);
	mix(&h, ev->action);
	mix(&h, ev->status);
	mix(&h, ev->hash);
	mix(&h, ev->by);
	if (ev->kind == EV_SMTP_COMMAND)
		mix_command(&h, ev->text);
	return h;
}

/*
 * What was asked and dialled came from one engine, in its order.  The
 * submission and the sessions go on beside each other: only what they came to
 * counts.
 */
uint64_t
trial_likeness(const struct trace *t)
{
	const uint64_t seed = UINT64_C(0xcbf29ce484222325);
	uint64_t dialled = seed, said = 0;

	for (size_t i = 0; i < t->count; i++) {
		const struct event *ev = &t->events[i];

		if (!is_deed(ev) || ev->t_us < 0)
			continue;
		if (ev->kind == EV_DNS_QUERY || ev->kind == EV_SYN ||
		    ev->kind == EV_CONNECT_FAILED)
			dialled = deed(dialled, ev);
		else
			said += deed(seed, ev);
	}
	return dialled ^ said;
}
