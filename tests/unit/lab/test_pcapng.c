/* What we write must be read by somebody else's reader: tcpdump(8). */
#include "harness/lab/pcapng.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const uint8_t packet[] = {
	0x45, 0, 0, 29, 0, 0, 0x40, 0, 64, 17, 0, 0,
	192, 0, 2, 1, 192, 0, 2, 53,
	0x9c, 0x40, 0x04, 0xd2, 0, 9, 0, 0, '!'
};

static void
read_back(const char *path, char *text, size_t size)
{
	char command[256];
	size_t n;
	FILE *f;

	snprintf(command, sizeof command, "TZ=UTC tcpdump -tttt -n -r %s "
	    "2>/dev/null", path);
	ck_assert_ptr_nonnull(f = popen(command, "r"));
	n = fread(text, 1, size - 1, f);
	text[n] = '\0';
	ck_assert_int_eq(pclose(f), 0);
}

START_TEST(tcpdump_reads_packets_and_virtual_times)
{
	static const char *const comments[] = { "rule 3:1", "rule 4:1" };
	char path[] = "/tmp/mxdrill-pcapng-XXXXXX", text[2048];
	int fd = mkstemp(path);
	struct pcapng *pc;

	ck_assert_int_ge(fd, 0);
	pc = pcapng_new(fd, INT64_C(1925000000));
	pcapng_packet(pc, 0, packet, sizeof packet, NULL, 0);
	pcapng_journal(pc, 60000000, "the link goes down");
	pcapng_packet(pc, 61000042, packet, sizeof packet, comments, 2);
	ck_assert_int_eq(pcapng_free(pc), 0);
	close(fd);
	read_back(path, text, sizeof text);
	unlink(path);
	ck_assert_ptr_nonnull(strstr(text, "2031-01-01 02:13:20.000000 IP "
	    "192.0.2.1.40000 > 192.0.2.53.1234: UDP, length 1\n"));
	ck_assert_ptr_nonnull(strstr(text, "2031-01-01 02:14:21.000042 IP "));
}
END_TEST

START_TEST(a_disk_that_is_full_is_told_at_the_end)
{
	FILE *full = fopen("/dev/full", "w");
	struct pcapng *pc;

	ck_assert_ptr_nonnull(full);
	pc = pcapng_new(fileno(full), 0);
	pcapng_packet(pc, 0, packet, sizeof packet, NULL, 0);
	ck_assert_int_eq(pcapng_free(pc), -1);
	fclose(full);
}
END_TEST

START_TEST(no_log_is_no_error)
{
	pcapng_packet(NULL, 0, packet, sizeof packet, NULL, 0);
	ck_assert_int_eq(pcapng_free(NULL), 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("lab/pcapng");
	TCase *tc = tcase_create("pcapng");
	SRunner *sr;
	int failed;

	tcase_add_test(tc, tcpdump_reads_packets_and_virtual_times);
	tcase_add_test(tc, a_disk_that_is_full_is_told_at_the_end);
	tcase_add_test(tc, no_log_is_no_error);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
