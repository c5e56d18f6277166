/*
 * Whole cycles of the planner, step by step: plans/NAME.txt.
 *
 *	== name of the case
 *	set NAME VALUE			bug, way (by their names), domain, seed,
 *					limit, hops, now, attempts, null, last,
 *					smarthost, search, own, pending, first,
 *					most (s), life, then (when the first
 *					answer is there)
 *	NAME TYPE VALUE...		a record: MX 10 host, A, AAAA, CNAME,
 *					"fail 5" (rcode), "nx", "nodata",
 *					"empty" (an answer without records)
 *	NAME TYPE wait			answered only when the planner waits
 *	ADDRESS = RESULT		what a try gives; else it is delivered
 *	--
 *	the steps, as they are told
 *
 * Names that have no record do not exist.  With PLANS_WRITE=FOLDER in the
 * environment the files are written there as they would pass: to be read
 * before they are believed.
 */
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "harness/base/sbuf.h"
#include "harness/base/xalloc.h"
#include "reference_impl/planner.h"
#include "tests/unit/suite.h"

#define FOLDER	"tests/unit/reference_impl/plans/"
#define MINUTE	INT64_C(60000000)
#define FACTS	400
#define TRIES_MOST	80
#define RECORDS	128

static const char *const types[] = { "A", "AAAA", "MX" };
static const char *const results[] = {
#define X(sym, cls) #sym,
	TRIES(X)
#undef X
};

static glob_t files;

struct world {
	char		 lines[RECORDS][300];
	size_t		 line_count;
	struct bugs	 bugs;
	struct ways	 ways;
	struct plan_policy pol;
	struct plan_input in;
	struct addr	 own[4];
	const char	*smarthosts[70];
	struct fact	 facts[FACTS];
	struct try	 tries[TRIES_MOST];
	char		*kept[RECORDS];	/* settings */
	size_t		 kept_count;
	int64_t		 then_us;	/* 0: time stands still */
};

static void
world_init(struct world *w)
{
	memset(w, 0, sizeof *w);
	addr_parse(&w->own[0], "10.53.0.2");
	w->pol = (struct plan_policy){ .first_retry_us = 30 * MINUTE,
		.max_retry_us = 240 * MINUTE, .life_us = 7200 * MINUTE,
		.life_null_us = 1440 * MINUTE, .hop_limit = 100,
		.hostname = "sut.test", .own = w->own, .own_count = 1,
		.smarthosts = w->smarthosts, .search = "s.test",
		.bugs = &w->bugs, .ways = &w->ways };
	w->in = (struct plan_input){ .domain = "r.test", .pending = 1,
		.last_host = "", .facts = w->facts, .tries = w->tries };
}

static void
set_bug(struct world *w, const char *name)
{
	int b = 0;

	while (b < BUG_COUNT && strcmp(bug_name((enum bug)b), name) != 0)
		b++;
	ck_assert_msg(b < BUG_COUNT, "no bug %s", name);
	w->bugs.on[b] = true;
}

static void
set_way(struct world *w, const char *name)
{
	int b = 0;

	while (b < WAY_COUNT && strcmp(way_name((enum way)b), name) != 0)
		b++;
	ck_assert_msg(b < WAY_COUNT, "no way %s", name);
	w->ways.on[b] = true;
}

static void
set(struct world *w, const char *name, const char *v)
{
	char *kept = w->kept[w->kept_count++] = xstrdup(v);

	if (strcmp(name, "bug") == 0)
		set_bug(w, v);
	else if (strcmp(name, "way") == 0)
		set_way(w, v);
	else if (strcmp(name, "domain") == 0)
		w->in.domain = kept;
	else if (strcmp(name, "seed") == 0)
		w->in.seed = (uint64_t)atoi(v);
	else if (strcmp(name, "limit") == 0)
		w->pol.address_limit = atoi(v);
	else if (strcmp(name, "hop-limit") == 0)
		w->pol.hop_limit = atoi(v);
	else if (strcmp(name, "hops") == 0)
		w->in.hops = atoi(v);
	else if (strcmp(name, "now") == 0)
		w->in.now_us = atoll(v) * MINUTE;
	else if (strcmp(name, "attempts") == 0)
		w->in.attempts = atoi(v);
	else if (strcmp(name, "null") == 0)
		w->in.null_sender = true;
	else if (strcmp(name, "last") == 0)
		w->in.last_host = strcmp(v, "NULL") == 0 ? NULL : kept;
	else if (strcmp(name, "smarthost") == 0)
		w->smarthosts[w->pol.smarthost_count++] = kept;
	else if (strcmp(name, "search") == 0)
		w->pol.search = strcmp(v, "NULL") == 0 ? NULL :
		    strcmp(v, "-") == 0 ? "" : kept;
	else if (strcmp(name, "own") == 0)
		ck_assert(addr_parse(&w->own[w->pol.own_count++], v));
	else if (strcmp(name, "first") == 0)
		w->pol.first_retry_us = atoll(v) * 1000000;
	else if (strcmp(name, "most") == 0)
		w->pol.max_retry_us = atoll(v) * 1000000;
	else if (strcmp(name, "life") == 0)
		w->pol.life_us = atoll(v) * MINUTE;
	else if (strcmp(name, "then") == 0)
		w->then_us = atoll(v) * MINUTE;
	else if (strcmp(name, "pending") == 0)
		w->in.pending = (size_t)atoi(v);
	else
		ck_abort_msg("no setting %s", name);
}

static void
add_rr(struct fact *f, const char *a, const char *b)
{
	struct fact_rr *rr = &f->rrs[f->count++];

	memset(rr, 0, sizeof *rr);
	f->state = FACT_OK;
	if (f->type != FACT_MX) {
		ck_assert_msg(addr_parse(&rr->addr, a), "%s", a);
		return;
	}
	rr->preference = (uint16_t)atoi(a);
	snprintf(rr->name, NAME_SIZE, "%s", strcmp(b, ".") == 0 ? "" : b);
}

/* One record about this very name and, unless it is an alias, type. */
static bool
take_record(struct fact *f, const char *type, const char *a, const char *b)
{
	if (strcmp(type, "CNAME") == 0) {
		snprintf(f->alias, sizeof f->alias, "%s", a);
		f->state = FACT_OK;
		return strcmp(b, "and") != 0;
	}
	if (strcmp(type, types[f->type]) != 0 || strcmp(a, "nodata") == 0 ||
	    strcmp(a, "wait") == 0)
		return false;
	if (strcmp(a, "fail") == 0) {
		f->state = FACT_FAILED;
		f->rcode = *b != '\0' ? atoi(b) : RCODE_SERVFAIL;
		return true;
	}
	if (strcmp(a, "empty") == 0) {
		f->state = FACT_OK;
		return true;
	}
	if (strcmp(a, "nx") == 0) {
		f->state = FACT_NXDOMAIN;
		return true;
	}
	add_rr(f, a, b);
	return false;
}

/* False: it is on its way. */
static bool
answer(struct world *w, struct fact *f, bool now)
{
	char name[128], type[16], a[256], b[256];

	f->state = FACT_NXDOMAIN;
	f->count = 0;
	for (size_t i = 0; i < w->line_count; i++) {
		*b = '\0';
		if (sscanf(w->lines[i], "%127s %15s %255s %255s", name, type,
		    a, b) < 3 || strcasecmp(name, f->name) != 0)
			continue;
		if (f->state == FACT_NXDOMAIN)
			f->state = FACT_NODATA;
		if (!now && strcmp(a, "wait") == 0 &&
		    strcmp(type, types[f->type]) == 0) {
			f->state = FACT_PENDING;
			return false;
		}
		if (take_record(f, type, a, b))
			break;
	}
	return true;
}

static enum try_result
result_of(const struct world *w, const struct addr *a)
{
	char text[ADDR_STRLEN], ip[128], eq[8], what[64];

	addr_format(a, text);
	for (size_t i = 0; i < w->line_count; i++) {
		if (sscanf(w->lines[i], "%127s %7s %63s", ip, eq, what) != 3 ||
		    strcmp(eq, "=") != 0 || strcmp(ip, text) != 0)
			continue;
		for (int r = 0; r < TRY_COUNT; r++)
			if (strcmp(results[r], what) == 0)
				return (enum try_result)r;
	}
	return TRY_OK;
}

static void
look_up(struct world *w, const struct plan *p, struct sbuf *out)
{
	struct fact *f = &w->facts[w->in.fact_count];

	sbuf_printf(out, "ask %s %s\n", p->name, types[p->type]);
	ck_assert_uint_lt(w->in.fact_count, FACTS);
	f->rrs = xcalloc(RECORDS, sizeof *f->rrs);
	w->in.fact_count++;
	memcpy(f->name, p->name, NAME_SIZE);
	f->type = p->type;
	answer(w, f, false);
	if (w->then_us > 0)
		w->in.now_us = w->then_us;
}

static bool
wait(struct world *w, struct sbuf *out)
{
	bool any = false;

	sbuf_puts(out, "wait\n");
	for (size_t i = 0; i < w->in.fact_count; i++)
		if (w->facts[i].state == FACT_PENDING)
			any |= answer(w, &w->facts[i], true);
	return any;
}

static void
try(struct world *w, const struct plan *p, struct sbuf *out)
{
	struct try *t = &w->tries[w->in.try_count++];
	char text[ADDR_STRLEN];

	ck_assert_uint_lt(w->in.try_count, TRIES_MOST);
	t->addr = p->addr;
	memcpy(t->host, p->name, NAME_SIZE);
	t->result = result_of(w, &t->addr);
	sbuf_printf(out, "try %s %s: %s\n", t->host,
	    addr_format(&t->addr, text), results[t->result]);
	if (t->result == TRY_OK || (t->result == TRY_MAIL_5YZ &&
	    !w->bugs.on[BUG_RCPT_550_NEXT]))
		w->in.pending = 0;
}

static void
put_end(const struct world *w, const struct plan *p, struct sbuf *out)
{
	static const char *const causes[] = { "none", "host", "dns",
		"nxdomain", "no address", "null mx", "self", "hops", "bug" };
	static const char *const ends[] = { "", "", "", "defer", "return",
		"drop", "done" };

	sbuf_puts(out, ends[p->action]);
	if (p->action == PLAN_DEFER)
		sbuf_printf(out, " for %g s",
		    (double)(p->until_us - w->in.now_us) / 1e6);
	if (p->expired)
		sbuf_puts(out, ", expired");
	if (p->status != NULL)
		sbuf_printf(out, ": %s, %s: %s", causes[p->cause], p->status,
		    p->reason);
	sbuf_putc(out, '\n');
}

/* The cycle to its end. */
static void
tell(struct world *w, struct sbuf *out)
{
	struct plan p;

	for (int turns = 0; turns < 1000; turns++) {
		plan_next(&w->in, &w->pol, &p);
		if (p.action == PLAN_LOOKUP)
			look_up(w, &p, out);
		else if (p.action == PLAN_CONNECT)
			try(w, &p, out);
		else if (p.action != PLAN_WAIT || !wait(w, out)) {
			put_end(w, &p, out);
			return;
		}
	}
	sbuf_puts(out, "without end\n");
}

static void
read_line(struct world *w, const char *line)
{
	char name[64], value[256];

	if (sscanf(line, "set %63s %255s", name, value) == 2)
		set(w, name, value);
	else {
		ck_assert_uint_lt(w->line_count, RECORDS);
		snprintf(w->lines[w->line_count++], sizeof w->lines[0], "%s",
		    line);
	}
}

/* At "== name"; returns where the next case begins. */
static const char *
run_case(const char *path, const char *p, struct sbuf *written)
{
	static struct world w;
	struct sbuf told = { 0 };
	const char *start = p, *want, *end = strstr(p + 1, "\n== ");
	char line[300];
	size_t n, len;

	world_init(&w);
	end = end != NULL ? end + 1 : p + strlen(p);
	for (p += strcspn(p, "\n") + 1; p < end && strncmp(p, "--\n", 3) != 0;
	    p += n + 1) {
		n = strcspn(p, "\n");
		snprintf(line, sizeof line, "%.*s", (int)n, p);
		if (n > 0)
			read_line(&w, line);
	}
	ck_assert_msg(p < end, "%s: %.60s: where does it end?", path, start);
	want = p + 3;
	sbuf_add(written, start, (size_t)(want - start));
	tell(&w, &told);
	sbuf_printf(written, "%s\n", sbuf_str(&told));
	for (len = (size_t)(end - want); len > 1 && want[len - 2] == '\n'; )
		len--;
	/* Of those that fail the first is told. */
	if ((len != told.len || memcmp(want, told.data, len) != 0) &&
	    getenv("PLANS_WRITE") == NULL)
		ck_abort_msg("%s: %.*s: told\n%.2000s-- not\n%.*s", path,
		    (int)strcspn(start, "\n"), start, sbuf_str(&told),
		    len < 2000 ? (int)len : 2000, want);
	sbuf_fini(&told);
	while (w.kept_count > 0)
		free(w.kept[--w.kept_count]);
	while (w.in.fact_count > 0)
		free(w.facts[--w.in.fact_count].rrs);
	return end;
}

static void
write_anew(const char *path, const struct sbuf *written)
{
	char *to = xasprintf("%s%s", getenv("PLANS_WRITE"),
	    strrchr(path, '/'));
	FILE *f = fopen(to, "w");

	ck_assert_ptr_nonnull(f);
	fputs(sbuf_str(written), f);
	fclose(f);
	free(to);
}

START_TEST(each_cycle_goes_as_it_must)
{
	struct sbuf text = { 0 }, written = { 0 };
	const char *path = files.gl_pathv[_i];

	ck_assert_int_eq(sbuf_read_file(&text, path), 0);
	for (const char *p = sbuf_str(&text); *p != '\0'; )
		p = run_case(path, p, &written);
	if (getenv("PLANS_WRITE") != NULL)
		write_anew(path, &written);
	sbuf_fini(&text);
	sbuf_fini(&written);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("reference_impl/plans");
	TCase *tc = tcase_create("files");
	int rc;

	if (glob(FOLDER "*.txt", 0, NULL, &files) != 0)
		return EXIT_FAILURE;
	tcase_add_loop_test(tc, each_cycle_goes_as_it_must, 0,
	    (int)files.gl_pathc);
	suite_add_tcase(s, tc);
	rc = run_and_free(s);
	globfree(&files);
	return rc;
}
