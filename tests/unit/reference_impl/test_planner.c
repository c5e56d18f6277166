#include "reference_impl/planner.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HOUR	INT64_C(3600000000)

/*
 * A world in text, one record a line:
 *	r.test MX 10 mx1.r.test		mx1.r.test A 198.18.1.1
 *	r.test MX fail 5 (rcode)	mx1.r.test A nx | nodata
 *	alias.test CNAME real.test	198.18.1.1 = REFUSED (what a try gives)
 * Names not mentioned do not exist; a mentioned name has NODATA for the rest.
 * The story that comes out: hosts tried in order, then the last action.
 */
struct story {
	char		text[1024];
	struct plan	plan;
};

static struct bugs bugs;
static struct plan_policy policy;
static struct plan_input in;

static void
setup(void)
{
	static struct addr own;

	memset(&bugs, 0, sizeof bugs);
	memset(&in, 0, sizeof in);
	addr_parse(&own, "10.53.0.2");
	policy = (struct plan_policy){ .first_retry_us = HOUR / 2,
		.max_retry_us = 4 * HOUR, .life_us = 120 * HOUR,
		.life_null_us = 120 * HOUR, .hop_limit = 100,
		.hostname = "sut.test", .own = &own, .own_count = 1,
		.search = "s.test", .bugs = &bugs };
	in.domain = "r.test";
	in.last_host = "";
	in.pending = 1;
}

static bool
next_line(const char **p, char line[256])
{
	size_t n = strcspn(*p, "\n");

	if (**p == '\0')
		return false;
	snprintf(line, 256, "%.*s", (int)n, *p);
	*p += n + ((*p)[n] == '\n');
	return true;
}

static void
answer(const char *world, struct fact *f)
{
	static const char *const types[] = { "A", "AAAA", "MX" };
	static struct fact_rr rrs[64][40];
	static int slot;
	char line[256], name[128], type[16], a[128], b[128];

	f->rrs = rrs[slot++ % 64];
	f->count = 0;
	f->state = FACT_NXDOMAIN;
	while (next_line(&world, line)) {
		int n = sscanf(line, "%127s %15s %127s %127s", name, type, a,
		    b);

		if (n < 3 || strcasecmp(name, f->name) != 0)
			continue;
		if (f->state == FACT_NXDOMAIN)
			f->state = FACT_NODATA;
		if (strcmp(type, "CNAME") == 0) {
			snprintf(f->alias, sizeof f->alias, "%s", a);
			f->state = FACT_OK;
			return;
		}
		if (strcmp(type, types[f->type]) != 0)
			continue;
		if (strcmp(a, "fail") == 0) {
			f->state = FACT_FAILED;
			f->rcode = n == 4 ? atoi(b) : 2;
			return;
		}
		if (strcmp(a, "nx") == 0) {
			f->state = FACT_NXDOMAIN;
			return;
		}
		if (strcmp(a, "nodata") == 0)
			continue;
		f->state = FACT_OK;
		memset(&f->rrs[f->count], 0, sizeof *f->rrs);
		if (f->type == FACT_MX) {
			f->rrs[f->count].preference = (uint16_t)atoi(a);
			snprintf(f->rrs[f->count].name, NAME_SIZE, "%s",
			    strcmp(b, ".") == 0 ? "" : b);
		} else
			ck_assert(addr_parse(&f->rrs[f->count].addr, a));
		f->count++;
	}
}

static enum try_result
host_result(const char *world, const struct addr *a)
{
	static const char *const names[] = {
#define X(sym, cls) #sym,
		TRIES(X)
#undef X
	};
	char line[256], ip[128], eq[8], what[64], text[ADDR_STRLEN];

	addr_format(a, text);
	while (next_line(&world, line)) {
		if (sscanf(line, "%127s %7s %63s", ip, eq, what) != 3 ||
		    strcmp(eq, "=") != 0 || strcmp(ip, text) != 0)
			continue;
		for (int i = 0; i < TRY_COUNT; i++)
			if (strcmp(names[i], what) == 0)
				return (enum try_result)i;
	}
	return TRY_OK;
}

static void
tell(struct story *s, const char *world)
{
	static const char *const actions[] = { "LOOKUP", "WAIT", "CONNECT",
		"DEF", "BNC", "DROP", "DONE" };
	static struct fact facts[256];
	static struct try tries[64];
	bool refused = false;
	size_t len;
	int turns = 0;

	memset(s, 0, sizeof *s);
	memset(facts, 0, sizeof facts);
	in.facts = facts;
	in.tries = tries;
	in.fact_count = in.try_count = 0;
	in.pending = 1;
	for (;;) {
		ck_assert_int_lt(turns++, 400);
		plan_next(&in, &policy, &s->plan);
		len = strlen(s->text);
		if (s->plan.action == PLAN_LOOKUP) {
			struct fact *f = &facts[in.fact_count++];

			memcpy(f->name, s->plan.name, NAME_SIZE);
			f->type = s->plan.type;
			answer(world, f);
			continue;
		}
		if (s->plan.action == PLAN_CONNECT) {
			struct try *t = &tries[in.try_count++];

			t->addr = s->plan.addr;
			memcpy(t->host, s->plan.name, NAME_SIZE);
			t->result = host_result(world, &t->addr);
			if (t->result == TRY_OK || (t->result ==
			    TRY_MAIL_5YZ && !bugs.on[BUG_RCPT_550_NEXT]))
				in.pending = 0;
			refused = t->result == TRY_MAIL_5YZ;
			snprintf(s->text + len, sizeof s->text - len, "%.*s ",
			    (int)strcspn(t->host, "."), t->host);
			continue;
		}
		snprintf(s->text + len, sizeof s->text - len, "%s",
		    s->plan.action != PLAN_DONE ? actions[s->plan.action]
		    : refused ? "BNC" : "DEL");
		return;
	}
}

#define MX2	"r.test MX 10 mx1.r.test\nr.test MX 20 mx2.r.test\n"
#define A1	"mx1.r.test A 198.18.1.1\n"
#define A2	"mx2.r.test A 198.18.1.2\n"
#define TWO	MX2 A1 A2
#define R1(r)	"198.18.1.1 = " r "\n"
#define R2(r)	"198.18.1.2 = " r "\n"

/* --- requirements 21.11: two hosts, eight classes each ---------------- */

enum { C_OK, C_T, C_U, C_N, C_H, C_TR, C_PR, C_A, C_COUNT };

static void
describe(char *out, size_t size, int host, int class)
{
	static const char *const results[] = { "OK", "REFUSED", "", "",
		"GREETING_5YZ", "MAIL_4YZ", "MAIL_5YZ", "AMBIGUOUS" };

	if (class == C_U)
		snprintf(out, size, "mx%d.r.test A fail\n"
		    "mx%d.r.test AAAA fail\n", host, host);
	else if (class == C_N)
		out[0] = '\0';
	else
		snprintf(out, size, "mx%d.r.test A 198.18.1.%d\n"
		    "198.18.1.%d = %s\n", host, host, host, results[class]);
}

START_TEST(two_hosts_of_any_classes_end_as_the_grid_says)
{
	/* Where the grid leaves a choice this engine's is given. */
	static const char *const grid[C_COUNT][C_COUNT] = {
		{ "DEL", "DEL", "DEL", "DEL", "DEL", "DEL", "DEL", "DEL" },
		{ "DEL", "DEF", "DEF", "DEF", "DEF", "DEF", "BNC", "DEF" },
		{ "DEL", "DEF", "DEF", "DEF", "DEF", "DEF", "BNC", "DEF" },
		{ "DEL", "DEF", "DEF", "BNC", "BNC", "DEF", "BNC", "DEF" },
		{ "DEL", "DEF", "DEF", "BNC", "BNC", "DEF", "BNC", "DEF" },
		{ "DEL", "DEF", "DEF", "DEF", "DEF", "DEF", "BNC", "DEF" },
		{ "BNC", "BNC", "BNC", "BNC", "BNC", "BNC", "BNC", "BNC" },
		{ "DEF", "DEF", "DEF", "DEF", "DEF", "DEF", "DEF", "DEF" },
	};
	char world[600], one[128], two[128];
	struct story s;

	for (int i = 0; i < C_COUNT; i++) {
		for (int k = 0; k < C_COUNT; k++) {
			describe(one, sizeof one, 1, i);
			describe(two, sizeof two, 2, k);
			snprintf(world, sizeof world, MX2 "%s%s", one, two);
			tell(&s, world);
			ck_assert_msg(strcmp(s.text + strlen(s.text) - 3,
			    grid[i][k]) == 0, "class %d, %d: %s not %s", i, k,
			    s.text, grid[i][k]);
		}
	}
}
END_TEST

/* --- every other rule ------------------------------------------------- */

static const struct {
	const char *domain, *world, *story, *status;
} rules[] = {
	{ "r.test", "r.test TXT x\nr.test A 198.18.1.9\n", "r DEL", NULL },
	{ "r.test", "", "BNC", "5.1.2" },
	{ "r.test", "r.test TXT x\n", "BNC", "5.4.4" },
	{ "r.test", "r.test A fail\nr.test TXT x\n", "DEF", "4.4.3" },
	{ "r.test", "r.test MX fail 0\nr.test A 198.18.1.9\n", "DEF", "4.4.3" },
	{ "r.test", "r.test MX fail 5\n", "DEF", "4.4.3" },
	{ "r.test", "r.test MX fail 1\n", "DEF", "4.4.3" },
	{ "r.test", "r.test MX 0 .\nr.test A 198.18.1.9\n", "BNC", "5.1.10" },
	{ "r.test", "r.test MX 0 .\nr.test MX 10 mx1.r.test\n" A1, "mx1 DEL",
	    NULL },
	{ "r.test", MX2 "r.test A 198.18.1.9\n", "BNC", "5.4.4" },
	{ "r.test", "r.test MX 100 c.r.test\nr.test MX 5 a.r.test\n"
	    "r.test MX 20 b.r.test\na.r.test A 198.18.1.1\n"
	    "b.r.test A 198.18.1.2\nc.r.test A 198.18.1.3\n" R1("REFUSED")
	    R2("NO_ANSWER"), "a b c DEL", NULL },
	{ "r.test", "r.test MX 65535 c.r.test\nr.test MX 0 a.r.test\n"
	    "r.test MX 32768 b.r.test\na.r.test A 198.18.1.1\n"
	    "b.r.test A 198.18.1.2\nc.r.test A 198.18.1.3\n" R1("LOST")
	    R2("EHLO_4YZ"), "a b c DEL", NULL },
	{ "alias.test", "alias.test CNAME r.test\n" TWO, "mx1 DEL", NULL },
	{ "alias.test", "alias.test CNAME real.test\nreal.test TXT x\n"
	    "real.test A 198.18.1.9\n", "real DEL", NULL },
	{ "alias.test", "alias.test CNAME gone.test\n", "BNC", "5.1.2" },
	{ "a.test", "a.test CNAME b.test\nb.test CNAME a.test\n", "DEF",
	    "4.4.3" },
	{ "R.TeSt", TWO, "mx1 DEL", NULL },
	/* ourselves by name and by address, with all that is worse */
	{ "r.test", "r.test MX 10 mx1.r.test\nr.test MX 20 sut.test\n"
	    "r.test MX 30 mx3.r.test\nmx3.r.test A 198.18.1.3\n" A1
	    R1("REFUSED"), "mx1 DEF", "4.4.1" },
	{ "r.test", "r.test MX 10 mx1.r.test\nr.test MX 20 other.test\n"
	    "other.test A 10.53.0.2\nr.test MX 30 mx3.r.test\n"
	    "mx3.r.test A 198.18.1.3\n" A1 R1("REFUSED"), "mx1 DEF", NULL },
	{ "r.test", "r.test MX 10 sut.test\n", "BNC", "5.4.6" },
	{ "r.test", "r.test MX 10 lo.test\nlo.test A 127.0.0.1\n"
	    "r.test MX 20 mx2.r.test\n" A2, "mx2 DEL", NULL },
	{ "r.test", "r.test MX 10 lo.test\nlo.test AAAA ::ffff:127.0.0.1\n",
	    "BNC", "5.4.4" },
	/* both families take turns; one broken does not hide the other */
	{ "r.test", "r.test MX 10 mx1.r.test\nmx1.r.test AAAA fd53::1\n"
	    "fd53::1 = NO_ANSWER\n" A1, "mx1 mx1 DEL", NULL },
	{ "r.test", "r.test MX 10 mx1.r.test\nmx1.r.test AAAA fail\n" A1,
	    "mx1 DEL", NULL },
	{ "r.test", "r.test MX 10 mx1.r.test\nmx1.r.test AAAA nx\n" A1,
	    "mx1 DEL", NULL },
	{ "r.test", "r.test MX 10 mx1.r.test\nmx1.r.test A fail\n"
	    "mx1.r.test AAAA nodata\n", "DEF", "4.4.3" },
	{ "r.test", "r.test MX 10 mx1.r.test\nmx1.r.test A 198.18.1.3\n" A1
	    "198.18.1.3 = REFUSED\n", "mx1 mx1 DEL", NULL },
	/* the same address twice is one try */
	{ "r.test", MX2 A1 "mx2.r.test A 198.18.1.1\n" R1("GREETING_4YZ"),
	    "mx1 DEF", NULL },
	/* an impossible host name spoils nothing */
	{ "r.test", "r.test MX 5 bad_$host!\n" TWO, "mx1 DEL", NULL },
	{ "[198.18.1.1]", "", "[198 DEL", NULL },
	{ "[IPv6:fd53::9]", "fd53::9 = REFUSED\n", "[IPv6:fd53::9] DEF",
	    NULL },
	{ "[nonsense]", "", "BNC", "5.1.2" },
	{ "r.test", TWO R1("REMEMBERED"), "mx1 mx2 DEL", NULL },
};

START_TEST(each_rule_gives_its_story)
{
	struct story s;

	in.domain = rules[_i].domain;
	tell(&s, rules[_i].world);
	ck_assert_str_eq(s.text, rules[_i].story);
	if (rules[_i].status != NULL)
		ck_assert_str_eq(s.plan.status, rules[_i].status);
}
END_TEST

/* --- bugs: the same world, another story ------------------------------ */

#define SIX_V6	"mx1.r.test AAAA fd53::1\nmx1.r.test AAAA fd53::2\n"	\
	"mx1.r.test AAAA fd53::3\nmx1.r.test AAAA fd53::4\n"		\
	"mx1.r.test AAAA fd53::5\nmx1.r.test AAAA fd53::6\n"		\
	"fd53::1 = NO_ANSWER\nfd53::2 = NO_ANSWER\nfd53::3 = NO_ANSWER\n" \
	"fd53::4 = NO_ANSWER\nfd53::5 = NO_ANSWER\nfd53::6 = NO_ANSWER\n"
#define ONE	"r.test MX 10 mx1.r.test\n"

static const struct {
	enum bug bug;
	const char *world, *right, *wrong;
} wrongs[] = {
	{ BUG_Q267245_DROP, TWO R1("GREETING_5YZ") R2("NO_ANSWER"),
	    "mx1 mx2 DEF", "mx1 mx2 DROP" },
	{ BUG_Q267245_DROP, MX2 "mx1.r.test A fail\n" A2 R2("REFUSED"),
	    "mx2 DEF", "mx2 DROP" },
	{ BUG_Q267245_NDR, TWO R1("NO_ANSWER") R2("GREETING_5YZ"),
	    "mx1 mx2 DEF", "mx1 mx2 BNC" },
	{ BUG_REFUSED_PERMANENT, "r.test MX fail 5\n", "DEF", "BNC" },
	{ BUG_REFUSED_LOSES, "r.test MX fail 5\n", "DEF", "DROP" },
	{ BUG_FORMERR_PERMANENT, "r.test MX fail 1\n", "DEF", "BNC" },
	{ BUG_SERVFAIL_PERMANENT, "r.test MX fail 2\n", "DEF", "BNC" },
	{ BUG_A_FALLBACK_LOOKUP, "r.test MX fail 2\nr.test A 198.18.1.9\n",
	    "DEF", "r DEL" },
	{ BUG_A_FALLBACK_DOWN, TWO R1("REFUSED") R2("REFUSED")
	    "r.test A 198.18.1.9\n", "mx1 mx2 DEF", "mx1 mx2 r DEL" },
	{ BUG_IMPLICIT_MX_BOUNCED, "r.test A 198.18.1.9\n", "r DEL", "BNC" },
	{ BUG_NXDOMAIN_RETRIED, "", "BNC", "DEF" },
	{ BUG_SEARCH_MX_HOST, MX2 "mx1.r.test.s.test A 198.18.1.8\n" A2,
	    "mx2 DEL", "mx1 DEL" },
	{ BUG_SEARCH_DOMAIN, "r.test MX fail 2\nr.test.s.test MX 10 trap.test"
	    "\ntrap.test A 198.18.1.8\n", "DEF", "trap DEL" },
	{ BUG_SEARCH_REWRITE, "r.test MX fail 2\nr.test.s.test MX 10 "
	    "trap.test\ntrap.test A 198.18.1.8\n", "DEF", "trap DEL" },
	{ BUG_NULL_MX_RETRIED, "r.test MX 0 .\n", "BNC", "DEF" },
	{ BUG_NODATA_BOUNCES, MX2 A2, "mx2 DEL", "BNC" },
	{ BUG_HOST_SERVFAIL_BOUNCES, MX2 "mx1.r.test A fail\n" A2, "mx2 DEL",
	    "BNC" },
	{ BUG_MIXED_LOOKUP_BOUNCES, MX2 "mx2.r.test A fail\n", "DEF", "BNC" },
	{ BUG_AAAA_BLOCKS, ONE "mx1.r.test AAAA fail\n" A1, "mx1 DEL", "DEF" },
	{ BUG_CNAME_IGNORED, "r.test CNAME real.test\nreal.test MX 10 "
	    "mx1.r.test\n" A1, "mx1 DEL", "BNC" },
	{ BUG_MX_ORDER_IGNORED, "r.test MX 20 mx2.r.test\n" ONE A1 A2,
	    "mx1 DEL", "mx2 DEL" },
	{ BUG_MX_ORDER_LEXICAL, "r.test MX 100 mx2.r.test\n"
	    "r.test MX 20 mx1.r.test\n" A1 A2, "mx1 DEL", "mx2 DEL" },
	{ BUG_ONLY_FIRST_MX, TWO R1("REFUSED"), "mx1 mx2 DEL", "mx1 DEF" },
	{ BUG_ONLY_FIRST_ADDRESS, ONE A1 "mx1.r.test A 198.18.1.3\n"
	    R1("REFUSED"), "mx1 mx1 DEL", "mx1 DEF" },
	{ BUG_IPV6_STARVES, ONE SIX_V6 A1, "mx1 mx1 DEL",
	    "mx1 mx1 mx1 mx1 mx1 DEF" },
	{ BUG_IPV6_ONLY, ONE "mx1.r.test AAAA fd53::1\nfd53::1 = REFUSED\n"
	    A1, "mx1 mx1 DEL", "mx1 DEF" },
	{ BUG_SELF_UNKNOWN, ONE "r.test MX 20 sut.test\nsut.test A 10.53.0.2"
	    "\n10.53.0.2 = REFUSED\n" A1 R1("REFUSED"), "mx1 DEF",
	    "mx1 sut DEF" },
	{ BUG_GREETING_554_BOUNCES, TWO R1("GREETING_5YZ"), "mx1 mx2 DEL",
	    "mx1 BNC" },
	{ BUG_GREETING_4YZ_BOUNCES, TWO R1("GREETING_4YZ"), "mx1 mx2 DEL",
	    "mx1 BNC" },
	{ BUG_EHLO_421_PERMANENT, TWO R1("EHLO_4YZ"), "mx1 mx2 DEL",
	    "mx1 BNC" },
	{ BUG_NO_NEXT_AFTER_TCP, TWO R1("NO_GREETING"), "mx1 mx2 DEL",
	    "mx1 BNC" },
	{ BUG_REFUSED_CONNECTION, TWO R1("REFUSED") R2("REFUSED"),
	    "mx1 mx2 DEF", "mx1 BNC" },
	{ BUG_ICMP_PERMANENT, TWO R1("UNREACHABLE"), "mx1 mx2 DEL",
	    "mx1 BNC" },
	{ BUG_RCPT_550_NEXT, TWO R1("MAIL_5YZ"), "mx1 BNC", "mx1 mx2 DEL" },
	{ BUG_NXDOMAIN_DROPS, "", "BNC", "DROP" },
	{ BUG_NULL_MX_ADDRESS, "r.test MX 0 .\nr.test A 198.18.1.9\n", "BNC",
	    "r DEL" },
	{ BUG_ALIAS_LOOP_DROPS, "r.test CNAME q.test\nq.test CNAME r.test\n",
	    "DEF", "DROP" },
	{ BUG_NO_ADDRESS_DROPS, MX2, "BNC", "DROP" },
	{ BUG_LOOPBACK_DROPS, ONE "mx1.r.test A 127.0.0.1\n", "BNC", "DROP" },
	{ BUG_LOOPBACK_DROPS, ONE "mx1.r.test A 10.53.0.2\n", "BNC", "DROP" },
	{ BUG_NO_SERVER_BOUNCES, "r.test MX fail 0\n", "DEF", "BNC" },
	{ BUG_AAAA_NXDOMAIN, ONE "mx1.r.test AAAA nx\n" A1, "mx1 DEL", "BNC" },
	{ BUG_IPV4_ONLY, ONE "mx1.r.test AAAA fd53::1\n" A1 R1("REFUSED"),
	    "mx1 DEL", "mx1 DEF" },
	{ BUG_CONNECT_TIMEOUT, TWO R1("NO_ANSWER"), "mx1 mx2 DEL", "mx1 BNC" },
	{ BUG_LOST_BOUNCES, TWO R1("LOST"), "mx1 mx2 DEL", "mx1 BNC" },
	{ BUG_LOST_EOD_BOUNCES, TWO R1("AMBIGUOUS"), "mx1 DEF", "mx1 BNC" },
};

START_TEST(each_bug_of_the_planner_changes_the_story)
{
	struct story s;

	tell(&s, wrongs[_i].world);
	ck_assert_str_eq(s.text, wrongs[_i].right);
	bugs.on[wrongs[_i].bug] = true;
	tell(&s, wrongs[_i].world);
	ck_assert_msg(strcmp(s.text, wrongs[_i].wrong) == 0, "%s: %s not %s",
	    bug_name(wrongs[_i].bug), s.text, wrongs[_i].wrong);
}
END_TEST

START_TEST(a_busy_host_is_asked_once_a_cycle_unless_the_bug_is_on)
{
	struct story s;

	tell(&s, ONE A1 R1("GREETING_4YZ"));
	ck_assert_str_eq(s.text, "mx1 DEF");
	bugs.on[BUG_RECONNECTS] = true;
	tell(&s, ONE A1 R1("GREETING_4YZ"));
	ck_assert_uint_eq(in.try_count, 51);
}
END_TEST

/* The bugs of smarthosts, and what is right beside them. */
START_TEST(the_smarthost_gets_the_mail_unless_a_bug_is_on)
{
	static const char *const smarthosts[] = { "smart.r.test" };
	static const char up[] = ONE A1 "smart.r.test A 198.18.1.2\n";
	static const char gone[] = ONE A1;
	static const char lost[] = ONE A1 "smart.r.test A fail\n"
	    "smart.r.test AAAA fail\n";
	static const struct {
		enum bug	 bug;
		const char	*world, *right, *wrong;
	} t[] = {
		{ BUG_SMARTHOST_IGNORED, up, "smart DEL", "mx1 DEL" },
		{ BUG_SMARTHOST_BYPASSED, up, "smart DEL", "smart DEL" },
		{ BUG_SMARTHOST_BYPASSED, gone, "DEF", "mx1 DEL" },
		{ BUG_SMARTHOST_BOUNCES, gone, "DEF", "BNC" },
		{ BUG_SMARTHOST_BOUNCES, lost, "DEF", "BNC" },
	};
	struct story s;

	policy.smarthosts = smarthosts;
	policy.smarthost_count = 1;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		memset(&bugs, 0, sizeof bugs);
		tell(&s, t[i].world);
		ck_assert_str_eq(s.text, t[i].right);
		bugs.on[t[i].bug] = true;
		tell(&s, t[i].world);
		ck_assert_msg(strcmp(s.text, t[i].wrong) == 0, "%s: %s",
		    bug_name(t[i].bug), s.text);
	}
}
END_TEST

START_TEST(null_sender_mail_outlives_a_dead_resolver_even_with_the_bug)
{
	struct story s;

	bugs.on[BUG_NO_SERVER_BOUNCES] = true;
	in.null_sender = true;
	tell(&s, "r.test MX fail 0\n");
	ck_assert_str_eq(s.text, "DEF");
	bugs.on[BUG_REPORT_ONCE] = true;
	tell(&s, "r.test MX fail 0\n");
	ck_assert_str_eq(s.text, "DROP");
}
END_TEST

START_TEST(equal_preferences_are_shuffled_unless_the_bug_is_on)
{
	const char *world = "r.test MX 10 mx1.r.test\nr.test MX 10 "
	    "mx2.r.test\n" A1 A2;
	int first = 0;
	struct story s;

	for (in.seed = 0; in.seed < 200; in.seed++) {
		tell(&s, world);
		first += strncmp(s.text, "mx1", 3) == 0;
	}
	ck_assert_int_gt(first, 60);
	ck_assert_int_lt(first, 140);
	bugs.on[BUG_NO_SHUFFLE] = true;
	for (in.seed = 0; in.seed < 50; in.seed++) {
		tell(&s, world);
		ck_assert_str_eq(s.text, "mx1 DEL");
	}
}
END_TEST

START_TEST(a_dead_backup_is_not_where_the_next_cycle_begins)
{
	struct story s;

	in.last_host = "mx2.r.test";
	tell(&s, TWO R2("REFUSED"));
	ck_assert_str_eq(s.text, "mx1 DEL");
	bugs.on[BUG_STICKY_BACKUP] = true;
	tell(&s, TWO R2("REFUSED"));
	ck_assert_str_eq(s.text, "mx2 DEF");
}
END_TEST

START_TEST(intervals_double_to_the_largest_and_end_with_the_lifetime)
{
	static const int minutes[] = { 30, 60, 120, 240, 240, 240 };
	struct story s;

	for (in.attempts = 0; in.attempts < 6; in.attempts++) {
		tell(&s, TWO R1("REFUSED") R2("REFUSED"));
		ck_assert_int_eq(s.plan.until_us, in.now_us +
		    minutes[in.attempts] * HOUR / 60);
		in.now_us = s.plan.until_us;
	}
	in.now_us = 118 * HOUR;
	tell(&s, TWO R1("REFUSED") R2("REFUSED"));
	ck_assert_int_eq(s.plan.until_us, 120 * HOUR);
	in.now_us = 120 * HOUR - 1;
	tell(&s, TWO R1("REFUSED") R2("REFUSED"));
	ck_assert_int_eq(s.plan.until_us, in.now_us + HOUR / 2);
	in.now_us = 120 * HOUR;
	tell(&s, TWO R1("REFUSED") R2("REFUSED"));
	ck_assert_str_eq(s.text, "mx1 mx2 BNC");
	ck_assert(s.plan.expired);
}
END_TEST

START_TEST(bugs_of_time_change_the_schedule)
{
	const char *world = TWO R1("REFUSED") R2("REFUSED");
	struct story s;

	bugs.on[BUG_RETRY_STORM] = true;
	tell(&s, world);
	ck_assert_int_eq(s.plan.until_us, 1000000);
	bugs.on[BUG_RETRY_STORM] = false;
	bugs.on[BUG_QUIT_LOOP] = true;
	tell(&s, world);
	ck_assert_int_eq(s.plan.until_us, HOUR / 2);
	tell(&s, TWO R1("LOST") R2("LOST"));
	ck_assert_int_eq(s.plan.until_us, 1000000);
	tell(&s, TWO R1("LOST") R2("REFUSED"));
	ck_assert_int_eq(s.plan.until_us, 1000000);
	/* What lies behind the tries is none. */
	in.tries = (struct try[]){ { .result = TRY_REFUSED },
	    { .result = TRY_LOST } };
	in.try_count = 1;
	ck_assert_int_eq(plan_retry_at(&in, &policy), HOUR / 2);
	bugs.on[BUG_QUIT_LOOP] = false;
	bugs.on[BUG_BACK_OFF_UNLIMITED] = true;
	in.attempts = 5;
	tell(&s, world);
	ck_assert_int_eq(s.plan.until_us, 16 * HOUR);
	bugs.on[BUG_BACK_OFF_UNLIMITED] = false;
	in.attempts = 0;
	in.now_us = 24 * HOUR;
	tell(&s, world);
	ck_assert_str_eq(s.text, "mx1 mx2 DEF");
	bugs.on[BUG_GIVES_UP_EARLY] = true;
	tell(&s, world);
	ck_assert_str_eq(s.text, "mx1 mx2 BNC");
	bugs.on[BUG_GIVES_UP_EARLY] = false;
	in.now_us = 130 * HOUR;
	tell(&s, world);
	ck_assert_str_eq(s.text, "mx1 mx2 BNC");
	bugs.on[BUG_NEVER_EXPIRES] = true;
	tell(&s, world);
	ck_assert_str_eq(s.text, "mx1 mx2 DEF");
}
END_TEST

START_TEST(a_limit_leaves_hosts_untried_and_only_defers)
{
	struct story s;

	policy.address_limit = 1;
	tell(&s, MX2 A1 A2 R1("GREETING_5YZ"));
	ck_assert_str_eq(s.text, "mx1 DEF");
}
END_TEST

START_TEST(too_many_hops_are_returned)
{
	struct story s;

	in.hops = 100;
	tell(&s, TWO);
	ck_assert_str_eq(s.text, "mx1 DEL");
	in.hops = 101;
	tell(&s, TWO);
	ck_assert_str_eq(s.text, "BNC");
	ck_assert_str_eq(s.plan.status, "5.4.6");
	in.hops = 0;
}
END_TEST

START_TEST(no_host_is_tried_while_an_equal_one_is_being_looked_up)
{
	struct fact_rr rrs[2] = { { 10, "mx1.r.test", { 0 } },
		{ 10, "mx2.r.test", { 0 } } }, ip = { 0 };
	struct fact facts[5] = {
		{ .name = "r.test", .type = FACT_MX, .state = FACT_OK,
		    .rrs = rrs, .count = 2 },
		{ .name = "mx1.r.test", .type = FACT_A, .state = FACT_OK,
		    .rrs = &ip, .count = 1 },
		{ .name = "mx1.r.test", .type = FACT_AAAA,
		    .state = FACT_NODATA },
		{ .name = "mx2.r.test", .type = FACT_A,
		    .state = FACT_PENDING },
		{ .name = "mx2.r.test", .type = FACT_AAAA,
		    .state = FACT_NODATA },
	};
	struct plan p;

	addr_parse(&ip.addr, "198.18.1.1");
	in.facts = facts;
	in.fact_count = 5;
	plan_next(&in, &policy, &p);
	ck_assert_int_eq(p.action, PLAN_WAIT);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("reference_impl/planner");
	TCase *tc = tcase_create("planner");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, two_hosts_of_any_classes_end_as_the_grid_says);
	tcase_add_loop_test(tc, each_rule_gives_its_story, 0,
	    sizeof rules / sizeof rules[0]);
	tcase_add_loop_test(tc, each_bug_of_the_planner_changes_the_story, 0,
	    sizeof wrongs / sizeof wrongs[0]);
	tcase_add_test(tc,
	    equal_preferences_are_shuffled_unless_the_bug_is_on);
	tcase_add_test(tc,
	    a_busy_host_is_asked_once_a_cycle_unless_the_bug_is_on);
	tcase_add_test(tc, the_smarthost_gets_the_mail_unless_a_bug_is_on);
	tcase_add_test(tc,
	    null_sender_mail_outlives_a_dead_resolver_even_with_the_bug);
	tcase_add_test(tc, a_dead_backup_is_not_where_the_next_cycle_begins);
	tcase_add_test(tc,
	    intervals_double_to_the_largest_and_end_with_the_lifetime);
	tcase_add_test(tc, bugs_of_time_change_the_schedule);
	tcase_add_test(tc, a_limit_leaves_hosts_untried_and_only_defers);
	tcase_add_test(tc, too_many_hops_are_returned);
	tcase_add_test(tc,
	    no_host_is_tried_while_an_equal_one_is_being_looked_up);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
