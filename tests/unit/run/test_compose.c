#include "harness/run/compose.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const struct compose plain = {
	.key = "m1", .run = "r7", .from = "a@s.test", .to = "u@r.test",
	.date_s = 1925000000, .size = 2000, .eight_bit = true,
};

START_TEST(headers_that_an_mta_adds_do_not_change_the_digest)
{
	struct sbuf a = { 0 }, b = { 0 };
	char x[MESSAGE_DIGEST_LEN], y[MESSAGE_DIGEST_LEN];

	message_compose(&a, &plain);
	sbuf_puts(&b, "Return-Path: <a@s.test>\r\nReceived: from x\r\n\tby y"
	    "\r\n");
	message_compose(&b, &plain);
	message_digest(a.data, a.len, x);
	message_digest(b.data, b.len, y);
	ck_assert_str_eq(x, y);
	b.data[b.len - 3] ^= 1;
	message_digest(b.data, b.len, y);
	ck_assert_str_ne(x, y);
	sbuf_fini(&a);
	sbuf_fini(&b);
}
END_TEST

START_TEST(a_sender_is_tagged_and_its_key_found_again)
{
	static const char *const cases[][2] = {
		{ "a@s.test", "a+m1@s.test" },
		{ "\"a b\"@s.test", "\"a b+m1\"@s.test" },
	};
	char *s, *key;

	for (size_t i = 0; i < 2; i++) {
		s = sender_tag(cases[i][0], "m1");
		ck_assert_str_eq(s, cases[i][1]);
		key = sender_key(s);
		ck_assert_str_eq(key, "m1");
		free(s);
		free(key);
	}
	s = sender_tag("", "m1");
	ck_assert_str_eq(s, "");
	ck_assert_ptr_null(sender_key(s));
	ck_assert_ptr_null(sender_key("a@s.test"));
	free(s);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("run/compose");
	TCase *tc = tcase_create("compose");
	SRunner *sr;
	int failed;

	tcase_add_test(tc,
	    headers_that_an_mta_adds_do_not_change_the_digest);
	tcase_add_test(tc, a_sender_is_tagged_and_its_key_found_again);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
