#include "harness/main/pages.h"

#include <ctype.h>
#include <string.h>

#include "harness/judge/judge.h"
#include "harness/main/manual.h"
#include "harness/report/kinds.h"
#include "harness/run/adapter.h"
#include "harness/scenario/keys.h"
#include "harness/scenario/lint.h"

const struct topic topics[] = {
#define X(name, fn, help) { name, fn, help },
	TOPICS(X)
#undef X
	{ .name = NULL }
};

/* --- commands --- */

static const char *
details_of(const char *command)
{
	static const struct {
		const char *name, *text;
	} details[] = {
#define X(name, text) { name, text },
		DETAILS(X)
#undef X
	};

	for (size_t i = 0; i < sizeof details / sizeof *details; i++)
		if (strcmp(details[i].name, command) == 0)
			return details[i].text;
	return "";
}

static void
option_term(struct sbuf *b, const struct option_row *row)
{
	sbuf_clear(b);
	if (row->letter != '\0')
		sbuf_printf(b, "-%c%s", row->letter,
		    row->name != NULL ? ", " : "");
	if (row->name != NULL)
		sbuf_printf(b, "--%s", row->name);
	if (row->arg != NULL)
		sbuf_printf(b, "%s%s", *row->arg == '[' ? "" : " ",
		    row->arg);
}

void
page_command(struct doc *d, const struct command *c)
{
	const struct option_table *table = options_of(c->name);
	const char *text = details_of(c->name);
	struct sbuf term = { 0 };

	if (d->mdoc && *text != '\0')
		sbuf_puts(d->out, ".Pp\n");
	doc_text(d, text);
	if (table == NULL)
		return;
	if (!d->mdoc && *text != '\0')
		sbuf_putc(d->out, '\n');
	doc_list(d, 20);
	for (size_t i = 0; i < table->count; i++) {
		option_term(&term, &table->rows[i]);
		doc_item(d, sbuf_str(&term), table->rows[i].help);
	}
	doc_list_end(d);
	sbuf_fini(&term);
}

/* --- topics --- */

void
page_select(struct doc *d)
{
	doc_text(d, SELECT_TEXT);
}

void
page_verdicts(struct doc *d)
{
	doc_text(d, "For each message and recipient exactly one; the "
	    "word is the one of `outcome` in a scenario.");
	doc_list(d, 20);
#define X(sym, word, help) doc_item(d, word, help);
	VERDICTS(X)
#undef X
	doc_list_end(d);
	doc_text(d, "Groups of them, for `outcome`:");
	doc_list(d, 20);
#define X(word, set, help) doc_item(d, word, help);
	OUTCOME_GROUPS(X)
#undef X
	doc_list_end(d);
}

void
page_flags(struct doc *d)
{
	doc_text(d, "Any number beside the verdicts; `allow` in a "
	    "scenario forgives one.");
	doc_list(d, 20);
#define X(sym, word, help) doc_item(d, word, help);
	FLAGS(X)
#undef X
	doc_list_end(d);
}

void
page_results(struct doc *d)
{
	static const char *const helps[RESULT_COUNT] = {
#define X(sym, help) [RESULT_##sym] = help,
		RESULT_HELPS(X)
#undef X
	};

	doc_list(d, 20);
#define X(sym, word) doc_item(d, word, helps[RESULT_##sym]);
	RESULTS(X)
#undef X
	doc_list_end(d);
}

void
page_reports(struct doc *d)
{
	doc_text(d, "Of `-o KIND=FILE,...`, with run and with report; "
	    "FILE - is standard output.");
	doc_list(d, 20);
#define X(word, writer, help) doc_item(d, word, help);
	REPORT_KINDS(X)
#undef X
	doc_list_end(d);
}

void
page_exits(struct doc *d)
{
	doc_list(d, 20);
#define X(sym, number, help) doc_item(d, #number, help);
	EXIT_STATUSES(X)
#undef X
	doc_list_end(d);
}

void
page_baselines(struct doc *d)
{
	doc_text(d, BASELINES_TEXT);
}

void
page_clock(struct doc *d)
{
	doc_text(d, CLOCK_TEXT);
}

void
page_packets(struct doc *d)
{
	doc_text(d, PACKETS_TEXT);
}

void
page_environment(struct doc *d)
{
	doc_list(d, 20);
#define X(name, help) doc_item(d, name, help);
	ENVIRONMENT(X)
#undef X
	doc_list_end(d);
}

void
page_files(struct doc *d)
{
	doc_list(d, 20);
#define X(name, help) doc_item(d, name, help);
	MANUAL_FILES(X)
#undef X
	doc_list_end(d);
}

static void
word_list(struct doc *d, const struct word_list *l)
{
	doc_subsection(d, l->title);
	doc_list(d, 20);
	for (const struct word *w = l->words; w->word != NULL; w++)
		if (*w->word != '\0')
			doc_item(d, w->word, w->help);
	doc_list_end(d);
}

static void
key_map(struct doc *d, const struct key_map *map)
{
	struct sbuf b = { 0 };

	doc_subsection(d, map->title);
	doc_list(d, 20);
	for (const struct key *k = map->keys; k->name != NULL; k++) {
		sbuf_clear(&b);
		sbuf_printf(&b, "%s (%s%s)", k->help, key_type_word(k->type),
		    k->required ? ", required" : "");
		if (k->example != NULL)
			sbuf_printf(&b, ", e.g. %s: %s", k->name, k->example);
		doc_item(d, k->name, sbuf_str(&b));
	}
	doc_list_end(d);
	sbuf_fini(&b);
}

void
page_scenario(struct doc *d)
{
	doc_text(d, SCENARIO_TEXT);
	for (size_t i = 0; all_maps[i] != NULL; i++)
		key_map(d, all_maps[i]);
	for (const struct word_list *l = all_words; l->title != NULL; l++)
		word_list(d, l);
	doc_subsection(d, "What lint says");
	doc_list(d, 20);
#define X(sym, name, level, help)					\
	doc_item(d, name, level == DIAG_WARNING ? help " (warning)" : help);
	LINT_RULES(X)
#undef X
	doc_list_end(d);
}

void
page_profile(struct doc *d)
{
	doc_text(d, "Times as 300s, 5m, 4h or 5d; what is not said has "
	    "its default.");
	doc_list(d, 20);
#define X(f, key, dflt, help) doc_item(d, key, help);
	PROFILE_TIMES(X)
#undef X
	doc_list_end(d);
}

void
page_adapter(struct doc *d)
{
	doc_text(d, ADAPTER_TEXT);
	doc_subsection(d, "Verbs");
	doc_list(d, 20);
#define X(sym, word, help) doc_item(d, word, help);
	ADAPTER_VERBS(X)
#undef X
	doc_list_end(d);
	doc_subsection(d, "Variables");
	doc_list(d, 20);
#define X(name, help) doc_item(d, "MXDRILL_" name, help);
	ADAPTER_VARIABLES(X)
#undef X
	doc_list_end(d);
	doc_subsection(d, "Exit status of a verb");
	doc_list(d, 20);
#define X(number, help) doc_item(d, #number, help);
	ADAPTER_EXITS(X)
#undef X
	doc_item(d, "other", "the run is an ERROR, and the last lines of "
	    "standard error are shown");
	doc_list_end(d);
	doc_subsection(d, "Capabilities");
	doc_list(d, 20);
	for (const struct word *w = words_needs; w->word != NULL; w++)
		doc_item(d, w->word, w->help);
	doc_list_end(d);
}

/* --- manual pages --- */

static const struct {
	const char	*page, *name, *title, *section, *about;
} manual[] = {
	{ "mxdrill.1", "mxdrill", "MXDRILL", "1",
	    "test a mail server on a fake Internet that breaks" },
	{ "mxdrill-scenario.5", "mxdrill-scenario", "MXDRILL-SCENARIO", "5",
	    "scenario files of mxdrill" },
	{ "mxdrill-adapter.7", "mxdrill-adapter", "MXDRILL-ADAPTER", "7",
	    "how mxdrill drives a mail server" },
};

static void
see_also(struct sbuf *out, size_t self)
{
	size_t last = sizeof manual / sizeof *manual - 1;

	if (last == self)
		last--;
	sbuf_puts(out, ".Sh SEE ALSO\n");
	for (size_t i = 0; i < sizeof manual / sizeof *manual; i++)
		if (i != self)
			sbuf_printf(out, ".Xr %s %s%s\n", manual[i].name,
			    manual[i].section, i != last ? " ," : "");
}

static void
section(struct doc *d, const char *title, void (*fn)(struct doc *))
{
	doc_section(d, title);
	fn(d);
}

static void
man_mxdrill(struct doc *d)
{
	struct sbuf head = { 0 };

	sbuf_puts(d->out, ".Sh SYNOPSIS\n.Nm\n.Ar command\n"
	    ".Op Ar argument ...\n.Sh DESCRIPTION\n.Nm\n"
	    "puts a real mail transfer agent (MTA) into a small fake "
	    "Internet,\nbreaks that Internet on schedule, and says of every "
	    "message:\ndelivered, retried, bounced, duplicated or lost.\n"
	    "Nothing can leave the lab, and no MTA is installed.\n");
	doc_section(d, "COMMANDS");
	for (const struct command *c = commands; c->name != NULL; c++) {
		doc_subsection(d, c->name);
		sbuf_clear(&head);
		sbuf_printf(&head, " mxdrill %s%s%s\n\n%c%s.", c->name,
		    *c->args != '\0' ? " " : "", c->args,
		    toupper((unsigned char)c->help[0]), c->help + 1);
		doc_text(d, sbuf_str(&head));
		page_command(d, c);
	}
	section(d, "SELECTION", page_select);
	section(d, "VERDICTS", page_verdicts);
	section(d, "FLAGS", page_flags);
	section(d, "RESULTS", page_results);
	section(d, "KINDS OF REPORTS", page_reports);
	section(d, "BASELINES", page_baselines);
	section(d, "VIRTUAL CLOCK", page_clock);
	section(d, "PACKETS", page_packets);
	section(d, "ENVIRONMENT", page_environment);
	section(d, "FILES", page_files);
	section(d, "EXIT STATUS", page_exits);
	sbuf_fini(&head);
}

bool
page_man(struct sbuf *out, const char *page)
{
	struct doc d = { .out = out, .mdoc = true };
	size_t i, count = sizeof manual / sizeof *manual;

	for (i = 0; i < count && strcmp(manual[i].page, page) != 0; i++)
		;
	if (i == count)
		return false;
	sbuf_printf(out, ".\\\" Made by mxdrill help --man %s\n"
	    ".Dd " MXDRILL_DATE "\n.Dt %s %s\n.Os\n.Sh NAME\n.Nm %s\n"
	    ".Nd %s\n", page, manual[i].title, manual[i].section,
	    manual[i].name, manual[i].about);
	if (i == 0)
		man_mxdrill(&d);
	else if (i == 1)
		section(&d, "DESCRIPTION", page_scenario);
	else {
		section(&d, "DESCRIPTION", page_adapter);
		doc_subsection(&d, "Profile");
		page_profile(&d);
	}
	see_also(out, i);
	return true;
}
