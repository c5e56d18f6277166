/*
 * Shared by the tests of fake_dns: a server from zone text and rules, a
 * query as octets, and what came back in words.
 */
#ifndef MXD_TEST_FAKE_DNS_ASK_H
#define MXD_TEST_FAKE_DNS_ASK_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "fake_dns/fake_dns.h"
#include "fake_dns/wire.h"
#include "fake_dns/zone.h"

#define ALWAYS	.rule = { .id = "7:3", .phase = PHASE_ALWAYS }, .ttl = -1

static struct timers *timers;
static struct fdns *server;
static struct fdns_reply replies[FDNS_MAX_REPLIES];
static struct fdns_peer peer;
static struct sbuf text;

static inline void
serve(const char *zone, struct fdns_rule *rules, size_t count)
{
	struct fdns_zone z = { .text = zone };
	struct fdns_config cf = { .zones = &z, .zone_count = 1,
	    .rules = rules, .rule_count = count, .seed = 42,
	    .timers = timers };
	struct fdns_error error;

	fdns_free(server);
	server = fdns_new(&cf, &error);
	ck_assert_msg(server != NULL, "%d: %s", error.line, error.text);
}

static inline void
ask_setup(void)
{
	timers = timers_new();
	memset(&peer, 0, sizeof peer);
	peer.transport = FDNS_UDP;
	peer.resolver = 1;
	peer.name = "resolver1";
	addr_parse(&peer.server, "192.0.2.53");
	addr_parse(&peer.client, "192.0.2.1");
}

static inline void
ask_teardown(void)
{
	fdns_free(server);
	server = NULL;
	timers_free(timers);
	sbuf_fini(&text);
}

/* `edns` 0: no OPT record.  Returns the length. */
static inline size_t
make_query(uint8_t *out, const char *name, uint16_t type, uint16_t edns)
{
	static const uint8_t head[12] = { 0x12, 0x34, 1, 0, 0, 1 };
	size_t n = sizeof head, len;

	memcpy(out, head, n);
	while (*name != '\0' && *name != '.') {
		len = strcspn(name, ".");
		out[n++] = (uint8_t)len;
		memcpy(out + n, name, len);
		n += len;
		name += len + (name[len] == '.');
	}
	out[n++] = 0;
	put16(out + n, type);
	put16(out + n + 2, 1);
	n += 4;
	if (edns == 0)
		return n;
	out[11] = 1;
	memset(out + n, 0, 11);
	put16(out + n + 1, TYPE_OPT);
	put16(out + n + 3, edns);
	return n + 11;
}

static inline size_t
ask_edns(const char *name, uint16_t type, uint16_t edns)
{
	static uint8_t query[600];

	return fdns_answer(server, &peer, query,
	    make_query(query, name, type, edns), replies);
}

/* The summary of the first reply, or "" if there was none. */
static inline const char *
ask(const char *name, uint16_t type)
{
	sbuf_clear(&text);
	if (ask_edns(name, type, 0) > 0 && replies[0].bytes != NULL)
		zone_reply_text(&text, replies[0].bytes, replies[0].len);
	return sbuf_str(&text);
}

static inline const char *
summary(int i)
{
	sbuf_clear(&text);
	zone_reply_text(&text, replies[i].bytes, replies[i].len);
	return sbuf_str(&text);
}

static inline int
rcode(void)
{
	return replies[0].bytes[3] & 15;
}

static inline unsigned
flags(void)
{
	return get16(replies[0].bytes + 2);
}

static inline int
in_section(enum section s)
{
	return get16(replies[0].bytes + 6 + 2 * s);
}

static inline int
run_suite(const char *name, const TTest *const *tests, size_t count)
{
	Suite *s = suite_create(name);
	TCase *tc = tcase_create(name);
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, ask_setup, ask_teardown);
	for (size_t i = 0; i < count; i++)
		tcase_add_test(tc, tests[i]);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
