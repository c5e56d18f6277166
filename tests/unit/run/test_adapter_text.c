#include "harness/run/adapter.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/timers.h"
#include "harness/base/xalloc.h"
#include "tests/unit/suite.h"

static struct mta_spec spec;
static struct adapter_info info;
static char *error;

static void
setup(void)
{
	adapter_info_init(&info);
	error = NULL;
}

static void
teardown(void)
{
	free(error);
}

START_TEST(a_name_alone_is_an_mta)
{
	ck_assert(mta_spec_parse(&spec, "postfix", &error));
	ck_assert_str_eq(spec.text, "postfix");
	ck_assert_str_eq(spec.name, "postfix");
	ck_assert_ptr_null(spec.version);
	ck_assert_uint_eq(spec.option_count, 0);
	mta_spec_fini(&spec);
	ck_assert_ptr_null(spec.name);
}
END_TEST

START_TEST(a_version_may_hold_what_debian_puts_in_versions)
{
	ck_assert(mta_spec_parse(&spec, "postfix=3.7.11-0+deb12u1", &error));
	ck_assert_str_eq(spec.name, "postfix");
	ck_assert_str_eq(spec.version, "3.7.11-0+deb12u1");
	mta_spec_fini(&spec);
}
END_TEST

START_TEST(options_follow_the_name_or_the_version)
{
	ck_assert(mta_spec_parse(&spec,
	    "reference=1:bug=q267245-drop,life=2d=x,empty=", &error));
	ck_assert_str_eq(spec.version, "1");
	ck_assert_uint_eq(spec.option_count, 3);
	ck_assert_str_eq(spec.options[0].name, "bug");
	ck_assert_str_eq(spec.options[0].value, "q267245-drop");
	ck_assert_str_eq(spec.options[1].name, "life");
	ck_assert_str_eq(spec.options[1].value, "2d=x");
	ck_assert_str_eq(spec.options[2].value, "");
	mta_spec_fini(&spec);
	ck_assert(mta_spec_parse(&spec, "reference:bug=a:b", &error));
	ck_assert_ptr_null(spec.version);
	ck_assert_str_eq(spec.options[0].value, "a:b");
	mta_spec_fini(&spec);
}
END_TEST

START_TEST(what_names_no_mta_is_refused_with_the_form)
{
	static const char *const bad[] = { "", "=3.7", ":bug=x", "post fix",
		"../postfix", "postfix/", "postfix=", "postfix=:bug=x",
		"-\xc3\xbc" };

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		ck_assert_msg(!mta_spec_parse(&spec, bad[i], &error), "%s",
		    bad[i]);
		ck_assert_ptr_nonnull(strstr(error, "names no MTA; expected "
		    "NAME[=VERSION][:option=value,...]"));
		ck_assert_ptr_nonnull(strstr(error, bad[i]));
		free(error);
		error = NULL;
	}
}
END_TEST

START_TEST(what_is_no_option_is_refused_by_name)
{
	static const struct { const char *text, *says; } bad[] = {
		{ "exim:", "\"\" is no option" },
		{ "exim:bug", "\"bug\" is no option" },
		{ "exim:=x", "\"=x\" is no option" },
		{ "exim:a=b,", "\"\" is no option" },
		{ "exim:a=b,c,d=e", "\"c\" is no option" },
		{ "exim:a b=c", "\"a b=c\" is no option" },
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		ck_assert_msg(!mta_spec_parse(&spec, bad[i].text, &error),
		    "%s", bad[i].text);
		ck_assert_msg(strstr(error, bad[i].says) != NULL, "%s",
		    error);
		free(error);
		error = NULL;
	}
}
END_TEST

START_TEST(more_options_than_fit_are_refused)
{
	ck_assert(mta_spec_parse(&spec,
	    "m:a=1,b=1,c=1,d=1,e=1,f=1,g=1,h=1", &error));
	mta_spec_fini(&spec);
	ck_assert(!mta_spec_parse(&spec,
	    "m:a=1,b=1,c=1,d=1,e=1,f=1,g=1,h=1,i=1", &error));
	ck_assert_str_eq(error, "more than 8 options");
}
END_TEST

START_TEST(capabilities_and_options_are_gathered_from_all_lines)
{
	adapter_info_line(&info, "capabilities=tls ipv6");
	adapter_info_line(&info, "capabilities=relay");
	adapter_info_line(&info, "option=bug a deliberate bug");
	adapter_info_line(&info, "option=life");
	adapter_info_line(&info, "uids=many");
	ck_assert_str_eq(info.capabilities, "tls ipv6 relay");
	ck_assert_str_eq(info.options, "bug life");
	ck_assert(info.many_uids);
	adapter_info_line(&info, "uids=one");
	ck_assert(!info.many_uids);
	ck_assert_str_eq(info.error, "");
}
END_TEST

START_TEST(verbs_that_cost_no_process_are_kept_apart)
{
	adapter_info_line(&info, "idle=setup");
	adapter_info_line(&info, "answers=queue kick");
	adapter_info_line(&info, "answers=collect");
	ck_assert_str_eq(info.idle, "setup");
	ck_assert_str_eq(info.answers, "queue kick collect");
	ck_assert_str_eq(info.error, "");
}
END_TEST

START_TEST(a_word_is_found_only_whole)
{
	ck_assert(adapter_info_has("tls ipv6 relay", "tls"));
	ck_assert(adapter_info_has("tls ipv6 relay", "ipv6"));
	ck_assert(adapter_info_has("tls ipv6 relay", "relay"));
	ck_assert(!adapter_info_has("tls ipv6 relay", "ipv"));
	ck_assert(!adapter_info_has("tls ipv6 relay", "rel"));
	ck_assert(!adapter_info_has("tls ipv6 relay", "pv6"));
	ck_assert(!adapter_info_has("", "tls"));
	ck_assert(adapter_info_has("  tls  ipv6 ", "ipv6"));
}
END_TEST

START_TEST(facts_of_the_profile_reach_it)
{
	adapter_info_line(&info, "name=Postfix");
	adapter_info_line(&info, "version=3.7.11");
	adapter_info_line(&info, "life=5d");
	ck_assert_str_eq(info.error, "");
	ck_assert_str_eq(info.profile.name, "Postfix");
	ck_assert_str_eq(info.profile.version, "3.7.11");
	ck_assert_int_eq(info.profile.life_us, 5 * 86400 * USEC_PER_SEC);
}
END_TEST

START_TEST(a_fact_that_cannot_be_is_an_error_that_names_it)
{
	adapter_info_line(&info, "life=soon");
	ck_assert_msg(strncmp(info.error, "life=soon: expected ", 20) == 0,
	    "%s", info.error);
}
END_TEST

START_TEST(lines_that_say_nothing_known_are_passed_over)
{
	char line[200];

	adapter_info_line(&info, "");
	adapter_info_line(&info, "no equals sign");
	adapter_info_line(&info, "unheard-of=1");
	memset(line, 'k', sizeof line);
	strcpy(line + sizeof line - 3, "=1");
	adapter_info_line(&info, line);
	ck_assert_str_eq(info.error, "");
}
END_TEST

START_TEST(more_words_than_fit_are_cut_not_overrun)
{
	char line[400] = "capabilities=";

	memset(line + 13, 'c', 380);
	for (int i = 0; i < 4; i++)
		adapter_info_line(&info, line);
	ck_assert_uint_eq(strlen(info.capabilities),
	    sizeof info.capabilities - 1);
}
END_TEST

static bool
queue_line(const char *line, char from[64], char to[64])
{
	return adapter_queue_line(line, from, to, 64);
}

START_TEST(a_queue_line_gives_the_two_paths)
{
	char from[64], to[64];

	ck_assert(queue_line("4F1 <a+m1@s.test> <user@r.test>", from, to));
	ck_assert_str_eq(from, "a+m1@s.test");
	ck_assert_str_eq(to, "user@r.test");
}
END_TEST

START_TEST(the_null_sender_is_an_empty_path)
{
	char from[64], to[64];

	ck_assert(queue_line("4F1 <> <a@s.test>", from, to));
	ck_assert_str_eq(from, "");
	ck_assert_str_eq(to, "a@s.test");
}
END_TEST

START_TEST(a_quoted_local_part_may_hold_brackets_and_blanks)
{
	char from[64], to[64];

	ck_assert(queue_line("1 <\"a> <b\"@s.test> <\"x\\\"> <\"@r.test>",
	    from, to));
	ck_assert_str_eq(from, "\"a> <b\"@s.test");
	ck_assert_str_eq(to, "\"x\\\"> <\"@r.test");
}
END_TEST

START_TEST(what_is_no_queue_line_is_refused)
{
	static const char *const bad[] = { "", "1", "1 ", " <a> <b>",
		"1 <a>", "1 <a> ", "1 <a><b>", "1 <a> <b", "1 <a> <b> ",
		"1 <a> <b> x", "1 a <b>", "1 <a> b", "1 <\"a> <b>",
		"1  <a> <b>", "1 <\"a\\" };
	char from[64], to[64];

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(!queue_line(bad[i], from, to), "%s", bad[i]);
}
END_TEST

START_TEST(a_path_longer_than_the_room_is_refused)
{
	char from[8], to[8];

	ck_assert(adapter_queue_line("1 <123456> <b>", from, to, 8));
	ck_assert(!adapter_queue_line("1 <1234567> <b>", from, to, 8));
	ck_assert(!adapter_queue_line("1 <a> <\"\\\"\\\"\\\"\">", from, to,
	    8));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("run/adapter_text");
	TCase *tc = tcase_create("adapter_text");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_name_alone_is_an_mta);
	tcase_add_test(tc, a_version_may_hold_what_debian_puts_in_versions);
	tcase_add_test(tc, options_follow_the_name_or_the_version);
	tcase_add_test(tc, what_names_no_mta_is_refused_with_the_form);
	tcase_add_test(tc, what_is_no_option_is_refused_by_name);
	tcase_add_test(tc, more_options_than_fit_are_refused);
	tcase_add_test(tc,
	    capabilities_and_options_are_gathered_from_all_lines);
	tcase_add_test(tc, verbs_that_cost_no_process_are_kept_apart);
	tcase_add_test(tc, a_word_is_found_only_whole);
	tcase_add_test(tc, facts_of_the_profile_reach_it);
	tcase_add_test(tc, a_fact_that_cannot_be_is_an_error_that_names_it);
	tcase_add_test(tc, lines_that_say_nothing_known_are_passed_over);
	tcase_add_test(tc, more_words_than_fit_are_cut_not_overrun);
	tcase_add_test(tc, a_queue_line_gives_the_two_paths);
	tcase_add_test(tc, the_null_sender_is_an_empty_path);
	tcase_add_test(tc,
	    a_quoted_local_part_may_hold_brackets_and_blanks);
	tcase_add_test(tc, what_is_no_queue_line_is_refused);
	tcase_add_test(tc, a_path_longer_than_the_room_is_refused);
	suite_add_tcase(s, tc);
	return run_and_free(s);
}
