#include "harness/base/sbuf.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/xalloc.h"
#include "tests/unit/suite.h"

static struct sbuf b;

static void
setup(void)
{
	memset(&b, 0, sizeof b);
}

static void
teardown(void)
{
	sbuf_fini(&b);
}

START_TEST(an_empty_buffer_is_the_empty_text)
{
	ck_assert_str_eq(sbuf_str(&b), "");
	sbuf_clear(&b);
	sbuf_consume(&b, 0);
	ck_assert_uint_eq(b.len, 0);
	ck_assert_str_eq(sbuf_str(&b), "");
}
END_TEST

START_TEST(stealing_an_empty_buffer_gives_an_empty_string)
{
	char *s = sbuf_steal(&b);

	ck_assert_str_eq(s, "");
	free(s);
}
END_TEST

START_TEST(octets_are_kept_and_a_nul_always_follows)
{
	for (int i = 0; i < 1000; i++) {
		sbuf_putc(&b, (char)i);
		ck_assert_uint_eq(b.len, (size_t)i + 1);
		ck_assert_int_eq(b.data[b.len], '\0');
	}
	for (int i = 0; i < 1000; i++)
		ck_assert_int_eq((unsigned char)b.data[i], i % 256);
}
END_TEST

START_TEST(a_text_exactly_as_long_as_the_memory_keeps_its_nul)
{
	char text[257];

	memset(text, 'x', sizeof text);
	for (size_t len = 1; len <= 256; len++) {
		sbuf_fini(&b);
		sbuf_add(&b, text, len);
		ck_assert_uint_lt(b.len, b.cap);
		ck_assert_uint_eq(strlen(b.data), len);
		sbuf_fini(&b);
		sbuf_printf(&b, "%.*s", (int)len, text);
		ck_assert_uint_lt(b.len, b.cap);
		ck_assert_uint_eq(strlen(b.data), len);
	}
}
END_TEST

START_TEST(what_is_printed_comes_behind_what_is_there)
{
	sbuf_puts(&b, "250-");
	sbuf_printf(&b, "SIZE %d", 1000);
	sbuf_printf(&b, "%s", "");
	ck_assert_str_eq(sbuf_str(&b), "250-SIZE 1000");
	ck_assert_uint_eq(b.len, 13);
}
END_TEST

START_TEST(clearing_keeps_the_memory_and_drops_the_text)
{
	const char *data;

	sbuf_puts(&b, "old text");
	data = b.data;
	sbuf_clear(&b);
	ck_assert_str_eq(sbuf_str(&b), "");
	sbuf_puts(&b, "new");
	ck_assert_ptr_eq(b.data, data);
	ck_assert_str_eq(sbuf_str(&b), "new");
}
END_TEST

START_TEST(consuming_drops_the_front_only)
{
	sbuf_puts(&b, "MAIL FROM");
	sbuf_consume(&b, 5);
	ck_assert_str_eq(sbuf_str(&b), "FROM");
	sbuf_consume(&b, 4);
	ck_assert_uint_eq(b.len, 0);
	ck_assert_str_eq(sbuf_str(&b), "");
}
END_TEST

START_TEST(stolen_memory_leaves_an_empty_buffer)
{
	char *s;

	sbuf_puts(&b, "mine");
	s = sbuf_steal(&b);
	ck_assert_str_eq(s, "mine");
	ck_assert_ptr_null(b.data);
	ck_assert_uint_eq(b.len, 0);
	free(s);
}
END_TEST

START_TEST(a_file_is_read_whole_behind_what_is_there)
{
	char path[] = "/tmp/test_sbuf.XXXXXX";
	int fd = mkstemp(path);
	char *big = xmalloc(40000);

	memset(big, 'z', 40000);
	big[20000] = '\0';
	ck_assert_int_eq(write(fd, big, 40000), 40000);
	close(fd);
	sbuf_puts(&b, "<");
	ck_assert_int_eq(sbuf_read_file(&b, path), 0);
	unlink(path);
	ck_assert_uint_eq(b.len, 40001);
	ck_assert_int_eq(b.data[0], '<');
	ck_assert_mem_eq(b.data + 1, big, 40000);
	free(big);
}
END_TEST

START_TEST(a_file_that_cannot_be_read_changes_nothing)
{
	sbuf_puts(&b, "kept");
	errno = 0;
	ck_assert_int_eq(sbuf_read_file(&b, "/nonexistent/file"), -1);
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_int_eq(sbuf_read_file(&b, "/tmp"), -1);
	ck_assert_int_eq(errno, EISDIR);
	ck_assert_str_eq(sbuf_str(&b), "kept");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("base/sbuf");
	TCase *tc = tcase_create("sbuf");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, an_empty_buffer_is_the_empty_text);
	tcase_add_test(tc, stealing_an_empty_buffer_gives_an_empty_string);
	tcase_add_test(tc, octets_are_kept_and_a_nul_always_follows);
	tcase_add_test(tc,
	    a_text_exactly_as_long_as_the_memory_keeps_its_nul);
	tcase_add_test(tc, what_is_printed_comes_behind_what_is_there);
	tcase_add_test(tc, clearing_keeps_the_memory_and_drops_the_text);
	tcase_add_test(tc, consuming_drops_the_front_only);
	tcase_add_test(tc, stolen_memory_leaves_an_empty_buffer);
	tcase_add_test(tc, a_file_is_read_whole_behind_what_is_there);
	tcase_add_test(tc, a_file_that_cannot_be_read_changes_nothing);
	suite_add_tcase(s, tc);
	return run_and_free(s);
}
