#include "harness/main/complete.h"

#include <ctype.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mta_name.h"
#include "harness/base/xalloc.h"
#include "harness/main/cmd.h"
#include "harness/main/options.h"
#include "harness/main/pages.h"
#include "harness/report/kinds.h"
#include "harness/run/home.h"
#include "harness/scenario/catalogue.h"

#define NAME_MOST	256

/* Where the candidates go, and what the user has typed of the word. */
struct completion {
	struct sbuf	*out;
	const char	*typed;
	const char	*before;	/* "--mta=": stands before each word */
};

/* The help ends at a line's end or at a quote. */
static void
offer(struct completion *c, const char *word, size_t len, const char *help)
{
	size_t typed = strlen(c->typed);

	if (len < typed || strncmp(word, c->typed, typed) != 0)
		return;
	sbuf_printf(c->out, "%s%.*s\t%.*s\n", c->before, (int)len, word,
	    (int)strcspn(help, "\n\""), help);
}

static void
offer_word(struct completion *c, const char *word, const char *help)
{
	offer(c, word, strlen(word), help);
}

/* --- kinds of values --- */

static void
complete_nothing(struct completion *c)
{
	(void)c;
}

static void
complete_files(struct completion *c)
{
	sbuf_puts(c->out, ":files\n");
}

static void
complete_folders(struct completion *c)
{
	sbuf_puts(c->out, ":folders\n");
}

static void
complete_commands(struct completion *c)
{
	for (const struct command *cmd = commands; cmd->name != NULL; cmd++)
		offer_word(c, cmd->name, cmd->help);
}

static void
complete_topics(struct completion *c)
{
	for (const struct topic *t = topics; t->name != NULL; t++)
		if (command_find(t->name) == NULL)
			offer_word(c, t->name, t->help);
	offer_word(c, "topics", "the list of topics");
}

/* KIND=FILE,KIND=FILE: what stands before the last comma is kept. */
static void
complete_reports(struct completion *c)
{
	const char *comma = strrchr(c->typed, ',');
	const char *begin = comma != NULL ? comma + 1 : c->typed;
	char word[NAME_MOST];

	if (strchr(begin, '=') != NULL) {
		complete_files(c);
		return;
	}
#define X(name, fn, help)						\
	snprintf(word, sizeof word, "%.*s" name "=",			\
	    (int)(begin - c->typed), c->typed);				\
	offer_word(c, word, help);
	REPORT_KINDS(X)
#undef X
}

/* Up to the next "/" behind what was typed: one folder at a time. */
static void
complete_scenarios(struct completion *c)
{
	struct catalogue cat = { 0 };
	struct home home;
	char *error = NULL, last[NAME_MOST] = "";
	size_t typed = strlen(c->typed), len;
	const char *id;

	if (home_find(&home, &error)) {
		if (catalogue_open(&cat, home.scenarios, &error))
			offer_word(c, "grid/", "every pair of faults");
		for (size_t i = 0; i < cat.count; i++) {
			id = cat.entries[i].id;
			if (strncmp(id, c->typed, typed) != 0)
				continue;
			len = typed + strcspn(id + typed, "/");
			len += id[len] == '/';
			if (strncmp(last, id, len) == 0 && last[len] == '\0')
				continue;
			snprintf(last, sizeof last, "%.*s", (int)len, id);
			offer(c, id, len, "");
		}
		catalogue_fini(&cat);
		home_fini(&home);
	}
	free(error);
	complete_files(c);
}

static void
complete_tags(struct completion *c)
{
	struct catalogue cat = { 0 };
	struct scenario *sc;
	struct diags diags;
	struct sbuf seen = { 0 };
	struct home home;
	char *error = NULL, tag[NAME_MOST];

	if (!home_find(&home, &error) ||
	    !catalogue_open(&cat, home.scenarios, &error)) {
		free(error);
		return;
	}
	sbuf_puts(&seen, "\n");
	for (size_t i = 0; i < cat.count; i++) {
		diags_init(&diags);
		sc = catalogue_parse(&cat.entries[i], &diags);
		for (size_t k = 0; sc != NULL && k < sc->tag_count; k++) {
			snprintf(tag, sizeof tag, "\n%s\n", sc->tags[k]);
			if (strstr(sbuf_str(&seen), tag) != NULL)
				continue;
			sbuf_puts(&seen, tag + 1);
			offer_word(c, sc->tags[k], "");
		}
		scenario_free(sc);
		diags_fini(&diags);
	}
	sbuf_fini(&seen);
	catalogue_fini(&cat);
	home_fini(&home);
}

/* --- MTAs: NAME:option=value,option=value --- */

/* The adapter's "option=WORD help" lines, read and not run: it is quick. */
static void
offer_options(struct completion *c, const char *adapter, const char *upto)
{
	struct sbuf text = { 0 };
	char word[NAME_MOST];
	const char *p, *help;
	size_t len;

	if (sbuf_read_file(&text, adapter) != 0)
		return;
	for (p = sbuf_str(&text); (p = strstr(p, "option=")) != NULL; p += 7) {
		len = strspn(p + 7, "abcdefghijklmnopqrstuvwxyz0123456789-");
		if (len == 0 || p[7 + len] != ' ')
			continue;
		help = p + 7 + len + 1;
		snprintf(word, sizeof word, "%s%.*s=", upto, (int)len, p + 7);
		offer_word(c, word, help);
	}
	sbuf_fini(&text);
}

/* Bugs or ways of the reference engine, joined by "+". */
static void
offer_switches(struct completion *c, const struct home *home,
    const char *list, const char *upto)
{
	char *command = xasprintf("'%s/refmta' %s 2>/dev/null", home->bin,
	    list), line[1024], *word;
	FILE *f = popen(command, "r");
	const char *help;
	size_t len;

	while (f != NULL && fgets(line, sizeof line, f) != NULL) {
		len = strcspn(line, " \n");
		help = line + len + strspn(line + len, " ");
		word = xasprintf("%s%.*s", upto, (int)len, line);
		offer_word(c, word, help);
		free(word);
	}
	if (f != NULL)
		pclose(f);
	free(command);
}

static void
offer_names(struct completion *c, const struct home *home)
{
	char *pattern = xasprintf("%s/*/adapter", home->mta), *slash;
	glob_t found;

	if (glob(pattern, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++) {
			slash = strrchr(found.gl_pathv[i], '/');
			*slash = '\0';
			offer_word(c, strrchr(found.gl_pathv[i], '/') + 1,
			    "");
		}
		globfree(&found);
	}
	free(pattern);
}

static void
complete_mtas(struct completion *c)
{
	const char *colon = strchr(c->typed, ':'), *begin, *equals, *plus;
	char *error = NULL, *adapter, *upto;
	struct home home;

	if (!home_find(&home, &error)) {
		free(error);
		return;
	}
	if (colon == NULL) {
		offer_names(c, &home);
		home_fini(&home);
		return;
	}
	begin = strrchr(colon, ',') != NULL ? strrchr(colon, ',') + 1 :
	    colon + 1;
	equals = strchr(begin, '=');
	adapter = xasprintf("%s/%.*s/adapter", home.mta,
	    (int)mta_name_len(c->typed), c->typed);
	if (equals == NULL) {
		upto = xasprintf("%.*s", (int)(begin - c->typed), c->typed);
		offer_options(c, adapter, upto);
	} else {
		plus = strrchr(equals, '+') != NULL ? strrchr(equals, '+') :
		    equals;
		upto = xasprintf("%.*s", (int)(plus + 1 - c->typed),
		    c->typed);
		if (strncmp(c->typed, "reference:", 10) == 0 &&
		    strncmp(begin, "bug=", 4) == 0)
			offer_switches(c, &home, "--list-bugs", upto);
		else if (strncmp(c->typed, "reference:", 10) == 0 &&
		    strncmp(begin, "way=", 4) == 0)
			offer_switches(c, &home, "--list-ways", upto);
		else
			complete_files(c);
	}
	free(upto);
	free(adapter);
	home_fini(&home);
}

/* --- where the word stands --- */

/* Each kind once: `done` has a bit for those that were. */
static void
offer_kind(struct completion *c, const char *name, size_t len, unsigned *done)
{
	static const struct {
		const char *name;
		void (*fn)(struct completion *);
	} kinds[] = {
#define X(sym, name, fn) { name, fn },
		VALUE_KINDS(X)
#undef X
	};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strlen(kinds[i].name) == len &&
		    strncmp(kinds[i].name, name, len) == 0) {
			if ((*done & 1u << i) == 0)
				kinds[i].fn(c);
			*done |= 1u << i;
			return;
		}
}

static bool
is_word_char(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '.' || c == '_';
}

/* What the table calls a value or the arguments: its words and kinds. */
static void
offer_described(struct completion *c, const char *text, bool words,
    bool kinds)
{
	unsigned done = 0;
	size_t len;

	for (; *text != '\0'; text += len > 0 ? len : 1) {
		for (len = 0; is_word_char(text[len]); len++)
			;
		if (len == 0 || *text == '-' || *text == '.')
			continue;
		if (isupper((unsigned char)*text)) {
			if (kinds)
				offer_kind(c, text, strcspn(text,
				    "=[]|.:, "), &done);
		} else if (words)
			offer(c, text, len, "");
	}
}

/* "virtual|real": words; "[=RUNDIR]": a value that may be left out. */
static void
offer_value(struct completion *c, const struct option_row *row)
{
	unsigned done = 0;

	if (row->arg[0] == '[')
		offer_kind(c, row->arg + 2, strcspn(row->arg + 2, "]"),
		    &done);
	else if (strchr(row->arg, '[') == NULL &&
	    strchr(row->arg, '|') != NULL)
		offer_described(c, row->arg, true, true);
	else
		offer_kind(c, row->arg, strcspn(row->arg, "=[]|.:, "),
		    &done);
}

static void
offer_option_names(struct completion *c, const struct option_table *t)
{
	char name[NAME_MOST];

	for (size_t i = 0; t != NULL && i < t->count; i++) {
		if (t->rows[i].name != NULL)
			snprintf(name, sizeof name, "--%s", t->rows[i].name);
		else
			snprintf(name, sizeof name, "-%c", t->rows[i].letter);
		offer_word(c, name, t->rows[i].help);
	}
	offer_word(c, "--help", "explain the command");
}

/* The option that is written like this and takes a value, or NULL. */
static const struct option_row *
option_with_value(const struct option_table *t, const char *word, size_t len)
{
	const struct option_row *row;

	for (size_t i = 0; t != NULL && i < t->count; i++) {
		row = &t->rows[i];
		if (row->arg == NULL)
			continue;
		if (row->name != NULL && len == strlen(row->name) + 2 &&
		    strncmp(word, "--", 2) == 0 &&
		    strncmp(word + 2, row->name, len - 2) == 0)
			return row;
		if (row->letter != '\0' && len == 2 && word[0] == '-' &&
		    word[1] == row->letter)
			return row;
	}
	return NULL;
}

/* How many operands stand between the command and words[at]. */
static int
operands_before(const struct option_table *t, char **words, int at)
{
	const struct option_row *row;
	int n = 0;

	for (int i = 2; i < at; i++) {
		row = option_with_value(t, words[i], strlen(words[i]));
		if (row != NULL && row->arg[0] != '[')
			i++;
		else
			n += words[i][0] != '-';
	}
	return n;
}

static bool
has_small_words(const char *args)
{
	for (; *args != '\0'; args++)
		if (islower((unsigned char)*args))
			return true;
	return false;
}

static void
complete_operand(struct completion *c, const struct command *cmd, int before)
{
	bool words = has_small_words(cmd->args) && cmd->args[0] != '[';

	offer_described(c, cmd->args, words && before == 0,
	    !words || before > 0);
}

void
complete_words(struct sbuf *out, char **words, int count, int at)
{
	struct completion c = { .out = out, .before = "",
	    .typed = at < count ? words[at] : "" };
	const struct option_table *table;
	const struct option_row *row;
	const struct command *cmd;
	const char *equals = strchr(c.typed, '=');
	char *before = NULL;

	if (at <= 1) {
		complete_commands(&c);
		offer_word(&c, "--help", "every command");
		offer_word(&c, "--version", "the version");
		return;
	}
	if ((cmd = command_find(words[1])) == NULL)
		return;
	table = options_of(cmd->name);
	row = option_with_value(table, words[at - 1], strlen(words[at - 1]));
	if (row != NULL && at > 2 && row->arg[0] != '[')
		offer_value(&c, row);
	else if (strncmp(c.typed, "--", 2) == 0 && equals != NULL) {
		row = option_with_value(table, c.typed,
		    (size_t)(equals - c.typed));
		before = xasprintf("%.*s", (int)(equals + 1 - c.typed),
		    c.typed);
		c.before = before;
		c.typed = equals + 1;
		if (row != NULL)
			offer_value(&c, row);
		free(before);
	} else if (c.typed[0] == '-')
		offer_option_names(&c, table);
	else
		complete_operand(&c, cmd, operands_before(table, words, at));
}
