#include "reference_impl/queue.h"

#include <check.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[64];
static struct queue q;
static int countdown;

static void
remove_all(void)
{
	char path[400];
	DIR *d;
	struct dirent *e;

	snprintf(path, sizeof path, "%s/queue", dir);
	d = opendir(path);
	while (d != NULL && (e = readdir(d)) != NULL) {
		snprintf(path, sizeof path, "%s/queue/%s", dir, e->d_name);
		unlink(path);
	}
	if (d != NULL)
		closedir(d);
	snprintf(path, sizeof path, "%s/queue", dir);
	rmdir(path);
}

static void
setup(void)
{
	strcpy(dir, "/tmp/refmta-queue.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	queue_sync_hook = NULL;
	ck_assert(queue_open(&q, dir, NULL, 0));
}

static void
teardown(void)
{
	queue_close(&q);
	remove_all();
	rmdir(dir);
}

static int
files(void)
{
	char path[400];
	DIR *d;
	struct dirent *e;
	int n = 0;

	snprintf(path, sizeof path, "%s/queue", dir);
	d = opendir(path);
	while ((e = readdir(d)) != NULL)
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

static struct message *
two_recipients(void)
{
	struct message *m = message_new("a@s.test");

	message_add_rcpt(m, "\"b c\"@r.test");
	message_add_rcpt(m, "d@r.test");
	text_set(&m->envid, "E1");
	text_set(&m->rcpts[1].notify, "NEVER");
	text_set(&m->rcpts[1].diag, "451 later\nEvil: yes");
	m->rcpts[1].attempts = 3;
	m->rcpts[1].next_us = 77;
	m->arrival_us = 1234567890123;
	m->hops = 4;
	return m;
}

static void
reopen(void)
{
	queue_close(&q);
	ck_assert(queue_open(&q, dir, NULL, 0));
}

START_TEST(a_message_survives_a_restart_as_it_was)
{
	struct sbuf c = { 0 };
	struct message *m = two_recipients();

	ck_assert(queue_store(&q, m, "x\r\n", 3, 5000000));
	m->rcpts[0].state = RCPT_DELIVERED;
	ck_assert(queue_save(&q, m));
	reopen();
	m = q.messages;
	ck_assert_ptr_nonnull(m);
	ck_assert_str_eq(m->from, "a@s.test");
	ck_assert_str_eq(m->envid, "E1");
	ck_assert_str_eq(m->rcpts[0].addr, "\"b c\"@r.test");
	ck_assert_int_eq(m->rcpts[0].state, RCPT_DELIVERED);
	ck_assert_int_eq(m->rcpts[1].attempts, 3);
	ck_assert_int_eq(m->rcpts[1].next_us, 77);
	ck_assert_str_eq(m->rcpts[1].diag, "451 later Evil: yes");
	ck_assert_int_eq(m->arrival_us, 1234567890123);
	ck_assert_uint_eq(message_pending(m), 1);
	ck_assert(queue_content(&q, m, &c));
	ck_assert_str_eq(sbuf_str(&c), "x\r\n");
	sbuf_fini(&c);
	queue_remove(&q, m);
	ck_assert_int_eq(files(), 0);
}
END_TEST

static void
die_at(const char *what)
{
	(void)what;
	if (countdown-- == 0)
		raise(SIGKILL);
}

/* Runs `work` in a child that is killed at the n-th point; true: killed. */
static bool
killed_at(int n, void (*work)(void))
{
	int status;
	pid_t pid = fork();

	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		countdown = n;
		queue_sync_hook = die_at;
		work();
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status);
}

static void
store_one(void)
{
	queue_store(&q, two_recipients(), "x\r\n", 3, 5000000);
}

START_TEST(a_kill_while_storing_leaves_all_or_nothing)
{
	bool killed = true;
	int n;

	for (n = 0; killed; n++) {
		killed = killed_at(n, store_one);
		reopen();
		if (q.messages != NULL) {
			struct sbuf c = { 0 };

			ck_assert_uint_eq(message_pending(q.messages), 2);
			ck_assert(queue_content(&q, q.messages, &c));
			ck_assert_uint_eq(c.len, 3);
			sbuf_fini(&c);
			queue_remove(&q, q.messages);
		} else
			ck_assert(killed);
		ck_assert_int_eq(files(), 0);
	}
	ck_assert_int_eq(n, 7);		/* three points a file, two files */
}
END_TEST

static void
deliver_one(void)
{
	q.messages->rcpts[0].state = RCPT_DELIVERED;
	queue_save(&q, q.messages);
}

START_TEST(a_kill_while_noting_a_delivery_keeps_the_other_recipient)
{
	for (int n = 0; n < 3; n++) {
		store_one();
		ck_assert(killed_at(n, deliver_one));
		reopen();
		ck_assert_ptr_nonnull(q.messages);
		ck_assert_int_eq(q.messages->rcpts[1].state, RCPT_PENDING);
		ck_assert_int_eq(q.messages->rcpts[0].state, n == 0
		    ? RCPT_PENDING : RCPT_DELIVERED);
		queue_remove(&q, q.messages);
		ck_assert_int_eq(files(), 0);
	}
}
END_TEST

START_TEST(a_report_stored_before_a_crash_is_not_made_again)
{
	struct message *m = two_recipients(), *r = message_new("");

	ck_assert(queue_store(&q, m, "x\r\n", 3, 5000000));
	message_add_rcpt(r, "a@s.test");
	snprintf(r->id, sizeof r->id, "%.30s.1", m->id);
	text_set(&r->parent, m->id);
	text_set(&r->covers, "1 ");
	r->parent_seq = 1;
	ck_assert(queue_store(&q, r, "report\r\n", 8, 5000000));
	reopen();
	for (m = q.messages; m->parent != NULL; m = m->next)
		;
	ck_assert_int_eq(m->rcpts[0].state, RCPT_PENDING);
	ck_assert_int_eq(m->rcpts[1].state, RCPT_FAILED);
	ck_assert_int_eq(m->reports, 1);
}
END_TEST

START_TEST(a_restart_makes_nothing_young_unless_the_bug_is_on)
{
	struct bugs bugs = { 0 };

	store_one();
	reopen();
	ck_assert_int_eq(q.messages->arrival_us, 1234567890123);
	bugs.on[BUG_LIFE_RESET] = true;
	queue_close(&q);
	ck_assert(queue_open(&q, dir, &bugs, 42));
	ck_assert_int_eq(q.messages->arrival_us, 42);
}
END_TEST

START_TEST(a_restart_keeps_what_was_tried_and_all_content_without_a_bug)
{
	struct bugs bugs = { 0 };

	store_one();
	q.messages->taken = true;
	ck_assert(queue_save(&q, q.messages));
	reopen();
	ck_assert_uint_gt(q.messages->size, 0);
	bugs.on[BUG_EMPTY_AFTER_CRASH] = true;
	queue_close(&q);
	ck_assert(queue_open(&q, dir, &bugs, 42));
	ck_assert_uint_eq(q.messages->size, 0);
	bugs.on[BUG_TAKEN_LOST] = true;
	queue_close(&q);
	ck_assert(queue_open(&q, dir, &bugs, 42));
	ck_assert_ptr_null(q.messages);
}
END_TEST

START_TEST(the_queue_can_be_listed_without_the_daemon)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	store_one();
	q.messages->rcpts[0].state = RCPT_DELIVERED;
	queue_save(&q, q.messages);
	ck_assert(queue_print(dir, NULL, f));
	fclose(f);
	ck_assert_str_eq(text, "000000050000 <a@s.test> <d@r.test>\n");
	free(text);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("reference_impl/queue");
	TCase *tc = tcase_create("queue");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_message_survives_a_restart_as_it_was);
	tcase_add_test(tc, a_kill_while_storing_leaves_all_or_nothing);
	tcase_add_test(tc,
	    a_kill_while_noting_a_delivery_keeps_the_other_recipient);
	tcase_add_test(tc, a_report_stored_before_a_crash_is_not_made_again);
	tcase_add_test(tc,
	    a_restart_makes_nothing_young_unless_the_bug_is_on);
	tcase_add_test(tc,
	    a_restart_keeps_what_was_tried_and_all_content_without_a_bug);
	tcase_add_test(tc, the_queue_can_be_listed_without_the_daemon);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
