#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/sbuf.h"
#include "harness/base/timers.h"
#include "harness/judge/judge.h"
#include "harness/scenario/catalogue.h"
#include "harness/scenario/grid.h"
#include "harness/scenario/keys.h"
#include "harness/scenario/oracle.h"
#include "harness/scenario/requirement.h"
#include "harness/scenario/schema.h"
#include "harness/scenario/show.h"

#define MINUTES(n) ((n) * 60 * USEC_PER_SEC)
#define HOURS(n) MINUTES((n) * 60)

static struct scenario *
parse(const char *text)
{
	struct scenario *sc;
	struct diags diags;

	diags_init(&diags);
	sc = scenario_parse(text, strlen(text), "scenarios/a/b.yaml", &diags);
	if (sc == NULL)
		diags_print(&diags, text, stderr);
	ck_assert_ptr_nonnull(sc);
	diags_fini(&diags);
	return sc;
}

#define HEAD "title: t\ncovers: [R-DF-CON-a]\n"
#define ZONE "zone: |\n  r.test.  MX 10 mx1.r.test.\n"			\
	"  mx1.r.test.  A 198.18.1.1\n  mx1.r.test.  AAAA 2001:db8:1::1\n"
#define DELIVERED "expect: {outcome: delivered}\n"

START_TEST(durations_need_units_and_units_must_fall)
{
	int64_t us;

	ck_assert(scenario_duration("1h30m", &us));
	ck_assert_int_eq(us, MINUTES(90));
	ck_assert(scenario_duration("5d", &us));
	ck_assert_int_eq(us, HOURS(120));
	ck_assert_str_eq(scenario_duration_text(MINUTES(90)), "1h30m");
	ck_assert_str_eq(scenario_duration_text(0), "0s");
	ck_assert(!scenario_duration("30", &us));
	ck_assert(!scenario_duration("", &us));
	ck_assert(!scenario_duration("30m1h", &us));
	ck_assert(!scenario_duration("-1s", &us));
	ck_assert(!scenario_duration("99999999999999999999s", &us));
}
END_TEST

START_TEST(what_is_not_said_is_healthy)
{
	struct scenario *sc = parse(HEAD ZONE DELIVERED);

	ck_assert_str_eq(sc->id, "a/b");
	ck_assert_int_eq(sc->level, LEVEL_MUST);
	ck_assert_int_eq(sc->resolvers, 1);
	ck_assert(sc->mta_ipv4 && sc->mta_ipv6);
	ck_assert_int_eq(sc->repair_us, 0);
	ck_assert_int_eq(sc->horizon_us, 0);
	ck_assert_uint_eq(sc->message_count, 1);
	ck_assert_str_eq(sc->messages[0].from, "sender@s.test");
	ck_assert_str_eq(sc->messages[0].to[0], "user@r.test");
	ck_assert_str_eq(sc->hosts[0].name, "mx1.r.test");
	ck_assert_uint_eq(sc->hosts[0].addr_count, 2);
	ck_assert(sc->expect[0].outcome == (VSET(V_DELIVERED) |
	    VSET(V_DELIVERED_LATE)));
	scenario_free(sc);
}
END_TEST

START_TEST(phases_and_ids_of_rules_are_those_of_the_file)
{
	struct scenario *sc = parse(HEAD ZONE
	    "dns:\n  - {name: r.test., type: MX, answer: servfail, "
	    "first: 3, after: 1}\n"
	    "hosts:\n  mx1.r.test:\n"
	    "    - {nth: 2, rcpt: \"450 4.2.0 x\", from: 10m, until: 2h}\n"
	    DELIVERED);
	const struct fsmtp_rule *r = &sc->hosts[0].rules[0];

	ck_assert_str_eq(sc->dns[0].rule.id, "8:5");
	ck_assert_str_eq(sc->dns[0].name, "r.test");
	ck_assert_uint_eq(sc->dns[0].type, 15);
	ck_assert_uint_eq(sc->dns[0].rule.phase.first, 3);
	ck_assert_uint_eq(sc->dns[0].rule.phase.after, 1);
	ck_assert(sc->dns[0].rule.phase.until_us == TIME_NEVER);
	ck_assert_int_eq(sc->dns[0].ttl, -1);
	ck_assert_int_eq(r->stage, FSMTP_RCPT);
	ck_assert_int_eq(r->nth_in_session, 2);
	ck_assert_str_eq(r->lines[0], "450 4.2.0 x");
	ck_assert_int_eq(r->rule.phase.from_us, MINUTES(10));
	ck_assert_int_eq(r->rule.phase.until_us, HOURS(2));
	ck_assert_int_eq(sc->repair_us, HOURS(2));
	scenario_free(sc);
}
END_TEST

START_TEST(a_later_zone_adds_its_hosts_and_moves_the_repair)
{
	struct scenario *sc = parse(HEAD ZONE
	    "zones:\n  - from: 3h\n    text: |\n"
	    "      r.test. MX 10 mx2.r.test.\n"
	    "      mx2.r.test. A 198.18.1.2\n" DELIVERED);

	ck_assert_uint_eq(sc->zone_count, 2);
	ck_assert_int_eq(sc->zones[0].line, 4);
	ck_assert_int_eq(sc->zones[1].line, 10);
	ck_assert_int_eq(sc->repair_us, HOURS(3));
	ck_assert_str_eq(sc->hosts[1].name, "mx2.r.test");
	scenario_free(sc);
}
END_TEST

START_TEST(a_network_rule_knows_the_addresses_of_its_name)
{
	struct scenario *sc = parse(HEAD ZONE
	    "network:\n  - {at: mx1.r.test, state: refuse}\n"
	    "  - {at: resolvers, state: blackhole, until: 1h}\n" DELIVERED);

	ck_assert_uint_eq(sc->network[0].addr_count, 2);
	ck_assert_uint_eq(sc->network[1].addr_count, 4);
	scenario_free(sc);
}
END_TEST

START_TEST(a_variant_replaces_words_and_is_part_of_the_id)
{
	static const char text[] = HEAD ZONE
	    "dns:\n  - {name: r.test, answer: \"${F}\"}\n" DELIVERED
	    "variants:\n  - {name: one, set: {F: drop}}\n"
	    "  - {name: two, set: {F: refused}}\n";
	struct scenario *sc;
	struct diags diags;

	diags_init(&diags);
	sc = scenario_parse_variant(text, strlen(text), "scenarios/x.yaml",
	    "two", &diags);
	ck_assert_ptr_nonnull(sc);
	ck_assert_str_eq(sc->id, "x/two");
	ck_assert_int_eq(sc->dns[0].action, FDNS_REFUSED);
	scenario_free(sc);
	diags_fini(&diags);
}
END_TEST

START_TEST(a_part_of_the_file_is_filled_with_the_words_of_its_variant)
{
	static const char text[] = HEAD ZONE
	    "dns:\n  - {name: \"${N}.test\", answer: \"${F}\"}\n" DELIVERED
	    "variants:\n  - {name: one, set: {F: drop, N: r}}\n";
	static const char line[] = "${N}.test ${F}${N} ${NN} ${} $F ${F";
	struct scenario *sc = parse(text);
	struct sbuf out = { 0 };

	ck_assert_str_eq(sc->dns[0].name, "r.test");
	scenario_fill(sc, &out, line, strlen(line));
	ck_assert_str_eq(sbuf_str(&out), "r.test dropr ${NN} ${} $F ${F");
	sbuf_clear(&out);
	scenario_fill(sc, &out, line, 3);
	ck_assert_str_eq(sbuf_str(&out), "${N");
	sbuf_fini(&out);
	scenario_free(sc);
}
END_TEST

/* Table of 21.11, typed from there: D deliver, d defer, b bounce, + copy. */
static const char *const table[HOST_CLASS_COUNT][HOST_CLASS_COUNT] = {
	{ "D", "D", "D", "D", "D", "D", "D", "D" },
	{ "D", "d", "d", "d", "d", "d", "b", "d+" },
	{ "D", "d", "d", "d", "d", "d", "b", "d+" },
	{ "D", "d", "d", "b", "db", "d", "b", "d+" },
	{ "D", "d", "d", "db", "db", "d", "b", "d+" },
	{ "Dd", "d", "d", "d", "d", "d", "db", "d+" },
	{ "b", "b", "b", "b", "b", "b", "b", "b" },
	{ "Dd+", "d+", "d+", "d+", "d+", "d+", "d+b", "d+" },
};

START_TEST(the_oracle_agrees_with_the_table_of_21_11)
{
	for (int a = 0; a < HOST_CLASS_COUNT; a++)
		for (int b = 0; b < HOST_CLASS_COUNT; b++) {
			const char *t = table[a][b];
			unsigned want = (strchr(t, 'D') ? MAY_DELIVER : 0) |
			    (strchr(t, 'd') ? MAY_DEFER : 0) |
			    (strchr(t, 'b') ? MAY_BOUNCE : 0) |
			    (strchr(t, '+') ? MAY_DUPLICATE : 0);

			ck_assert_msg(oracle_expected_pair(
			    (enum host_class)a, (enum host_class)b, 0) ==
			    want, "%s then %s", host_class_word(
			    (enum host_class)a), host_class_word(
			    (enum host_class)b));
			ck_assert_uint_eq(oracle_expected_pair(
			    (enum host_class)a, (enum host_class)b, 1),
			    oracle_expected_pair((enum host_class)b,
			    (enum host_class)a, 1));
		}
}
END_TEST

static void
parse_all(struct catalogue *cat, const char *select, size_t at_least)
{
	const struct catalogue_entry **chosen = NULL;
	struct sbuf shown = { 0 };
	struct scenario *sc;
	struct diags diags;
	const char *meant;
	size_t n = 0;

	ck_assert(catalogue_select(cat, select, &chosen, &n, &meant));
	ck_assert_uint_ge(n, at_least);
	for (size_t i = 0; i < n; i++) {
		diags_init(&diags);
		sc = catalogue_parse(chosen[i], &diags);
		ck_assert_msg(sc != NULL && diags.count == 0, "%s: %s",
		    chosen[i]->id, diags.count > 0 ? diags.items[0].message :
		    "");
		ck_assert_str_eq(sc->id, chosen[i]->id);
		scenario_show(sc, &shown);
		scenario_free(sc);
		diags_fini(&diags);
	}
	sbuf_fini(&shown);
	free(chosen);
}

START_TEST(every_scenario_and_the_whole_grid_are_right)
{
	struct catalogue cat;
	char *error;

	ck_assert(catalogue_open(&cat, "scenarios", &error));
	parse_all(&cat, "*", 100);
	parse_all(&cat, "grid/", grid_count());
	catalogue_fini(&cat);
}
END_TEST

START_TEST(every_core_requirement_has_a_core_scenario)
{
	size_t n = requirement_count();
	bool *covered = calloc(n, sizeof *covered);
	struct catalogue cat;
	struct diags diags;
	char *error;

	ck_assert(catalogue_open(&cat, "scenarios", &error));
	diags_init(&diags);
	for (size_t i = 0; i < cat.count; i++) {
		struct scenario *sc = catalogue_parse(&cat.entries[i],
		    &diags);

		for (size_t k = 0; sc->core && k < sc->covers_count; k++)
			for (size_t r = 0; r < n; r++)
				covered[r] |= strcmp(requirement_at(r)->id,
				    sc->covers[k]) == 0;
		scenario_free(sc);
	}
	for (size_t r = 0; r < n; r++)
		ck_assert_msg(requirement_at(r)->core == 0 || covered[r],
		    "C%02d %s", requirement_at(r)->core,
		    requirement_at(r)->id);
	diags_fini(&diags);
	catalogue_fini(&cat);
	free(covered);
}
END_TEST

START_TEST(select_takes_ids_prefixes_globs_and_guesses)
{
	const struct catalogue_entry **chosen = NULL;
	struct catalogue cat;
	const char *meant;
	size_t n = 0;
	char *error;

	ck_assert(catalogue_open(&cat, "scenarios", &error));
	ck_assert(catalogue_select(&cat, "retry/lifetime", &chosen, &n,
	    &meant));
	ck_assert_uint_eq(n, 1);
	ck_assert(catalogue_select(&cat, "retry/lifetime", &chosen, &n,
	    &meant));
	ck_assert_uint_eq(n, 1);
	ck_assert(catalogue_select(&cat, "greylist/plain", &chosen, &n,
	    &meant));
	ck_assert_uint_eq(n, 4);
	ck_assert(catalogue_select(&cat, "dns/mx-n*", &chosen, &n, &meant));
	ck_assert_uint_eq(n, 5);
	ck_assert(!catalogue_select(&cat, "retry/livetime", &chosen, &n,
	    &meant));
	ck_assert_str_eq(meant, "retry/lifetime");
	ck_assert(!catalogue_select(&cat, "nowhere/", &chosen, &n, &meant));
	free(chosen);
	catalogue_fini(&cat);
}
END_TEST

START_TEST(words_of_allow_are_the_flags_of_the_judge)
{
	static const char *const flags[] = {
#define X(sym, word, help) word,
		FLAGS(X)
#undef X
	};

	for (size_t i = 0; i < FLAG_COUNT; i++)
		ck_assert_str_eq(words_allow[i].word, flags[i]);
	ck_assert_ptr_null(words_allow[FLAG_COUNT].word);
}
END_TEST

static void
check_holds(const char *path, void (*tables)(struct sbuf *))
{
	struct sbuf page = { 0 }, want = { 0 };

	ck_assert_int_eq(sbuf_read_file(&page, path), 0);
	tables(&want);
	ck_assert_msg(strstr(sbuf_str(&page), sbuf_str(&want)) != NULL,
	    "%s is not what the tables say: make manual", path);
	sbuf_fini(&page);
	sbuf_fini(&want);
}

START_TEST(the_manual_holds_the_reference_of_the_tables)
{
	check_holds("scenarios/README.md", schema_reference);
}
END_TEST

START_TEST(the_readme_holds_the_verdicts_of_the_tables)
{
	check_holds("README.md", schema_verdicts);
}
END_TEST

START_TEST(the_schema_has_every_key_of_the_tables)
{
	struct sbuf schema = { 0 };
	char name[80];

	schema_json(&schema);
	for (size_t i = 0; all_maps[i] != NULL; i++)
		for (const struct key *k = all_maps[i]->keys; k->name != NULL;
		    k++) {
			snprintf(name, sizeof name, "\"%s\": {", k->name);
			ck_assert_msg(strstr(sbuf_str(&schema), name) != NULL,
			    "%s", name);
			ck_assert_msg(*k->help != '\0', "%s", name);
		}
	sbuf_fini(&schema);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("scenario");
	TCase *tc = tcase_create("all");
	SRunner *sr;
	int failed;

	tcase_add_test(tc, durations_need_units_and_units_must_fall);
	tcase_add_test(tc, what_is_not_said_is_healthy);
	tcase_add_test(tc, phases_and_ids_of_rules_are_those_of_the_file);
	tcase_add_test(tc, a_later_zone_adds_its_hosts_and_moves_the_repair);
	tcase_add_test(tc, a_network_rule_knows_the_addresses_of_its_name);
	tcase_add_test(tc, a_variant_replaces_words_and_is_part_of_the_id);
	tcase_add_test(tc,
	    a_part_of_the_file_is_filled_with_the_words_of_its_variant);
	tcase_add_test(tc, the_oracle_agrees_with_the_table_of_21_11);
	tcase_add_test(tc, every_scenario_and_the_whole_grid_are_right);
	tcase_add_test(tc, every_core_requirement_has_a_core_scenario);
	tcase_add_test(tc, select_takes_ids_prefixes_globs_and_guesses);
	tcase_add_test(tc, words_of_allow_are_the_flags_of_the_judge);
	tcase_add_test(tc, the_manual_holds_the_reference_of_the_tables);
	tcase_add_test(tc, the_readme_holds_the_verdicts_of_the_tables);
	tcase_add_test(tc, the_schema_has_every_key_of_the_tables);
	tcase_set_timeout(tc, 60);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
