/*
 * The whole engine over real sockets, in a network namespace of its own: a
 * name server, an MX host and refmta in one event loop.
 */
#include "reference_impl/submit.h"

#include <check.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/xalloc.h"

#define MX_IP	"198.18.1.1"
#define DNS_IP	"198.18.0.53"
#define DEAD_NS	"198.18.0.54"

/* What is in flight at the end of a test dies with its process. */
const char *__asan_default_options(void);
const char *
__asan_default_options(void)
{
	return "detect_leaks=0";
}

static bool have_net;
static char dir[64];
static struct event_base *base;
static struct config config;
static struct engine engine;
static struct event *dns_event;
static struct evconnlistener *mx;
static struct sbuf heard;		/* commands and content at the MX */
static int queries, connections;
static bool say_refused, say_truncated, say_wrong_id;
static const char *rcpt_reply;
static int stop_after;			/* messages taken */

static void
enter_namespace(void)
{
	if (unshare(CLONE_NEWNET) == -1 &&
	    unshare(CLONE_NEWUSER | CLONE_NEWNET) == -1)
		return;
	have_net = system("ip link set lo up && ip addr add " MX_IP
	    "/32 dev lo && ip addr add " DNS_IP "/32 dev lo && ip addr add "
	    DEAD_NS "/32 dev lo") == 0;
}

/* r.test and s.test have the MX, c.test is r.test; nothing else exists. */
static void
on_query(evutil_socket_t fd, short what, void *arg)
{
	static const uint8_t mx_rr[] = { 0xc0, 12, 0, 15, 0, 1, 0, 0, 0, 0, 0,
		7, 0, 10, 2, 'm', 'x', 0xc0, 12 };
	static const uint8_t a_rr[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0,
		4, 198, 18, 1, 1 };
	static const uint8_t cname_rr[] = { 0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 0,
		0, 8, 1, 'r', 4, 't', 'e', 's', 't', 0 };
	uint8_t w[1024];
	struct sockaddr_storage from;
	socklen_t len = sizeof from;
	ssize_t n = recvfrom(fd, w, 512, 0, (struct sockaddr *)&from, &len);
	bool ours, host, alias;

	(void)what;
	(void)arg;
	ck_assert_int_gt(n, 16);
	queries++;
	host = w[12] == 2;
	alias = !host && w[13] == 'c';
	ours = host || alias || w[13] == 'r' || w[13] == 's' ||
	    memmem(w + 12, (size_t)n - 12, "\4gone\4test\1r", 12) != NULL;
	w[2] = 0x81;
	w[3] = say_refused ? 0x85 : ours ? 0x80 : 0x83;
	if (say_refused)
		ours = false;
	if (say_wrong_id) {
		uint8_t copy[1024];

		memcpy(copy, w, (size_t)n);
		copy[0] ^= 1;
		copy[3] = 0x83;
		sendto(fd, copy, (size_t)n, 0, (struct sockaddr *)&from, len);
	}
	if (say_truncated)
		w[2] |= 2;
	if (alias) {
		w[7] = 1;
		memcpy(w + n, cname_rr, sizeof cname_rr);
		n += sizeof cname_rr;
	} else if (ours && !host && w[n - 3] == 15) {
		w[7] = 1;
		memcpy(w + n, mx_rr, sizeof mx_rr);
		n += sizeof mx_rr;
	} else if (ours && host && w[n - 3] == 1) {
		w[7] = 1;
		memcpy(w + n, a_rr, sizeof a_rr);
		n += sizeof a_rr;
	}
	sendto(fd, w, (size_t)n, 0, (struct sockaddr *)&from, len);
}

static void
on_mx_read(struct bufferevent *bev, void *arg)
{
	struct evbuffer *in = bufferevent_get_input(bev);
	bool *content = arg;
	char *line;
	const char *reply;

	while ((line = evbuffer_readln(in, NULL, EVBUFFER_EOL_CRLF)) != NULL) {
		sbuf_printf(&heard, "%s\n", line);
		reply = "250 ok\r\n";
		if (*content && strcmp(line, ".") != 0)
			reply = "";
		else if (*content) {
			*content = false;
			if (--stop_after == 0)
				event_base_loopexit(base, &(struct timeval){
				    0, 50000 });
		} else if (strncmp(line, "DATA", 4) == 0) {
			*content = true;
			reply = "354 go\r\n";
		} else if (strncmp(line, "RCPT TO:<bad", 12) == 0)
			reply = rcpt_reply;
		else if (strncmp(line, "QUIT", 4) == 0)
			reply = "221 bye\r\n";
		evbuffer_add(bufferevent_get_output(bev), reply,
		    strlen(reply));
		free(line);
	}
}

static void
on_mx_event(struct bufferevent *bev, short what, void *arg)
{
	(void)what;
	free(arg);
	bufferevent_free(bev);
}

static void
on_mx_accept(struct evconnlistener *l, evutil_socket_t fd,
    struct sockaddr *sa, int len, void *arg)
{
	struct bufferevent *bev = bufferevent_socket_new(base, fd,
	    BEV_OPT_CLOSE_ON_FREE);

	(void)l;
	(void)sa;
	(void)len;
	(void)arg;
	connections++;
	bufferevent_setcb(bev, on_mx_read, NULL, on_mx_event,
	    xcalloc(1, sizeof(bool)));
	bufferevent_enable(bev, EV_READ | EV_WRITE);
	bufferevent_write(bev, "220 mx\r\n", 8);
}

static struct addr
endpoint(const char *ip, uint16_t port)
{
	struct addr a;

	ck_assert(addr_parse(&a, ip));
	a.port = port;
	return a;
}

static void
open_mx(void)
{
	struct addr a = endpoint(MX_IP, 25);
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(&a, &ss);

	mx = evconnlistener_new_bind(base, on_mx_accept, NULL,
	    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, 16,
	    (struct sockaddr *)&ss, (int)len);
	ck_assert_ptr_nonnull(mx);
}

static void
setup(void)
{
	struct addr a = endpoint(DNS_IP, 53);
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(&a, &ss);
	int fd;

	base = event_base_new();
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&ss, len), 0);
	dns_event = event_new(base, fd, EV_READ | EV_PERSIST, on_query, NULL);
	event_add(dns_event, NULL);
	strcpy(dir, "/tmp/refmta-engine.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	config_init(&config);
	config.dir = dir;
	config.policy.hostname = "sut.test";
	config.dns.servers[0] = a;
	config.dns.count = 1;
	queries = connections = 0;
	say_refused = say_truncated = say_wrong_id = false;
	rcpt_reply = "250 ok\r\n";
	stop_after = 1;
	sbuf_clear(&heard);
	mx = NULL;
	ck_assert(engine_open(&engine, base, &config));
}

static void
teardown(void)
{
	char command[100];

	close(event_get_fd(dns_event));
	event_free(dns_event);
	if (mx != NULL)
		evconnlistener_free(mx);
	engine_close(&engine);
	event_base_free(base);
	snprintf(command, sizeof command, "rm -r %s", dir);
	ck_assert_int_eq(system(command), 0);
}

static void
submit(const char *from, const char *to)
{
	static const char text[] = "From: <x@s.test>\r\n\r\nbody\r\n";
	struct message *m = message_new(from);

	message_add_rcpt(m, to);
	m->arrival_us = m->rcpts[0].next_us = now_us();
	ck_assert(queue_store(&engine.queue, m, text, sizeof text - 1,
	    now_us()));
	engine_add(&engine, m);
}

/* Until the MX has its messages, or nothing more is expected. */
static void
run(int ms)
{
	struct timeval tv = { ms / 1000, ms % 1000 * 1000 };

	event_base_loopexit(base, &tv);
	event_base_dispatch(base);
}

static bool
was_heard(const char *what)
{
	return strstr(sbuf_str(&heard), what) != NULL;
}

START_TEST(a_message_is_delivered_and_leaves_the_queue)
{
	open_mx();
	submit("a@s.test", "u@r.test");
	run(5000);
	ck_assert(was_heard("RCPT TO:<u@r.test>\n"));
	ck_assert_ptr_null(engine.queue.messages);
	ck_assert_int_eq(queries, 3);
}
END_TEST

START_TEST(messages_due_at_once_share_their_lookups)
{
	open_mx();
	stop_after = 3;
	submit("a@s.test", "u@r.test");
	submit("a@s.test", "v@R.TEST");
	submit("a@s.test", "w@r.test");
	run(5000);
	ck_assert_int_eq(connections, 3);
	ck_assert_ptr_null(engine.queue.messages);
	ck_assert_int_eq(queries, 3);
	ck_assert_ptr_null(engine.resolver.queries);
	submit("a@s.test", "x@r.test");		/* but nothing is kept */
	run(5000);
	ck_assert_int_eq(queries, 6);
}
END_TEST

START_TEST(messages_due_at_once_share_an_alias_without_records)
{
	open_mx();
	stop_after = 2;
	submit("a@s.test", "u@c.test");
	submit("a@s.test", "v@c.test");
	run(5000);
	ck_assert_int_eq(connections, 2);
	ck_assert_ptr_null(engine.queue.messages);
	ck_assert_int_eq(queries, 4);
}
END_TEST

START_TEST(a_refused_recipient_is_reported_unless_the_bug_is_on)
{
	open_mx();
	rcpt_reply = "550 5.1.1 no\r\n";
	submit("a@s.test", "bad@r.test");
	run(5000);
	ck_assert(was_heard("MAIL FROM:<>\nRCPT TO:<a@s.test>\n"));
	ck_assert(was_heard("Status: 5.1.1"));
	ck_assert_ptr_null(engine.queue.messages);
	config.bugs.on[BUG_NO_DSN] = true;
	sbuf_clear(&heard);
	submit("a@s.test", "bad@r.test");
	run(200);
	ck_assert(!was_heard("MAIL FROM:<>"));
	ck_assert_ptr_null(engine.queue.messages);
}
END_TEST

START_TEST(null_sender_mail_is_never_reported)
{
	open_mx();
	rcpt_reply = "550 5.1.1 no\r\n";
	submit("", "bad@r.test");
	run(200);
	ck_assert(!was_heard("DATA"));
	ck_assert_ptr_null(engine.queue.messages);
}
END_TEST

START_TEST(a_dead_host_defers_and_a_kick_delivers)
{
	submit("a@s.test", "u@r.test");
	run(150);
	ck_assert_ptr_nonnull(engine.queue.messages);
	ck_assert_str_eq(engine.queue.messages->rcpts[0].status, "4.4.1");
	open_mx();
	engine_kick(&engine);
	run(5000);
	ck_assert_ptr_null(engine.queue.messages);
}
END_TEST

START_TEST(a_dead_host_is_remembered_but_not_for_ever)
{
	config.host_cache_us = 0;
	submit("a@s.test", "u@r.test");
	run(150);
	open_mx();
	config.bugs.on[BUG_HOST_CACHE] = true;
	submit("a@s.test", "v@r.test");
	run(150);
	ck_assert_int_eq(connections, 0);
	config.bugs.on[BUG_HOST_CACHE] = false;
	submit("a@s.test", "w@r.test");
	run(5000);
	ck_assert_int_eq(connections, 1);
}
END_TEST

START_TEST(a_host_long_dead_is_tried_unless_the_bug_is_on)
{
	config.host_cache_us = 0;
	config.bugs.on[BUG_LONG_DEAD_BOUNCES] = true;
	submit("a@s.test", "u@r.test");
	run(150);
	ck_assert_int_eq(engine.queue.messages->rcpts[0].attempts, 1);
	config.policy.life_us = 100000;
	submit("", "v@r.test");		/* returned untried: forgotten */
	run(150);
	ck_assert_str_eq(engine.queue.messages->rcpts[0].addr, "u@r.test");
	config.bugs.on[BUG_LONG_DEAD_BOUNCES] = false;
	open_mx();
	submit("", "w@r.test");
	run(5000);
	ck_assert_int_eq(connections, 1);
}
END_TEST

START_TEST(what_was_delivered_leaves_the_queue_unless_the_bug_is_on)
{
	open_mx();
	config.bugs.on[BUG_DELIVERED_STAYS] = true;
	submit("a@s.test", "u@r.test");
	run(5000);
	ck_assert_int_eq(connections, 1);
	ck_assert_ptr_nonnull(engine.queue.messages);
	engine_kick(&engine);
	run(100);
	ck_assert_int_eq(connections, 1);
}
END_TEST

START_TEST(expiry_is_reported_unless_the_bug_is_on)
{
	config.policy.life_us = 0;
	config.connect_us = 1000000;
	submit("a@r.test", "x@gone.test");	/* its report is deferred */
	run(150);
	ck_assert_ptr_nonnull(engine.queue.messages);
	ck_assert_str_eq(engine.queue.messages->from, "");
	config.bugs.on[BUG_EXPIRES_SILENTLY] = true;
	submit("a@s.test", "u@r.test");
	run(150);
	ck_assert_ptr_null(engine.queue.messages->next);
}
END_TEST

START_TEST(the_bounce_twice_bug_leaves_the_message_on_disk)
{
	open_mx();
	config.bugs.on[BUG_BOUNCE_TWICE] = true;
	submit("a@s.test", "x@gone.test");
	run(5000);
	ck_assert(was_heard("MAIL FROM:<>"));
	sbuf_clear(&heard);
	stop_after = 1;
	engine_close(&engine);
	ck_assert(engine_open(&engine, base, &config));
	run(5000);
	ck_assert(was_heard("MAIL FROM:<>"));
}
END_TEST

START_TEST(a_deferred_message_comes_again_unless_the_bug_is_on)
{
	config.policy.first_retry_us = 300000;
	config.host_cache_us = 0;
	submit("a@s.test", "u@r.test");
	run(100);
	open_mx();
	run(5000);
	ck_assert_int_eq(connections, 1);
	evconnlistener_free(mx);
	mx = NULL;
	config.bugs.on[BUG_FORGETS_RETRY] = true;
	submit("a@s.test", "u@r.test");
	run(100);
	open_mx();
	run(600);
	ck_assert_int_eq(connections, 1);
}
END_TEST

START_TEST(answers_are_forgotten_between_cycles_unless_the_bug_is_on)
{
	submit("a@s.test", "u@r.test");
	run(100);
	ck_assert_int_eq(queries, 3);
	engine_kick(&engine);
	run(100);
	ck_assert_int_eq(queries, 6);
	config.bugs.on[BUG_DNS_REMEMBERED] = true;
	engine_kick(&engine);
	run(100);
	engine_kick(&engine);
	run(100);
	ck_assert_int_eq(queries, 9);
}
END_TEST

START_TEST(one_delivery_at_a_time_is_a_bug)
{
	struct addr a = endpoint(DEAD_NS, 53);
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(&a, &ss);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);	/* it never answers */

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&ss, len), 0);
	config.dns.servers[0] = a;
	submit("a@s.test", "u@r.test");
	submit("a@s.test", "u@s.test");
	run(50);
	ck_assert_int_eq(engine.running, 2);
	engine_close(&engine);
	config.bugs.on[BUG_HOL_BLOCKING] = true;
	ck_assert(engine_open(&engine, base, &config));
	run(50);
	ck_assert_int_eq(engine.running, 1);
	close(fd);
}
END_TEST

/* Submits over TCP; what the server said comes back in out. */
static void
submit_by_tcp(char *out, size_t size)
{
	static const char says[] = "EHLO me\r\nMAIL FROM:<a@s.test>\r\n"
	    "RCPT TO:<u@r.test>\r\nDATA\r\nx: y\r\n\r\n.\r\nQUIT\r\n";
	struct addr a = endpoint(DEAD_NS, 25);
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(&a, &ss);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	ssize_t n;

	ck_assert_int_eq(connect(fd, (struct sockaddr *)&ss, len), 0);
	ck_assert_int_eq(write(fd, says, sizeof says - 1), sizeof says - 1);
	run(100);
	n = recv(fd, out, size - 1, MSG_DONTWAIT);
	ck_assert_int_gt(n, 0);
	out[n] = '\0';
	close(fd);
}

START_TEST(the_250_comes_after_storing_unless_the_bug_is_on)
{
	struct addr a = endpoint(DEAD_NS, 25);
	char said[2000];

	config.clients[0] = a;
	config.client_count = 1;
	ck_assert_int_eq(submit_listen(&engine, &a), 0);
	submit_by_tcp(said, sizeof said);
	ck_assert_ptr_nonnull(strstr(said, "250 2.0.0 Queued"));
	ck_assert_ptr_nonnull(engine.queue.messages);
	engine_close(&engine);
	config.dir = "/nonexistent/here";
	ck_assert(!engine_open(&engine, base, &config));
	queue_close(&engine.queue);
	config.bugs.on[BUG_ACCEPT_BEFORE_STORE] = true;
	submit_by_tcp(said, sizeof said);
	ck_assert_ptr_nonnull(strstr(said, "250 2.0.0 Queued"));
	ck_assert_ptr_null(engine.queue.messages);
	config.dir = dir;
	ck_assert(engine_open(&engine, base, &config));
}
END_TEST

START_TEST(the_search_list_bug_rewrites_the_recipient)
{
	open_mx();
	strcpy(config.dns.search, "r.test");
	submit("a@s.test", "u@gone.test");
	run(5000);		/* its report */
	ck_assert(was_heard("RCPT TO:<a@s.test>"));
	ck_assert(!was_heard("u@gone.test.r.test"));
	config.bugs.on[BUG_SEARCH_REWRITE] = true;
	stop_after = 1;
	submit("a@s.test", "u@gone.test");
	run(5000);
	ck_assert(was_heard("RCPT TO:<u@gone.test.r.test>"));
}
END_TEST

START_TEST(the_second_name_server_is_asked_unless_the_bug_is_on)
{
	open_mx();
	config.dns.servers[1] = config.dns.servers[0];
	config.dns.servers[0] = endpoint(DEAD_NS, 53);
	config.dns.count = 2;
	submit("a@s.test", "u@r.test");
	run(5000);
	ck_assert_int_eq(connections, 1);
	config.bugs.on[BUG_FIRST_SERVER_ONLY] = true;
	submit("a@s.test", "u@r.test");
	run(200);
	ck_assert_int_eq(connections, 1);
	ck_assert_str_eq(engine.queue.messages->rcpts[0].status, "4.4.3");
}
END_TEST

START_TEST(a_refusing_resolver_defers)
{
	say_refused = true;
	submit("a@s.test", "u@r.test");
	run(100);
	ck_assert_str_eq(engine.queue.messages->rcpts[0].status, "4.4.3");
	ck_assert_int_eq(queries, 1);
}
END_TEST

START_TEST(a_refusing_resolver_is_asked_without_end_by_the_bug)
{
	say_refused = true;
	config.bugs.on[BUG_SERVFAIL_LOOP] = true;
	submit("a@s.test", "u@r.test");
	run(2000);
	ck_assert_int_gt(queries, 100);
}
END_TEST

START_TEST(truncated_answers_are_not_used_unless_the_bug_is_on)
{
	open_mx();
	say_truncated = true;		/* and nobody listens on TCP */
	submit("a@s.test", "u@r.test");
	run(200);
	ck_assert_int_eq(connections, 0);
	ck_assert_str_eq(engine.queue.messages->rcpts[0].status, "4.4.3");
	config.bugs.on[BUG_TRUNCATED_USED] = true;
	engine_kick(&engine);
	run(5000);
	ck_assert_int_eq(connections, 1);
}
END_TEST

START_TEST(a_forged_reply_is_ignored_unless_the_bug_is_on)
{
	open_mx();
	say_wrong_id = true;
	submit("a@s.test", "u@r.test");
	run(5000);
	ck_assert(was_heard("RCPT TO:<u@r.test>"));
	config.bugs.on[BUG_WRONG_ID_ACCEPTED] = true;
	sbuf_clear(&heard);
	submit("a@s.test", "v@r.test");
	run(200);
	ck_assert(!was_heard("RCPT TO:<v@r.test>"));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("reference_impl/engine");
	TCase *tc = tcase_create("engine");
	SRunner *sr;
	int failed;

	enter_namespace();
	if (!have_net) {
		puts("no network namespace here: skipped");
		return EXIT_SUCCESS;
	}
	tcase_set_timeout(tc, 20);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_message_is_delivered_and_leaves_the_queue);
	tcase_add_test(tc, messages_due_at_once_share_their_lookups);
	tcase_add_test(tc,
	    messages_due_at_once_share_an_alias_without_records);
	tcase_add_test(tc,
	    a_refused_recipient_is_reported_unless_the_bug_is_on);
	tcase_add_test(tc, null_sender_mail_is_never_reported);
	tcase_add_test(tc, a_dead_host_defers_and_a_kick_delivers);
	tcase_add_test(tc, a_dead_host_is_remembered_but_not_for_ever);
	tcase_add_test(tc, a_host_long_dead_is_tried_unless_the_bug_is_on);
	tcase_add_test(tc,
	    what_was_delivered_leaves_the_queue_unless_the_bug_is_on);
	tcase_add_test(tc, expiry_is_reported_unless_the_bug_is_on);
	tcase_add_test(tc, the_bounce_twice_bug_leaves_the_message_on_disk);
	tcase_add_test(tc,
	    a_deferred_message_comes_again_unless_the_bug_is_on);
	tcase_add_test(tc,
	    answers_are_forgotten_between_cycles_unless_the_bug_is_on);
	tcase_add_test(tc, one_delivery_at_a_time_is_a_bug);
	tcase_add_test(tc,
	    the_250_comes_after_storing_unless_the_bug_is_on);
	tcase_add_test(tc, the_search_list_bug_rewrites_the_recipient);
	tcase_add_test(tc,
	    the_second_name_server_is_asked_unless_the_bug_is_on);
	tcase_add_test(tc, a_refusing_resolver_defers);
	tcase_add_test(tc,
	    a_refusing_resolver_is_asked_without_end_by_the_bug);
	tcase_add_test(tc,
	    truncated_answers_are_not_used_unless_the_bug_is_on);
	tcase_add_test(tc, a_forged_reply_is_ignored_unless_the_bug_is_on);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
