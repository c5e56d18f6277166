#include "reference_impl/submit.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct config config;
static struct message *stored;
static char content[4096];
static bool disk_full;
static struct sbuf out;

static bool
keep(void *ctx, struct message *m, const char *bytes, size_t len)
{
	(void)ctx;
	if (disk_full)
		return false;
	strcpy(m->id, "ID1");
	stored = m;
	snprintf(content, sizeof content, "%.*s", (int)len, bytes);
	return true;
}

static void
setup(void)
{
	config_init(&config);
	config.policy.hostname = "sut.test";
	addr_parse(&config.clients[0], "10.53.0.9");
	config.client_count = 1;
	config.relay_domains[0] = "backup.test";
	config.relay_count = 1;
	stored = NULL;
	disk_full = false;
	sbuf_clear(&out);
}

static void
teardown(void)
{
	message_free(stored);
	sbuf_fini(&out);
}

static const char *
talk_from(const char *ip, const char *says)
{
	struct addr client;
	struct submit *s;

	addr_parse(&client, ip);
	s = submit_new(&config, &client, keep, NULL, &out);
	for (; *says != '\0'; says++)	/* octet by octet */
		submit_input(s, says, 1);
	submit_free(s);
	return sbuf_str(&out);
}

#define HEAD	"EHLO me\r\nMAIL FROM:<a@s.test>\r\n"
#define TALK(text) talk_from("10.53.0.9", text)

START_TEST(a_message_is_stored_with_its_envelope_and_a_received_line)
{
	const char *said = TALK("EHLO me\r\nMAIL FROM:<a@s.test> RET=HDRS "
	    "ENVID=Q+2B1 SIZE=100\r\nRCPT TO:<MiXed@r.test> NOTIFY=DELAY,"
	    "FAILURE ORCPT=rfc822;x+2By@r.test\r\nRCPT TO:<\"a b\"@r.test>"
	    "\r\nDATA\r\nReceived: x\r\n\r\n..dot\r\n.\r\nQUIT\r\n");

	ck_assert_ptr_nonnull(strstr(said, "250 2.0.0 Queued as ID1\r\n"
	    "221 "));
	ck_assert_ptr_nonnull(stored);
	ck_assert_str_eq(stored->envid, "Q+2B1");
	ck_assert_str_eq(stored->ret, "HDRS");
	ck_assert_str_eq(stored->rcpts[0].addr, "MiXed@r.test");
	ck_assert_str_eq(stored->rcpts[0].notify, "DELAY,FAILURE");
	ck_assert_str_eq(stored->rcpts[0].orcpt, "rfc822;x+2By@r.test");
	ck_assert_str_eq(stored->rcpts[1].addr, "\"a b\"@r.test");
	ck_assert_int_eq(stored->hops, 1);
	ck_assert_int_eq(strncmp(content, "Received: from me ([10.53.0.9])",
	    31), 0);
	ck_assert_ptr_nonnull(strstr(content, "\r\nReceived: x\r\n\r\n.dot"
	    "\r\n"));
}
END_TEST

START_TEST(strangers_may_only_reach_the_relay_domain)
{
	const char *said = talk_from("10.53.7.7", HEAD
	    "RCPT TO:<u@r.test>\r\nRCPT TO:<u@Backup.test>\r\n");

	ck_assert_ptr_nonnull(strstr(said, "554 5.7.1 Relaying denied\r\n"
	    "250 2.1.5"));
}
END_TEST

START_TEST(a_full_disk_is_said_and_nothing_is_promised)
{
	disk_full = true;
	ck_assert_ptr_nonnull(strstr(TALK(HEAD
	    "RCPT TO:<u@r.test>\r\nDATA\r\nx\r\n.\r\n"), "\r\n451 4.3.0"));
}
END_TEST

START_TEST(smuggled_line_ends_are_refused)
{
	static const char *const ends[] = { "\n.\n", "\n.\r\n", "\r.\r\n",
		"\r\n.\n" };
	char text[300];

	for (int i = 0; i < 4; i++) {
		sbuf_clear(&out);
		snprintf(text, sizeof text, HEAD "RCPT TO:<u@r.test>\r\n"
		    "DATA\r\nx%sMAIL FROM:<evil@s.test>\r\n.\r\n", ends[i]);
		ck_assert_ptr_nonnull(strstr(TALK(text), "550 5.6.11"));
		ck_assert_ptr_null(stored);
	}
}
END_TEST

START_TEST(header_lines_cannot_come_in_through_xtext)
{
	ck_assert_ptr_nonnull(strstr(TALK(HEAD "RCPT TO:<u@r.test> "
	    "ORCPT=rfc822;a+0D+0AX-Evil:\r\n"), "\r\n555 5.5.4"));
}
END_TEST

START_TEST(dsn_parameters_are_taken_unless_the_bug_is_on)
{
	ck_assert_ptr_null(strstr(TALK(HEAD "RCPT TO:<u@r.test> "
	    "NOTIFY=NEVER\r\n"), "\r\n555 5.5.4"));
	config.bugs.on[BUG_DSN_REFUSED] = true;
	ck_assert_ptr_nonnull(strstr(TALK(HEAD "RCPT TO:<u@r.test> "
	    "NOTIFY=NEVER\r\n"), "\r\n555 5.5.4"));
	config.bugs.on[BUG_DSN_REFUSED] = false;
}
END_TEST

START_TEST(commands_out_of_order_are_refused)
{
	ck_assert_ptr_nonnull(strstr(TALK("MAIL FROM:<a@s.test>\r\n" HEAD
	    "MAIL FROM:<b@s.test>\r\nDATA\r\nRCPT TO:<u>\r\nXYZ\r\n"),
	    "250 2.1.0 Sender taken\r\n503 5.5.1 One MAIL at a time\r\n"
	    "503 5.5.1 RCPT first\r\n501 5.1.3 Bad recipient address\r\n"
	    "500 5.5.2"));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("reference_impl/submit");
	TCase *tc = tcase_create("submit");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc,
	    a_message_is_stored_with_its_envelope_and_a_received_line);
	tcase_add_test(tc, strangers_may_only_reach_the_relay_domain);
	tcase_add_test(tc, a_full_disk_is_said_and_nothing_is_promised);
	tcase_add_test(tc, smuggled_line_ends_are_refused);
	tcase_add_test(tc, header_lines_cannot_come_in_through_xtext);
	tcase_add_test(tc, dsn_parameters_are_taken_unless_the_bug_is_on);
	tcase_add_test(tc, commands_out_of_order_are_refused);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
