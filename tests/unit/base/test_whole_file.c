/* A file is there whole, or the old one is. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/sbuf.h"
#include "harness/base/whole_file.h"
#include "harness/base/xalloc.h"

static char dir[] = "/tmp/mxdrill-whole.XXXXXX";
static char *path;

static void
setup(void)
{
	strcpy(dir, "/tmp/mxdrill-whole.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	path = xasprintf("%s/file", dir);
}

/* Nothing else is left in the folder. */
static void
teardown(void)
{
	unlink(path);
	ck_assert_int_eq(rmdir(dir), 0);
	free(path);
}

static void
holds(const char *text)
{
	struct sbuf b = { 0 };

	ck_assert_int_eq(sbuf_read_file(&b, path), 0);
	ck_assert_str_eq(sbuf_str(&b), text);
	sbuf_fini(&b);
}

START_TEST(the_old_file_stays_until_the_new_one_is_whole)
{
	struct whole_file w;
	struct stat st;

	ck_assert_int_eq(whole_file_write(path, "old", 3), 0);
	ck_assert_int_eq(chmod(path, 0600), 0);
	ck_assert_int_eq(whole_file_open(&w, path), 0);
	fputs("new ", w.f);
	fflush(w.f);
	holds("old");
	fputs("text", w.f);
	ck_assert_int_eq(whole_file_close(&w), 0);
	holds("new text");
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0600);
}
END_TEST

START_TEST(what_cannot_be_made_is_told_at_once)
{
	struct whole_file w;
	char *no = xasprintf("%s/no/file", dir);

	ck_assert_int_eq(whole_file_open(&w, no), -1);
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_int_eq(whole_file_write(no, "x", 1), -1);
	free(no);
}
END_TEST

/* So much at once fails before the end, and leaves nothing to be flushed. */
START_TEST(a_full_disk_is_told_at_the_end)
{
	static char block[1 << 20];
	struct whole_file w;

	ck_assert_int_eq(whole_file_open(&w, "/dev/full"), 0);
	fwrite(block, 1, sizeof block, w.f);
	ck_assert_int_eq(whole_file_close(&w), -1);
	ck_assert(errno == ENOSPC || errno == EIO);
	ck_assert_int_eq(whole_file_write("/dev/full", "x", 1), -1);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("whole file");
	TCase *tc = tcase_create("all");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, the_old_file_stays_until_the_new_one_is_whole);
	tcase_add_test(tc, what_cannot_be_made_is_told_at_once);
	tcase_add_test(tc, a_full_disk_is_told_at_the_end);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
