/*
 * Every malformed file in tests/lint has its diagnostics, to the letter, in
 * NAME.expected.  MXD_WRITE_EXPECTED=1 writes them anew, to be read before
 * they are committed.
 */
#include <check.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/sbuf.h"
#include "harness/scenario/scenario.h"

static char *
diagnostics(const char *path)
{
	struct sbuf text = { 0 };
	struct scenario *sc;
	struct diags diags;
	char *out = NULL;
	size_t len;
	FILE *f;

	ck_assert_int_eq(sbuf_read_file(&text, path), 0);
	diags_init(&diags);
	sc = scenario_parse(sbuf_str(&text), text.len, path, &diags);
	ck_assert_msg((sc == NULL) == (diags.errors > 0), "%s", path);
	f = open_memstream(&out, &len);
	diags_print(&diags, sbuf_str(&text), f);
	fclose(f);
	scenario_free(sc);
	diags_fini(&diags);
	sbuf_fini(&text);
	return out;
}

START_TEST(every_malformed_file_gives_exactly_its_diagnostics)
{
	const char *path;
	struct sbuf want;
	char name[256], *got;
	glob_t files;
	FILE *f;

	ck_assert_int_eq(glob("tests/lint/*.yaml", 0, NULL, &files), 0);
	ck_assert_uint_ge(files.gl_pathc, 30);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		path = files.gl_pathv[i];
		got = diagnostics(path);
		ck_assert_msg(*got != '\0', "%s is found to be right", path);
		snprintf(name, sizeof name, "%.*s.expected",
		    (int)strlen(path) - 5, path);
		if (getenv("MXD_WRITE_EXPECTED") != NULL) {
			ck_assert_ptr_nonnull(f = fopen(name, "w"));
			fputs(got, f);
			fclose(f);
		}
		want = (struct sbuf){ 0 };
		ck_assert_msg(sbuf_read_file(&want, name) == 0, "%s", name);
		ck_assert_str_eq(got, sbuf_str(&want));
		sbuf_fini(&want);
		free(got);
	}
	globfree(&files);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("lint files");
	TCase *tc = tcase_create("all");
	SRunner *sr;
	int failed;

	tcase_add_test(tc, every_malformed_file_gives_exactly_its_diagnostics);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
