/* Parameters of MAIL and RCPT, RFC 5321 section 4.1.1.11. */
#include "fake_smtp/session_impl.h"

#include <string.h>

/* X(keyword, needs extension, of MAIL, of RCPT) */
#define PARAMS(X)							\
	X("SIZE", SIZE, 1, 0) X("BODY", 8BITMIME, 1, 0)			\
	X("SMTPUTF8", SMTPUTF8, 1, 0) X("RET", DSN, 1, 0)		\
	X("ENVID", DSN, 1, 0) X("NOTIFY", DSN, 0, 1) X("ORCPT", DSN, 0, 1) \
	X("AUTH", AUTH, 1, 0) X("BY", DELIVERBY, 1, 0)			\
	X("REQUIRETLS", REQUIRETLS, 1, 0) X("MTRK", MTRK, 1, 0)		\
	X("MT-PRIORITY", MT_PRIORITY, 1, 0)

/* RFC 3461 section 4.1: NEVER alone, or a list of the others. */
static const char *
check_notify(struct span v)
{
	bool never = false;
	size_t words = 0, i = 0, start;

	for (; i <= v.len; i++, words++) {
		for (start = i; i < v.len && v.at[i] != ','; i++)
			;
		struct span w = { v.at + start, i - start };
		never |= span_is(w, "NEVER");
		if (!span_is(w, "NEVER") && !span_is(w, "SUCCESS") &&
		    !span_is(w, "FAILURE") && !span_is(w, "DELAY"))
			return "501 5.5.4 unknown NOTIFY";
	}
	if (never && words > 1)
		return "501 5.5.4 NEVER stands alone";
	return NULL;
}

/* RFC 3461 section 4.2: type, ";" and xtext, as passed on (5.2.1). */
static const char *
check_orcpt(struct fsmtp_session *s, struct span v)
{
	if (v.len > 500 || memchr(v.at, ';', v.len) == NULL)
		return "501 5.5.4 ORCPT needs a type";
	if (smtp_xtext_valid(v))
		return NULL;
	session_violation(s, "R-3461-5.2.1-a", "ORCPT is no xtext");
	return "501 5.5.4 ORCPT is no xtext";
}

/* Value grammar of the parameters; NULL or the 501. */
static const char *
check_value(struct fsmtp_session *s, struct span k, struct span v)
{
	unsigned long long n;

	if (span_is(k, "SMTPUTF8") || span_is(k, "REQUIRETLS")) {
		s->utf8 |= span_is(k, "SMTPUTF8");
		return v.at == NULL ? NULL : "501 5.5.4 no value wanted";
	}
	if (v.at == NULL)
		return "501 5.5.4 value missing";
	if (span_is(k, "SIZE")) {
		if (!smtp_number_parse(v, &n))
			return "501 5.5.4 SIZE is no number";
		if (s->size_limit != 0 && n > s->size_limit)
			return "552 5.3.4 message too big";
	} else if (span_is(k, "BODY")) {
		s->body_8bit = span_is(v, "8BITMIME");
		if (!s->body_8bit && !span_is(v, "7BIT") &&
		    !(span_is(v, "BINARYMIME") &&
		    session_offers(s, EXT(BINARYMIME))))
			return "501 5.5.4 unknown BODY";
	} else if (span_is(k, "RET")) {
		if (!span_is(v, "FULL") && !span_is(v, "HDRS"))
			return "501 5.5.4 RET is FULL or HDRS";
	} else if (span_is(k, "ENVID")) {
		if (v.len > 100 || !smtp_xtext_valid(v))
			return "501 5.5.4 ENVID is no xtext";
	} else if (span_is(k, "ORCPT")) {
		return check_orcpt(s, v);
	} else if (span_is(k, "NOTIFY"))
		return check_notify(v);
	return NULL;
}

const char *
session_check_params(struct fsmtp_session *s, struct span t, bool mail)
{
	struct span k, v;
	const char *err = NULL;
	bool bad, known;

	while (smtp_param_next(&t, &k, &v, &bad)) {
		char text[80];
		unsigned need = 0;

		known = false;
#define X(word, ext, of_mail, of_rcpt)					\
		if (span_is(k, word) && (mail ? of_mail : of_rcpt)) {	\
			need = EXT(ext);				\
			known = true;					\
		}
		PARAMS(X)
#undef X
		if (!known || !session_offers(s, need)) {
			snprintf(text, sizeof text, "parameter %.*s, "
			    "keyword not offered", k.len < 40 ? (int)k.len :
			    40, k.at);
			session_violation(s, "R-5321-4.1.1.3-a", text);
			err = "555 5.5.4 parameter not offered";
		} else if (err == NULL)
			err = check_value(s, k, v);
	}
	return bad ? "501 5.5.4 malformed parameter" : err;
}
