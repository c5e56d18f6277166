/*
 * The program's place decides, so a copy of this very program is put where
 * each case wants it and asked what it finds.
 */
#include "harness/run/home.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/sbuf.h"
#include "harness/base/xalloc.h"
#include "harness/run/suite.h"
#include "tests/unit/suite.h"

static char top[64];
static struct sbuf said;

static void
setup(void)
{
	strcpy(top, "/tmp/test_home.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(top));
}

static void
teardown(void)
{
	char *command = xasprintf("rm -r %s", top);

	ck_assert_int_eq(system(command), 0);
	free(command);
	sbuf_fini(&said);
}

static void
make_below(const char *folder)
{
	char *path = xasprintf("%s/%s", top, folder);

	ck_assert_int_eq(make_folders(path), 0);
	free(path);
}

/* What a copy of the program at `place` below `top` says. */
static const char *
ask_at(const char *place)
{
	char *path = xasprintf("%s/%s/prog", top, place);
	char *command = xasprintf("%s --ask", path), chunk[512];
	struct sbuf self = { 0 };
	size_t n;
	FILE *f;

	make_below(place);
	ck_assert_int_eq(sbuf_read_file(&self, "/proc/self/exe"), 0);
	f = fopen(path, "w");
	fwrite(self.data, 1, self.len, f);
	fclose(f);
	chmod(path, 0755);
	f = popen(command, "r");
	while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
		sbuf_add(&said, chunk, n);
	ck_assert_int_eq(pclose(f), 0);
	sbuf_fini(&self);
	free(command);
	free(path);
	return sbuf_str(&said);
}

static int
answer(void)
{
	struct home h;
	char *error = NULL;

	if (home_find(&h, &error)) {
		printf("%s\n%s\n%s\n", h.bin, h.scenarios, h.mta);
		home_fini(&h);
	} else
		puts(error);
	free(error);
	return EXIT_SUCCESS;
}

static void
assert_says(const char *place, const char *scenarios, const char *mta)
{
	char *want = xasprintf("%s/%s\n%s/%s\n%s/%s\n", top, place, top,
	    scenarios, top, mta);

	ck_assert_str_eq(ask_at(place), want);
	free(want);
}

START_TEST(a_build_folder_finds_the_tree_above_it)
{
	make_below("scenarios");
	make_below("harness/mta");
	assert_says("build/asan", "scenarios", "harness/mta");
}
END_TEST

START_TEST(an_installation_finds_its_share)
{
	make_below("usr/share/mxdrill/scenarios");
	make_below("usr/share/mxdrill/mta");
	assert_says("usr/bin", "usr/share/mxdrill/scenarios",
	    "usr/share/mxdrill/mta");
}
END_TEST

START_TEST(the_nearest_whole_tree_is_taken)
{
	make_below("scenarios");
	make_below("harness/mta");
	make_below("inner/scenarios");	/* no adapters beside it */
	assert_says("inner/bin", "scenarios", "harness/mta");
}
END_TEST

START_TEST(without_a_tree_the_program_says_where_it_looked)
{
	char *want = xasprintf("no folders \"scenarios\" and \"harness/mta\" "
	    "above %s/bin\n", top);

	ck_assert_str_eq(ask_at("bin"), want);
	free(want);
}
END_TEST

int
main(int argc, char **argv)
{
	Suite *s;
	TCase *tc;

	if (argc == 2 && strcmp(argv[1], "--ask") == 0)
		return answer();
	s = suite_create("run/home");
	tc = tcase_create("home");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_build_folder_finds_the_tree_above_it);
	tcase_add_test(tc, an_installation_finds_its_share);
	tcase_add_test(tc, the_nearest_whole_tree_is_taken);
	tcase_add_test(tc, without_a_tree_the_program_says_where_it_looked);
	suite_add_tcase(s, tc);
	return run_and_free(s);
}
