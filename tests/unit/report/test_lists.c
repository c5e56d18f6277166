/* Many runs: a long list read item by item, names found at once. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/sbuf.h"
#include "harness/base/xalloc.h"
#include "harness/report/json_list.h"
#include "harness/report/name_index.h"

/* Members of the root, then the items, as text; or where it fails. */
static char *
read_all(const char *text)
{
	struct json_list l;
	struct sbuf b = { 0 };
	json_error_t je;
	json_t *root = json_list_open(&l, text, strlen(text), "runs", &je);
	json_t *item;
	bool failed = root == NULL;
	char *dump;

	if (root != NULL) {
		dump = json_dumps(root, JSON_COMPACT);
		sbuf_puts(&b, dump);
		free(dump);
		while ((item = json_list_next(&l, &failed, &je)) != NULL) {
			dump = json_dumps(item, JSON_COMPACT |
			    JSON_ENCODE_ANY);
			sbuf_printf(&b, " %s", dump);
			free(dump);
			json_decref(item);
		}
		json_decref(root);
	}
	if (failed)
		sbuf_printf(&b, " fails at %d:%d", je.line, je.column);
	return sbuf_steal(&b);
}

static const struct {
	const char	*text, *says;
} lists[] = {
	{ "{\"a\":1,\"runs\":[{\"x\":1},{\"y\":[2]}],\"b\":2}",
	    "{\"a\":1,\"runs\":[],\"b\":2} {\"x\":1} {\"y\":[2]}" },
	{ "{\n \"runs\" : [ \n {} , {\"a\":\"]},\\\"[\"} \n ] \n}\n",
	    "{\"runs\":[]} {} {\"a\":\"]},\\\"[\"}" },
	{ "{\"runs\":[]}", "{\"runs\":[]}" },
	{ "{\"runs\":[ ]}", "{\"runs\":[]}" },
	{ "{\"runs\":3}", "{\"runs\":3}" },
	{ "{\"runs\":{\"runs\":[1]}}", "{\"runs\":{\"runs\":[1]}}" },
	{ "{\"a\":{\"runs\":[{}]}}", "{\"a\":{\"runs\":[{}]}}" },
	{ "{\"a\":\"\\\"runs\\\":[1]\",\"runs\":[{}]}",
	    "{\"a\":\"\\\"runs\\\":[1]\",\"runs\":[]} {}" },
	{ "{}", "{}" },
	{ "[{\"runs\":[{}]}]", "[{\"runs\":[{}]}]" },
	/* What is no JSON says where. */
	{ "{\"runs\":[{}", " fails at 1:11" },
	{ "{\"runs\":[{}]\n,,}", " fails at 2:2" },
	{ "{\"runs\":[{},\n {],\"x\"}]}", " fails at 2:3" },
	{ "{\"runs\":[{},\n {\"a\" 1}]}", "{\"runs\":[]} {} fails at 2:7" },
	{ "{\"runs\":[{} {}]}", "{\"runs\":[]} fails at 1:13" },
	{ "{\"runs\":[{},]}", "{\"runs\":[]} {} fails at 1:13" },
	{ "", " fails at 1:0" },
	{ "{\"runs", " fails at 1:6" },
};

START_TEST(a_long_list_is_read_item_by_item)
{
	char *got = read_all(lists[_i].text);

	ck_assert_str_eq(got, lists[_i].says);
	free(got);
}
END_TEST

/* Whatever is cut off or put in: an end, no overrun (under ASan). */
START_TEST(no_text_makes_it_read_on)
{
	static const char text[] = "{\"a\":\"\\\\\",\"runs\":[{\"x\":[1,{}]},"
	    " {}],\"b\":{\"c\":[]}}", odd[] = "\"{}[],:\\ x";
	char *copy;

	for (size_t i = 0; i < sizeof text; i++) {
		copy = xstrndup(text, i);
		free(read_all(copy));
		free(copy);
		for (size_t k = 0; odd[k] != '\0' && i + 1 < sizeof text;
		    k++) {
			copy = xstrdup(text);
			copy[i] = odd[k];
			free(read_all(copy));
			free(copy);
		}
	}
}
END_TEST

START_TEST(names_are_found_at_their_places)
{
	struct name_index ix = { .count = 0 };
	static char names[1000][16];

	ck_assert_uint_eq(name_index_find(&ix, "x"), NAME_INDEX_NONE);
	for (size_t i = 0; i < 1000; i++) {
		snprintf(names[i], sizeof names[i], "id/%zu", i);
		ck_assert_uint_eq(name_index_find(&ix, names[i]),
		    NAME_INDEX_NONE);
		name_index_add(&ix, names[i], i);
	}
	for (size_t i = 0; i < 1000; i++)
		ck_assert_uint_eq(name_index_find(&ix, names[i]), i);
	ck_assert_uint_eq(name_index_find(&ix, "id/1000"), NAME_INDEX_NONE);
	name_index_fini(&ix);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("lists");
	TCase *tc = tcase_create("all");
	SRunner *sr;
	int failed;

	tcase_add_loop_test(tc, a_long_list_is_read_item_by_item, 0,
	    sizeof lists / sizeof lists[0]);
	tcase_add_test(tc, no_text_makes_it_read_on);
	tcase_add_test(tc, names_are_found_at_their_places);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
