/* Whose a sender, a recipient, a report on the wire is (21.1). */
#include "tests/unit/judge/story.inc"
#include "harness/judge/answers.h"
#include "harness/judge/ledger.h"
#include "harness/judge/whose.h"
#include "tests/unit/judge/worlds.h"
#include "tests/unit/suite.h"

/* --- MAIL FROM --- */

#define LONG_10 "aaaaaaaaaa"
#define LONG_100 LONG_10 LONG_10 LONG_10 LONG_10 LONG_10 LONG_10 LONG_10	\
	LONG_10 LONG_10 LONG_10

static const struct { const char *command, *sender; } commands[] = {
	{ "MAIL FROM:<a@s.test>", "a@s.test" },
	{ "MAIL FROM:<a@s.test> SIZE=9 <x>", "a@s.test" },
	{ "MAIL FROM:<>", "" }, { "MAIL FROM:<a@s.test", "a@s.test" },
	{ "MAIL FROM:<\"a>b\"@s.test>", "\"a>b\"@s.test" },
	{ "MAIL FROM:<\"a\\\">b\"@s.test>", "\"a\\\">b\"@s.test" },
	{ "MAIL FROM:<a\\>b@s.test>", "a\\>b@s.test" },
	{ "MAIL FROM:<a\\", "a\\" },
	{ "MAIL FROM:a@s.test", NULL }, { "", NULL }, { NULL, NULL },
};

START_TEST(the_sender_is_read_off_its_command)
{
	char sender[SENDER_SIZE];
	bool any = whose_sender(commands[_i].command, sender);

	ck_assert_int_eq(any, commands[_i].sender != NULL);
	if (any)
		ck_assert_str_eq(sender, commands[_i].sender);
}
END_TEST

START_TEST(a_sender_longer_than_any_is_none)
{
	char sender[SENDER_SIZE], command[SENDER_SIZE + 20];

	memset(command, 'x', sizeof command);
	command[0] = '<';
	command[SENDER_SIZE + 1] = '>';
	command[SENDER_SIZE + 2] = '\0';
	ck_assert(!whose_sender(command, sender));
	command[SENDER_SIZE] = '>';
	ck_assert(whose_sender(command, sender));
	ck_assert_uint_eq(strlen(sender), SENDER_SIZE - 1);
}
END_TEST

/* --- whose mail --- */

#define WORLD ZONE "messages:\n"						\
	"  - {name: m1, from: a@s.test, to: [u@r.test, v@r.test]}\n"		\
	"  - {name: m2, from: b@s.test, to: u@r.test}\n"			\
	"  - {name: m3, from: b@s.test, to: [p@r.test, o@r.test]}\n"			\
	"  - {name: m4, from: '', to: n@r.test}\n"				\
	"  - {name: m-5, from: '\"q r\"@s.test', to: w+x@r.test}\n"

struct world {
	struct story	 st;
	struct arena	*arena;
	struct ledger	 l;
};

static void
world_open(struct world *w)
{
	story_open(&w->st, WORLD);
	w->arena = arena_new();
	ledger_list(&w->l, w->arena, w->st.sc, &w->st.profile);
	w->l.trace = &w->st.trace;
}

static void
world_close(struct world *w)
{
	ledger_fini(&w->l);
	arena_free(w->arena);
	story_close(&w->st);
}

static const struct { const char *sender, *key; } senders[] = {
	{ "a+m1@s.test", "m1" }, { "A+m1@S.TEST", "m1" }, { "a@s.test", "m1" },
	{ "a@S.test", "m1" }, { "a+m2@s.test", NULL },
	{ "b+m2@s.test", "m2" }, { "b+m3@s.test", "m3" },
	{ "b@s.test", NULL },		/* either of two */
	{ "a+m1-7@s.test", "m1" },	/* tagged by a run */
	{ "a+m-1@s.test", NULL }, { "a+m1-7-8@s.test", NULL },
	{ "\"q r+m-5\"@s.test", "m-5" }, { "\"q r+m-5-7\"@s.test", "m-5" },
	{ "\"q r\"@s.test", "m-5" }, { "q+m-5@s.test", NULL },
	{ "c+m1@s.test", NULL }, { "a+m1@q.test", NULL },
	{ "ab+m1@s.test", NULL }, { "+m1@s.test", NULL },
	{ "a+@s.test", NULL }, { "a+m1", NULL }, { "a", NULL }, { "", NULL },
	{ NULL, NULL }, { "m1@s.test", NULL }, { "a-m1@s.test", NULL },
	{ "a+m9@s.test", NULL }, { "a+" LONG_100 "@s.test", NULL },
};

START_TEST(a_message_is_known_by_its_sender)
{
	const struct mail *m;
	struct world w;

	world_open(&w);
	m = whose_mail(&w.l, senders[_i].sender);
	if ((m == NULL) != (senders[_i].key == NULL) ||
	    (m != NULL && strcmp(m->key, senders[_i].key) != 0))
		ck_abort_msg("%s: %s", senders[_i].sender, m != NULL ?
		    m->key : "none");
	world_close(&w);
}
END_TEST

START_TEST(a_sender_is_a_messages_or_is_not)
{
	const struct mail *m;
	struct world w;

	world_open(&w);
	m = ledger_mail(&w.l, "m1");
	ck_assert(whose_sender_is(&w.l, m, "a@s.test"));
	ck_assert(whose_sender_is(&w.l, m, "a+anything@s.test"));
	ck_assert(!whose_sender_is(&w.l, m, "b@s.test"));
	ck_assert(!whose_sender_is(&w.l, m, ""));
	ck_assert(!whose_sender_is(&w.l, m, NULL));
	ck_assert(!whose_sender_is(&w.l, m, "a@s.test+x"));
	/* its domain's alias is it as well (RFC 5321 2.3.5) */
	ck_assert(!whose_sender_is(&w.l, m, "a+m1@t.test"));
	answers_take(&w.l, &(struct event){ .kind = EV_DNS_REPLY,
	    .qname = "s.test", .qtype = "MX", .rcode = "NOERROR",
	    .action = "truth", .text = "CNAME t.test, MX 10 mx.t.test" });
	ck_assert(whose_sender_is(&w.l, m, "a+m1@t.test"));
	ck_assert(!whose_sender_is(&w.l, m, "b+m1@t.test"));
	m = ledger_mail(&w.l, "m4");
	ck_assert(whose_sender_is(&w.l, m, ""));
	ck_assert(!whose_sender_is(&w.l, m, NULL));
	ck_assert(!whose_sender_is(&w.l, m, "a@s.test"));
	world_close(&w);
}
END_TEST

/* --- whose recipient --- */

static const struct {
	const char *key, *rcpt;
	const char *unit;		/* NULL: none */
	enum identity how;
} recipients[] = {
	{ "m1", "u@r.test", "u@r.test", ID_NAMED },
	{ "m1", "v@r.test", "v@r.test", ID_NAMED },
	{ "m1", "v@R.TEST", "v@r.test", ID_NAMED },
	{ "m1", "V@r.test", "v@r.test", ID_CASED },
	{ "m1", "v@q.test", "v@r.test", ID_ELSEWHERE },
	{ "m1", "vv@q.test", "u@r.test", ID_PRESUMED },
	{ "m1", "a+m1@s.test", NULL, ID_NAMED },	/* a report's */
	{ "m2", "x@q.test", "u@r.test", ID_TOLD },
	{ "m-5", "w+x@r.test", "w+x@r.test", ID_NAMED },
	{ "m-5", "w@r.test", "w+x@r.test", ID_UNTAGGED },
	{ "m-5", "W@r.test", "w+x@r.test", ID_UNTAGGED },
	{ "m9", "u@r.test", NULL, ID_NAMED }, { "m1", NULL, NULL, ID_NAMED },
	{ NULL, "u@r.test", NULL, ID_NAMED },
};

START_TEST(a_recipient_is_known_by_what_it_became)
{
	const struct event ev = { .kind = EV_SMTP_RCPT,
	    .msg = recipients[_i].key, .rcpt = recipients[_i].rcpt };
	const struct entry *e;
	enum identity how;
	struct world w;

	world_open(&w);
	e = whose_unit(&w.l, &ev, &how);
	if ((e == NULL) != (recipients[_i].unit == NULL) || (e != NULL &&
	    (strcmp(e->rcpt, recipients[_i].unit) != 0 ||
	    how != recipients[_i].how)))
		ck_abort_msg("%d %s: %s, %d", _i, ev.rcpt, e != NULL ?
		    e->rcpt : "none", (int)how);
	if (e != NULL) {	/* and so it stays */
		ck_assert_ptr_eq(whose_unit(&w.l, &ev, &how), e);
		ck_assert_int_eq(how, recipients[_i].how);
		ck_assert_int_eq(e->presumed, how == ID_PRESUMED);
		ck_assert_int_eq(e->named, how != ID_PRESUMED);
		ck_assert_int_eq(e->rewritten != NULL, how != ID_NAMED);
	}
	world_close(&w);
}
END_TEST

/* What cannot be told apart: each of the unseen has its turn, then none. */
START_TEST(presumed_recipients_are_each_anothers)
{
	struct event ev = { .kind = EV_SMTP_COPY, .msg = "m1", .conn = 1 };
	enum identity how;
	struct world w;

	world_open(&w);
	ev.rcpt = "x@q.test";
	ck_assert_str_eq(whose_unit(&w.l, &ev, &how)->rcpt, "u@r.test");
	ev.rcpt = "y@q.test";
	ck_assert_str_eq(whose_unit(&w.l, &ev, &how)->rcpt, "v@r.test");
	ev.rcpt = "z@q.test";
	ck_assert_ptr_null(whose_unit(&w.l, &ev, &how));
	ev.rcpt = "X@q.test";
	ck_assert_str_eq(whose_unit(&w.l, &ev, &how)->rcpt, "u@r.test");
	ck_assert_int_eq(how, ID_PRESUMED);
	world_close(&w);
}
END_TEST

static const struct { const char *command, *unit; } orcpts[] = {
	{ "RCPT TO:<x@q.test> ORCPT=rfc822;v@r.test", "v@r.test" },
	{ "RCPT TO:<x@q.test> orcpt=rfc822;v@r.test NOTIFY=NEVER",
	    "v@r.test" },
	{ "RCPT TO:<x@q.test> ORCPT=rfc822;+76@r.test", "v@r.test" },
	{ "RCPT TO:<x@q.test> ORCPT=rfc822;v+40r+2Etest", "v@r.test" },
	{ "RCPT TO:<x@q.test> ORCPT=rfc822;v@r.test X=a@b.test", "v@r.test" },
	{ "RCPT TO:<x@q.test> ORCPT=rfc822;v+4r.test", "u@r.test" },
	{ "RCPT TO:<x@q.test> ORCPT=rfc822", "u@r.test" },
	{ "RCPT TO:<x@q.test> ORCPT=rfc822;", "u@r.test" },
	{ "RCPT TO:<x@q.test>", "u@r.test" }, { NULL, "u@r.test" },
};

START_TEST(orcpt_tells_whom_it_was_for)
{
	const struct event ev = { .kind = EV_SMTP_RCPT, .msg = "m1",
	    .rcpt = "x@q.test", .conn = 1 };
	enum identity how;
	struct world w;

	world_open(&w);
	ledger_session(&w.l, 1)->rcpt = orcpts[_i].command;
	ck_assert_str_eq(whose_unit(&w.l, &ev, &how)->rcpt, orcpts[_i].unit);
	ck_assert_int_eq(how, *orcpts[_i].unit == 'v' ? ID_TOLD :
	    ID_PRESUMED);
	world_close(&w);
}
END_TEST

/* Only a RCPT is told by it, and its digits go up to F. */
START_TEST(orcpt_is_of_its_rcpt_alone)
{
	struct event ev = { .kind = EV_SMTP_COPY, .msg = "m1",
	    .rcpt = "x@q.test", .conn = 1 };
	enum identity how;
	struct world w;

	world_open(&w);
	ledger_session(&w.l, 1)->rcpt =
	    "RCPT TO:<x@q.test> ORCPT=rfc822;v@r.test";
	ck_assert_str_eq(whose_unit(&w.l, &ev, &how)->rcpt, "u@r.test");
	ev.kind = EV_SMTP_RCPT;
	ev.msg = "m3";
	ledger_session(&w.l, 1)->rcpt =
	    "RCPT TO:<x@q.test> ORCPT=rfc822;+6F@r.test";
	ck_assert_str_eq(whose_unit(&w.l, &ev, &how)->rcpt, "o@r.test");
	world_close(&w);
}
END_TEST

/* Two that became one mailbox: the report is about that not yet told of. */
START_TEST(one_mailbox_of_two_is_reported_in_turn)
{
	struct event ev = { .kind = EV_DSN, .msg = "m1", .rcpt = "x@q.test" };
	struct binding both[] = {
		{ .address = "x@q.test", .entry = 0 },
		{ .address = "x@q.test", .entry = 1 },
	};
	const char *defect = NULL;
	struct world w;

	world_open(&w);
	w.l.mails[0].bindings = both;
	w.l.mails[0].binding_count = 2;
	ck_assert_str_eq(whose_report(&w.l, &ev, &defect)->rcpt, "u@r.test");
	w.l.entries[0].reports = 1;
	ck_assert_str_eq(whose_report(&w.l, &ev, &defect)->rcpt, "v@r.test");
	world_close(&w);
}
END_TEST

/* ... and each RCPT and copy is of the next of them. */
START_TEST(one_mailbox_of_two_is_served_in_turn)
{
	struct story st;

	story(&st, TWO, IN "1s open 1 mx1.r.test 198.18.1.1\n"
	    "1s rcpt 1 m1 x@r.test 250 ok\n1s also 1 m1 x@r.test 250 ok\n"
	    "1s copy 1 m1 x@r.test 250\n1s copy 1 m1 x@r.test 250\n"
	    "9s open 2 mx1.r.test 198.18.1.1\n");
	ck_assert_int_eq(st.j.units[0].verdict, V_DELIVERED);
	ck_assert_int_eq(st.j.units[1].verdict, V_DELIVERED);
	story_close(&st);
}
END_TEST

/* Asked of again, the very RCPT that bound it is no turn of another's. */
START_TEST(a_recipient_is_not_served_by_its_own_rcpt)
{
	struct story st;

	story(&st, TWO, IN "0s dns r.test MX NOERROR alias\n"
	    "0s dns r.test CNAME NOERROR records CNAME real.test\n"
	    "1s open 1 mx1.r.test 198.18.1.1\n"
	    "1s rcpt 1 m1 v@real.test 250 ok\n"
	    "1s also 1 m1 u@real.test 250 ok\n"
	    "1s copy 1 m1 v@real.test 250\n1s copy 1 m1 u@real.test 250\n"
	    "9s open 2 mx1.r.test 198.18.1.1\n");
	for (size_t i = 0; i < st.j.finding_count; i++)
		if (st.j.findings[i].flag == F_REWRITTEN &&
		    strstr(st.j.findings[i].text, "as it seems") != NULL)
			ck_abort_msg("%s", st.j.findings[i].text);
	story_close(&st);
}
END_TEST

/* --- whose report --- */

static const struct {
	const char *key, *orcpt, *rcpt;
	const char *unit, *defect;
} reports[] = {
	{ "m1", NULL, "v@r.test", "v@r.test", NULL },
	{ "m1", "v@r.test", "u@r.test", "v@r.test", NULL },
	{ "m1", "v@r.test", NULL, "v@r.test", NULL },
	{ "m1", "x@q.test", "v@r.test", "v@r.test", NULL },
	{ "m1", NULL, "V@r.test", "v@r.test",
	    "the recipient is not written as it was" },
	{ "m1", "v@r.test", "V@r.test", "v@r.test", NULL },
	{ "m1", NULL, "x@q.test", "u@r.test", NULL },
	{ "m1", NULL, NULL, NULL, "it names no recipient" },
	{ "m2", NULL, NULL, "u@r.test", "it names no recipient" },
	{ "m2", NULL, "x@q.test", "u@r.test", "it names another recipient" },
	{ "m9", NULL, "u@r.test", NULL, NULL },
};

START_TEST(a_report_is_known_by_whom_it_names)
{
	const struct event ev = { .kind = EV_DSN, .msg = reports[_i].key,
	    .orcpt = reports[_i].orcpt, .rcpt = reports[_i].rcpt };
	const char *defect = NULL;
	const struct entry *e;
	struct world w;

	world_open(&w);
	e = whose_report(&w.l, &ev, &defect);
	ck_assert_int_eq(e == NULL, reports[_i].unit == NULL);
	if (e != NULL)
		ck_assert_str_eq(e->rcpt, reports[_i].unit);
	ck_assert_pstr_eq(defect, reports[_i].defect);
	world_close(&w);
}
END_TEST

/* A report that names what the recipient became is about that one. */
START_TEST(a_report_follows_its_recipient)
{
	struct event ev = { .kind = EV_SMTP_COPY, .msg = "m1", .conn = 1,
	    .rcpt = "v@q.test" };
	const char *defect = NULL;
	enum identity how;
	struct world w;

	world_open(&w);
	whose_unit(&w.l, &ev, &how);
	ev.rcpt = "x@q.test";
	ck_assert_str_eq(whose_unit(&w.l, &ev, &how)->rcpt, "u@r.test");
	ev.kind = EV_DSN;
	ck_assert_str_eq(whose_report(&w.l, &ev, &defect)->rcpt, "u@r.test");
	ck_assert_ptr_null(defect);
	ev.rcpt = "z@q.test";
	ck_assert_ptr_null(whose_report(&w.l, &ev, &defect));
	world_close(&w);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("whose");
	TCase *tc = tcase_create("judge");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, the_sender_is_read_off_its_command, 0,
	    ALL(commands));
	tcase_add_test(tc, a_sender_longer_than_any_is_none);
	tcase_add_loop_test(tc, a_message_is_known_by_its_sender, 0,
	    ALL(senders));
	tcase_add_test(tc, a_sender_is_a_messages_or_is_not);
	tcase_add_loop_test(tc, a_recipient_is_known_by_what_it_became, 0,
	    ALL(recipients));
	tcase_add_test(tc, presumed_recipients_are_each_anothers);
	tcase_add_loop_test(tc, orcpt_tells_whom_it_was_for, 0, ALL(orcpts));
	tcase_add_loop_test(tc, a_report_is_known_by_whom_it_names, 0,
	    ALL(reports));
	tcase_add_test(tc, a_report_follows_its_recipient);
	tcase_add_test(tc, orcpt_is_of_its_rcpt_alone);
	tcase_add_test(tc, one_mailbox_of_two_is_reported_in_turn);
	tcase_add_test(tc, one_mailbox_of_two_is_served_in_turn);
	tcase_add_test(tc, a_recipient_is_not_served_by_its_own_rcpt);
	suite_add_tcase(s, tc);
	return run_and_free(s);
}
