#include "harness/report/github.h"

#include <string.h>

#include "harness/report/console_int.h"
#include "harness/report/escape.h"

static const char *
command_of(enum result r)
{
	switch (r) {
	case RESULT_FAIL:
	case RESULT_XPASS:
	case RESULT_ERROR:
	case RESULT_NOT_EXERCISED:
		return "error";
	case RESULT_WARN:
		return "warning";
	case RESULT_XFAIL:
	case RESULT_INFO:
		return "notice";
	default:
		return NULL;
	}
}

/* GitHub knows files by their place in the repository. */
static const char *
below(const char *path, const char *root)
{
	size_t n = root != NULL ? strlen(root) : 0;

	return n > 0 && strncmp(path, root, n) == 0 && path[n] == '/' ?
	    path + n + 1 : path;
}

void
github_annotate(struct sbuf *b, const struct report_case *rc,
    const char *root)
{
	const struct judgement *j = rc->judgement;
	const char *command = command_of(j->result);
	struct sbuf place = { 0 };
	struct report_head h;

	if (command == NULL)
		return;
	report_head_of(&h, rc);
	sbuf_printf(b, "::%s ", command);
	if (*rc->scenario->path != '\0') {
		sbuf_puts(b, "file=");
		escape_github_property(b, below(rc->scenario->path, root));
		sbuf_printf(b, ",line=%d,", h.loc.line > 0 ? h.loc.line : 1);
		if (h.loc.col > 0)
			sbuf_printf(b, "col=%d,", h.loc.col);
	}
	sbuf_printf(b, "title=%s ", report_result_word(j->result));
	escape_github_property(b, rc->scenario->id);
	sbuf_puts(b, " on ");
	escape_github_property(b, rc->mta);
	sbuf_puts(b, "::");
	escape_github(b, j->result == RESULT_ERROR && j->error != NULL ?
	    j->error : j->sentence);
	for (size_t i = 0; i < j->unfired_count; i++) {
		sbuf_puts(b, "%0Anever fired: ");
		sbuf_clear(&place);
		report_put_unfired(&place, rc, i);
		escape_github(b, sbuf_str(&place));
	}
	sbuf_puts(b, "%0Arerun: ");
	escape_github(b, rc->rerun);
	sbuf_putc(b, '\n');
	sbuf_fini(&place);
}
