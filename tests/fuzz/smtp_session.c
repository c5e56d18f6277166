/*
 * Fuzz target: the session under rules made from the first octets.
 *	octet 0		number of rules (0 to 3); then four octets a rule:
 *			stage and counts, action, flags, number
 * What follows is the client's stream, cut into pieces at NUL octets.
 */
#include <stdlib.h>
#include <string.h>

#include "fake_smtp/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
ignore_event(void *ctx, struct event *ev)
{
	(void)ctx;
	(void)ev;
}

static void
ignore_message(void *ctx, const struct fsmtp_message *m)
{
	(void)ctx;
	if (strlen(m->from) > m->len + 100000)
		abort();
}

static void
drain(struct fsmtp_session *s)
{
	struct fsmtp_output o;

	for (int i = 0; i < 10000 && fsmtp_session_next(s, 1, &o); i++)
		fsmtp_session_sent(s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *d, size_t len)
{
	static const char *const lines[] = { "250-a", "354 b", "421 c" };
	static const struct event_sink sink = { ignore_event, NULL };
	struct fsmtp_rule rules[3];
	struct fsmtp_host host = { .name = "mx.test", .rules = rules };
	struct fsmtp_session_config c = { .host = &host, .sink = &sink,
		.on_message = ignore_message, .contact = 1 };
	struct fsmtp_greys *greys;
	struct fsmtp_session *s;
	struct fsmtp_txn *t;
	size_t n = len > 0 ? d[0] % 4 : 0, piece;

	if (len < 1 + 4 * n)
		return 0;
	memset(rules, 0, sizeof rules);
	for (size_t i = 0; i < n; i++) {
		const uint8_t *r = d + 1 + 4 * i;

		rules[i].rule = (struct rule){ "1:1", PHASE_ALWAYS, 0, 0 };
		rules[i].stage = r[0] % FSMTP_STAGE_COUNT;
		rules[i].action = r[1] % FSMTP_ACTION_COUNT;
		rules[i].raw = r;
		rules[i].raw_len = 4;
		rules[i].counts = r[3] >> 7 ? FSMTP_COUNT_TRANSACTIONS :
		    FSMTP_COUNT_CONNECTIONS;
		rules[i].early = r[2] & 1;
		rules[i].then = r[2] >> 1 & 3;
		rules[i].keep = (r[2] >> 3 & 3) % 3;
		rules[i].lines = r[3] % 5 == 4 ? &lines[2] :
		    &lines[r[2] >> 5 & 1];
		rules[i].line_count = r[2] >> 6 & 1;
		rules[i].octets = r[3];
		/* The stage's octet has room for the counts. */
		rules[i].from_nth = r[0] >> 4 & 1 ? 2 : 0;
		rules[i].after_rcpts = r[0] >> 5 & 3;
		rules[i].rule.phase.after = r[0] >> 7;
		rules[i].cut = r[2] & 128 ? r[3] : 0;
	}
	host.rule_count = n;
	host.greylist.rule = (struct rule){ len & 1 ? "2:1" : "", PHASE_ALWAYS,
		0, 0 };
	c.greys = greys = fsmtp_greys_new();
	addr_parse(&c.client, "192.0.2.1");
	addr_parse(&c.server, "192.0.2.2");
	s = fsmtp_session_new();
	fsmtp_session_open(s, &c);
	drain(s);
	for (d += 1 + 4 * n, len -= 1 + 4 * n; len > 0;
	    d += piece, len -= piece) {
		const uint8_t *nul = memchr(d, 0, len);

		if (len % 97 == 0)
			fsmtp_session_timeout(s);
		if (len % 89 == 0 && fsmtp_session_idle(s, 0) >= 0)
			fsmtp_session_unasked(s);
		piece = nul ? (size_t)(nul - d) + 1 : len;
		fsmtp_session_input(s, (const char *)d, piece -
		    (nul != NULL));
		drain(s);
	}
	fsmtp_session_gone(s);
	while ((t = fsmtp_session_unsettled(s)) != NULL)
		fsmtp_txn_settle(s, t, fsmtp_txn_delivery(t)->replied, true);
	fsmtp_session_free(s);
	fsmtp_greys_free(greys);
	return 0;
}
