/*
 * libFuzzer: any octets as a query, over UDP and TCP, to a server with a
 * zone and a rule for every action.  The first octet says transport and
 * resolver, the rest is the message.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "fake_dns/fake_dns.h"
#include "harness/base/sbuf.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char zone[] =
    "r.test. MX 10 mx1.r.test.\nr.test. MX 20 mx2.r.test.\n"
    "mx1.r.test. A 198.18.1.1\nmx1.r.test. AAAA 2001:db8::1\n"
    "mx2.r.test. A 198.18.1.2\n*.wild.test. MX 5 mx1.r.test.\n"
    "_smtp._tcp.r.test. SRV 1 2 25 mx1.r.test.\n"
    "alias.test. CNAME real.wild.test.\nl1.test. CNAME l2.test.\n"
    "l2.test. CNAME l1.test.\na.b.c.test. TXT \"deep\"\n"
    "odd.test. TYPE65280 \\# 4 01020304\n"
    "t.test. TXT \"0123456789012345678901234567890123456789\"\n";
static const char records[] =
    "@ MX 1 trap.test.\n@ CNAME c.test.\nc.test. A 192.0.2.9\n"
    "trap.test. A 192.0.2.66\n";
static const uint8_t raw[] = { 0x81, 0x80, 0, 1, 0xc0, 0x0c };
/* What the answers are read into, so that the reads stay. */
static volatile uint8_t sum;

/* Rule n is in force for the n-th resolver; resolver 0 hears the truth. */
static struct fdns *
make_server(void)
{
	static struct fdns_rule rules[2 * FDNS_ACTION_COUNT];
	static struct fdns_zone version = { .text = zone };
	struct fdns_config cf = { .zones = &version, .zone_count = 1,
	    .rules = rules, .rule_count = 2 * FDNS_ACTION_COUNT, .seed = 7 };
	struct fdns_error error;
	struct fdns *f;

	for (int i = 0; i < 2 * FDNS_ACTION_COUNT; i++) {
		rules[i] = (struct fdns_rule){ .rule = { .id = "1:1",
		    .phase = PHASE_ALWAYS }, .resolver = i + 1,
		    .action = i % FDNS_ACTION_COUNT, .records = records,
		    .raw = raw, .raw_len = sizeof raw, .octets = 5 + i,
		    .ttl = i % 2 ? 30 : -1, .shuffle = true,
		    .mix_case = i >= FDNS_ACTION_COUNT, .ad = true };
	}
	cf.timers = timers_new();
	if ((f = fdns_new(&cf, &error)) == NULL) {
		fprintf(stderr, "%d: %s\n", error.line, error.text);
		abort();
	}
	return f;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fdns *f;
	struct fdns_reply out[FDNS_MAX_REPLIES];
	struct fdns_peer peer = { .name = "fuzz" };
	size_t n;

	if (f == NULL)
		f = make_server();
	if (size == 0)
		return 0;
	peer.transport = data[0] & 1 ? FDNS_TCP : FDNS_UDP;
	peer.resolver = (data[0] >> 1) % (2 * FDNS_ACTION_COUNT + 1);
	n = fdns_answer(f, &peer, data + 1, size - 1, out);
	assert(n <= FDNS_MAX_REPLIES);
	for (size_t i = 0; i < n; i++) {
		assert(out[i].len <= 65535);
		for (size_t k = 0; out[i].bytes && k < out[i].len; k++)
			sum ^= out[i].bytes[k];
	}
	return 0;
}
