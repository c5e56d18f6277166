/*
 * The texts of the adapter protocol: `--mta` arguments, lines of `info` and
 * of `queue`.  Pure.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mta_name.h"
#include "harness/base/xalloc.h"
#include "harness/run/adapter.h"

static const char spec_form[] = "NAME[=VERSION][:option=value,...]";

static bool
is_word(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyz"
		    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", s[i]) == NULL)
			return false;
	return len > 0;
}

/*
 * The length of the option at `p`.  A comma ends it; in a command (queue=)
 * only one behind which another option begins.
 */
static size_t
option_length(const char *p)
{
	bool command = strncmp(p, "queue=", 6) == 0;
	size_t len = strcspn(p, ","), next;

	while (command && p[len] == ',') {
		next = strcspn(p + len + 1, "=,");
		if (p[len + 1 + next] == '=' && is_word(p + len + 1, next))
			break;
		len += 1 + strcspn(p + len + 1, ",");
	}
	return len;
}

static bool
parse_options(struct mta_spec *m, const char *p, char **error)
{
	size_t len, name;

	for (;;) {
		len = option_length(p);
		name = strcspn(p, "=");
		if (name >= len || !is_word(p, name)) {
			*error = xasprintf("\"%.*s\" is no option; expected "
			    "option=value", (int)len, p);
			return false;
		}
		if (m->option_count == ADAPTER_MAX_OPTIONS) {
			*error = xasprintf("more than %d options",
			    ADAPTER_MAX_OPTIONS);
			return false;
		}
		m->options[m->option_count].name = xstrndup(p, name);
		m->options[m->option_count++].value =
		    xstrndup(p + name + 1, len - name - 1);
		if (p[len] == '\0')
			return true;
		p += len + 1;
	}
}

bool
mta_spec_parse(struct mta_spec *m, const char *text, char **error)
{
	size_t head = strcspn(text, ":"), name = mta_name_len(text);

	memset(m, 0, sizeof *m);
	m->text = xstrdup(text);
	if (!is_word(text, name) || (name < head && name + 1 == head)) {
		*error = xasprintf("\"%s\" names no MTA; expected %s", text,
		    spec_form);
		mta_spec_fini(m);
		return false;
	}
	m->name = xstrndup(text, name);
	if (name < head)
		m->version = xstrndup(text + name + 1, head - name - 1);
	if (text[head] == ':' && !parse_options(m, text + head + 1, error)) {
		mta_spec_fini(m);
		return false;
	}
	return true;
}

void
mta_spec_fini(struct mta_spec *m)
{
	free(m->text);
	free(m->name);
	free(m->version);
	for (size_t i = 0; i < m->option_count; i++) {
		free(m->options[i].name);
		free(m->options[i].value);
	}
	memset(m, 0, sizeof *m);
}

void
adapter_info_init(struct adapter_info *info)
{
	memset(info, 0, sizeof *info);
	profile_init(&info->profile);
}

static void
add_word(char *words, size_t size, const char *word)
{
	size_t used = strlen(words);

	snprintf(words + used, size - used, "%s%s", used ? " " : "", word);
}

void
adapter_info_line(struct adapter_info *info, const char *line)
{
	const char *value = strchr(line, '='), *wrong = NULL;
	char key[64];

	if (value == NULL || (size_t)(value - line) >= sizeof key)
		return;
	snprintf(key, sizeof key, "%.*s", (int)(value - line), line);
	value++;
	if (strcmp(key, "uids") == 0)
		info->many_uids = strcmp(value, "many") == 0;
	else if (strcmp(key, "submit") == 0)
		info->injects = strcmp(value, "inject") == 0;
	else if (strcmp(key, "capabilities") == 0)
		add_word(info->capabilities, sizeof info->capabilities, value);
	else if (strcmp(key, "idle") == 0)
		add_word(info->idle, sizeof info->idle, value);
	else if (strcmp(key, "answers") == 0)
		add_word(info->answers, sizeof info->answers, value);
	else if (strcmp(key, "option") == 0) {
		snprintf(key, sizeof key, "%.*s", (int)strcspn(value, " "),
		    value);
		add_word(info->options, sizeof info->options, key);
	} else if (profile_set(&info->profile, key, value, &wrong) < 0)
		snprintf(info->error, sizeof info->error,
		    "%s=%s: %s", key, value, wrong);
}

void
adapter_info_lines(struct adapter_info *info, char *text)
{
	char *line, *save = NULL;

	for (line = text != NULL ? strtok_r(text, "\n", &save) : NULL;
	    line != NULL; line = strtok_r(NULL, "\n", &save))
		adapter_info_line(info, line);
}

bool
adapter_info_has(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = words; *p != '\0'; p += strcspn(p, " "))
		if (p += strspn(p, " "), strncmp(p, word, len) == 0 &&
		    (p[len] == ' ' || p[len] == '\0'))
			return true;
	return false;
}

/*
 * The path that begins at `p` with "<"; a quoted local part may hold "> <".
 * Returns what follows it, or NULL.
 */
static const char *
take_path(const char *p, char *out, size_t size)
{
	bool quoted = false;
	size_t n = 0;

	if (*p++ != '<')
		return NULL;
	for (; *p != '\0' && (quoted || *p != '>'); p++) {
		if (*p == '"')
			quoted = !quoted;
		if (n + 2 >= size)
			return NULL;
		if (quoted && *p == '\\' && p[1] != '\0')
			out[n++] = *p++;
		out[n++] = *p;
	}
	out[n] = '\0';
	return *p == '>' ? p + 1 : NULL;
}

bool
adapter_queue_line(const char *line, char *from, char *to, size_t size)
{
	const char *p = strchr(line, ' ');

	if (p == NULL || p == line || size < 3)
		return false;
	if ((p = take_path(p + 1, from, size)) == NULL || *p != ' ')
		return false;
	p = take_path(p + 1, to, size);
	return p != NULL && *p == '\0';
}
