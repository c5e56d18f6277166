/*
 * Which packet gets which comment.  What is written is read back block by
 * block: "P" is a packet, each "C" below it a comment of it, "J" a record
 * without a packet.
 */
#include "harness/lab/packet_log.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/sbuf.h"
#include "harness/lab/packet.h"
#include "tests/unit/suite.h"

#define SERVER	"198.18.1.1"
#define CLIENT	"192.0.2.1:40000"

static struct packet_log *packets;
static char path[] = "/tmp/mxdrill-packet-log-XXXXXX";
static int fd;

static void
begin(void)
{
	strcpy(path + strlen(path) - 6, "XXXXXX");
	ck_assert_int_ge(fd = mkstemp(path), 0);
	packets = packet_log_new(fd, 0);
}

static void
put16(uint8_t *at, unsigned v)
{
	at[0] = (uint8_t)(v >> 8);
	at[1] = (uint8_t)v;
}

/* A TCP packet between the two, `len` octets of content. */
static void
tcp(int64_t now_us, bool to_client, uint8_t flags, size_t len)
{
	static const uint8_t server[] = { 198, 18, 1, 1 },
	    client[] = { 192, 0, 2, 1 };
	uint8_t b[128] = { 0x45, [8] = 64, [9] = IPPROTO_TCP };

	put16(b + 2, (unsigned)(40 + len));
	memcpy(b + 12, to_client ? server : client, 4);
	memcpy(b + 16, to_client ? client : server, 4);
	put16(b + 20, to_client ? 25 : 40000);
	put16(b + 22, to_client ? 40000 : 25);
	b[32] = 5 << 4;
	b[33] = flags;
	packet_log_packet(packets, now_us, b, 40 + len);
}

static void
say(int64_t now_us, enum lab_packet at, const char *text)
{
	packet_log_comment(packets, now_us, &(struct lab_comment){ .at = at,
	    .server = SERVER, .client = CLIENT, .text = text });
}

static uint32_t
get32(const uint8_t *at)
{
	uint32_t v;

	memcpy(&v, at, sizeof v);
	return v;
}

static uint16_t
get16(const uint8_t *at)
{
	uint16_t v;

	memcpy(&v, at, sizeof v);
	return v;
}

/* " P time", " C text", " J text", one after the other. */
static void
read_block(const uint8_t *b, size_t len, struct sbuf *out)
{
	const uint8_t *option, *end = b + len - 4;
	const char *message;

	if (get32(b) == 9) {
		message = strstr((const char *)b + 8, "MESSAGE=");
		ck_assert_ptr_nonnull(message);
		sbuf_printf(out, " J %.*s", (int)strcspn(message + 8, "\n"),
		    message + 8);
	}
	if (get32(b) != 6)
		return;
	sbuf_printf(out, " P %u", get32(b + 16));
	option = b + 28 + (get32(b + 20) + 3) / 4 * 4;
	for (; option < end && get16(option) == 1;
	    option += 4 + (get16(option + 2) + 3) / 4 * 4)
		sbuf_printf(out, " C %.*s", get16(option + 2), option + 4);
}

static void
ck_written(const char *want)
{
	struct sbuf file = { 0 }, got = { 0 };

	ck_assert_int_eq(packet_log_free(packets), 0);
	close(fd);
	ck_assert_int_eq(sbuf_read_file(&file, path), 0);
	unlink(path);
	for (size_t at = 0; at < file.len;) {
		const uint8_t *b = (const uint8_t *)file.data + at;

		read_block(b, get32(b + 4), &got);
		at += get32(b + 4);
	}
	ck_assert_str_eq(sbuf_str(&got), want);
	sbuf_fini(&file);
	sbuf_fini(&got);
}

START_TEST(a_decision_about_a_syn_is_told_on_the_syn_alone)
{
	say(5, LAB_PACKET_NEXT, "refuse");
	tcp(5, false, TCP_SYN, 0);
	tcp(5, true, TCP_RST | TCP_ACK, 0);
	tcp(9, false, TCP_SYN, 0);
	ck_written(" P 5 C refuse P 5 P 9");
}
END_TEST

START_TEST(a_reply_is_told_on_the_packet_that_has_it)
{
	tcp(1, false, TCP_ACK, 10);
	say(1, LAB_PACKET_REPLY, "554");
	tcp(1, true, TCP_ACK, 0);
	tcp(1, false, TCP_ACK, 3);
	tcp(1, true, TCP_ACK, 20);
	tcp(1, true, TCP_ACK, 20);
	ck_written(" P 1 P 1 P 1 P 1 C 554 P 1");
}
END_TEST

START_TEST(two_replies_in_one_packet_are_two_comments)
{
	say(1, LAB_PACKET_REPLY, "one");
	say(1, LAB_PACKET_REPLY, "two");
	tcp(1, true, TCP_ACK, 40);
	ck_written(" P 1 C one C two");
}
END_TEST

START_TEST(a_close_in_place_of_a_reply_is_told_on_the_fin)
{
	say(1, LAB_PACKET_END, "close");
	tcp(1, true, TCP_ACK, 5);
	tcp(1, true, TCP_FIN | TCP_ACK, 0);
	ck_written(" P 1 P 1 C close");
}
END_TEST

START_TEST(a_fin_with_content_has_a_reply)
{
	say(1, LAB_PACKET_REPLY, "421");
	tcp(1, true, TCP_FIN | TCP_ACK, 5);
	ck_written(" P 1 C 421");
}
END_TEST

START_TEST(silence_is_told_on_what_was_not_answered)
{
	tcp(1, false, TCP_ACK, 5);
	tcp(1, false, TCP_ACK, 0);
	tcp(1, true, TCP_ACK, 0);
	say(1, LAB_PACKET_LAST, "silence");
	tcp(1, false, TCP_ACK, 7);
	ck_written(" P 1 C silence P 1 P 1 P 1");
}
END_TEST

START_TEST(silence_that_begins_later_stands_alone)
{
	tcp(1, false, TCP_ACK, 5);
	say(2, LAB_PACKET_LAST, "silence");
	ck_written(" P 1 J silence");
}
END_TEST

START_TEST(a_fault_without_a_packet_stands_in_its_place)
{
	tcp(1, false, TCP_ACK, 5);
	say(1, LAB_PACKET_NONE, "link\ndown");
	tcp(1, false, TCP_ACK, 5);
	ck_written(" P 1 J link down P 1");
}
END_TEST

START_TEST(a_reply_that_never_leaves_is_told_all_the_same)
{
	say(1, LAB_PACKET_REPLY, "lost");
	tcp(7, false, TCP_SYN, 0);
	tcp(7, true, TCP_ACK, 9);
	say(8, LAB_PACKET_REPLY, "never");
	ck_written(" J lost P 7 P 7 J never");
}
END_TEST

START_TEST(another_client_does_not_get_the_comment)
{
	packet_log_comment(packets, 1, &(struct lab_comment){
	    .at = LAB_PACKET_REPLY, .server = SERVER,
	    .client = "192.0.2.1:40001", .text = "other" });
	tcp(1, true, TCP_ACK, 9);
	ck_written(" P 1 J other");
}
END_TEST

START_TEST(no_log_is_no_error)
{
	ck_written("");
	packet_log_packet(NULL, 0, NULL, 0);
	packet_log_comment(NULL, 0, NULL);
	ck_assert_int_eq(packet_log_free(NULL), 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("lab/packet_log");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, begin, NULL);
	tcase_add_test(tc, a_decision_about_a_syn_is_told_on_the_syn_alone);
	tcase_add_test(tc, a_reply_is_told_on_the_packet_that_has_it);
	tcase_add_test(tc, two_replies_in_one_packet_are_two_comments);
	tcase_add_test(tc, a_close_in_place_of_a_reply_is_told_on_the_fin);
	tcase_add_test(tc, a_fin_with_content_has_a_reply);
	tcase_add_test(tc, silence_is_told_on_what_was_not_answered);
	tcase_add_test(tc, silence_that_begins_later_stands_alone);
	tcase_add_test(tc, a_fault_without_a_packet_stands_in_its_place);
	tcase_add_test(tc, a_reply_that_never_leaves_is_told_all_the_same);
	tcase_add_test(tc, another_client_does_not_get_the_comment);
	tcase_add_test(tc, no_log_is_no_error);
	suite_add_tcase(s, tc);
	return run_and_free(s);
}
