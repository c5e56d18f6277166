#include "harness/run/received.h"

#include <check.h>
#include <string.h>

#include "tests/unit/suite.h"

#define NEW	"Received: from client ([IPv6:fd00::1])\r\n"		\
		"\tby mx.sut.test (mta) with ESMTP;\r\n"		\
		"\tSun, 09 Sep 2001 01:46:40 +0000\r\n"
#define OLD1	"Received: from a by b; Sat, 08 Sep 2001 00:00:00 +0000\r\n"
#define OLD2	"Received: from c by a; Fri, 07 Sep 2001 00:00:00 +0000\r\n"
#define REST	"Subject: x\r\n\r\nReceived: not a field\r\n"

/* NULL: nothing is wrong. */
static const struct {
	const char	*sent, *arrived, *fault;
} cases[] = {
	{ REST, NEW REST, NULL },
	{ REST, "Return-Path: <a@s.test>\r\n" NEW NEW REST, NULL },
	{ REST, "received:\r\n from x by\r\n y; 9 Sep 2001\r\n" REST, NULL },
	/* Within the MTA it may go from hand to hand. */
	{ REST, "Received: (qmail 1 invoked by uid 0); 9 Sep 2001\r\n" NEW
	    REST, NULL },
	{ OLD1 OLD2 REST, NEW OLD1 OLD2 REST, NULL },
	{ OLD1 REST, NEW "Received: from a\r\n\tby b;\r\n"
	    "  Sat, 08 Sep 2001 00:00:00 +0000\r\n" REST, NULL },
	{ REST, REST, "no Received field is added" },
	{ OLD1 REST, OLD1 REST, "no Received field is added" },
	{ REST, "", "no Received field is added" },
	{ OLD1 OLD2 REST, NEW REST, "is removed" },
	{ OLD1 REST, NEW REST, "is changed" },
	{ OLD1 OLD2 REST, NEW OLD2 REST, "is changed" },
	{ OLD1 OLD2 REST, NEW OLD2 OLD1 REST, "another place" },
	{ OLD1 REST, OLD1 NEW REST, "another place" },
	{ REST, "Received: by y; 9 Sep 2001\r\n" REST, "lacks" },
	{ REST, "Received: from bystander; 9 Sep 2001\r\n" REST, "lacks" },
	{ REST, "Received: from x by y\r\n" REST, "lacks" },
	{ REST, "Received: from x by y; today\r\n" REST, "lacks" },
};

START_TEST(the_trace_fields_are_looked_at)
{
	const char *is = received_fault(cases[_i].sent,
	    strlen(cases[_i].sent), cases[_i].arrived,
	    strlen(cases[_i].arrived));

	if (cases[_i].fault == NULL)
		ck_assert_msg(is == NULL, "%s", is);
	else
		ck_assert_msg(is != NULL &&
		    strstr(is, cases[_i].fault) != NULL, "%s",
		    is != NULL ? is : "nothing");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("run/received");
	TCase *tc = tcase_create("received");

	tcase_add_loop_test(tc, the_trace_fields_are_looked_at, 0,
	    sizeof cases / sizeof *cases);
	suite_add_tcase(s, tc);
	return run_and_free(s);
}
