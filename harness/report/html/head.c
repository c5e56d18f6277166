/* The frame of every page: its head, its style, its script. */
#include "harness/report/html/internal.h"
#include "harness/report/html/lanes.h"

/*
 * The policy forbids every fetch, so that no word of a trace can cause one
 * even if it became markup; scripts need the nonce, so that none could run.
 */
#define POLICY								\
	"default-src 'none'; style-src 'unsafe-inline'; "		\
	"script-src 'nonce-mxdrill'; img-src data:; base-uri 'none'; "	\
	"form-action 'none'"

void
html_open(struct sbuf *b, const char *title)
{
	sbuf_puts(b, "<!DOCTYPE html>\n<html lang=\"en\" "
	    "xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n"
	    "<meta charset=\"utf-8\"/>\n"
	    "<meta http-equiv=\"Content-Security-Policy\" content=\"" POLICY
	    "\"/>\n<meta name=\"viewport\" content=\"width=device-width, "
	    "initial-scale=1\"/>\n"
	    "<meta name=\"color-scheme\" content=\"light dark\"/>\n"
	    "<meta name=\"generator\" content=\"mxdrill\"/>\n"
	    "<link rel=\"icon\" href=\"data:,\"/>\n");
	html_put(b, "<title>%s</title>\n<style>\n", title);
	sbuf_puts(b, html_style);
	sbuf_puts(b, "</style>\n</head>\n<body>\n"
	    "<a class=\"skip\" href=\"#main\">Skip to the content</a>\n");
	html_marks_define(b);
}

void
html_late(struct sbuf *b, const char *label, size_t high)
{
	html_put(b, "<div class=\"wide late\" style=\"--high:%zurem\" "
	    "tabindex=\"0\" role=\"group\" aria-label=\"%s\">\n", high,
	    label);
}

void
html_close(struct sbuf *b, bool script)
{
	if (script) {
		sbuf_puts(b, "<script nonce=\"mxdrill\">\n//<![CDATA[\n");
		sbuf_puts(b, html_script);
		sbuf_puts(b, "//]]>\n</script>\n");
	}
	sbuf_puts(b, "</body>\n</html>\n");
}
