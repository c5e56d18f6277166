#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "harness/base/xalloc.h"
#include "harness/run/adapter.h"

static bool
is_name(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!islower((unsigned char)s[i]) &&
		    !isdigit((unsigned char)s[i]) &&
		    (i == 0 || strchr("-_.+", s[i]) == NULL))
			return false;
	return len > 0;
}

static char *
parse_options(struct mta_choice *c, const char *p)
{
	size_t name, len;

	for (;;) {
		name = strcspn(p, "=,");
		len = strcspn(p, ",");
		if (!is_name(p, name))
			return xasprintf("--mta: '%.*s' is no option; expected "
			    "option=value", (int)len, p);
		if (p[name] != '=')
			return xasprintf("--mta: option '%.*s' has no value; "
			    "expected %.*s=value", (int)name, p, (int)name, p);
		if (c->option_count == ADAPTER_OPTION_MAX)
			return xasprintf("--mta: more than %d options",
			    ADAPTER_OPTION_MAX);
		for (size_t i = 0; i < c->option_count; i++)
			if (strlen(c->options[i].name) == name &&
			    strncmp(c->options[i].name, p, name) == 0)
				return xasprintf("--mta: option '%.*s' is "
				    "given twice", (int)name, p);
		c->options[c->option_count++] = (struct mta_option){
			.name = xstrndup(p, name),
			.value = xstrndup(p + name + 1, len - name - 1),
		};
		if (p[len] == '\0')
			return NULL;
		p += len + 1;
	}
}

bool
mta_choice_parse(struct mta_choice *c, const char *text, char **error)
{
	size_t name = strcspn(text, "=:");
	const char *p = text + name;
	size_t len;

	memset(c, 0, sizeof *c);
	*error = NULL;
	if (!is_name(text, name))
		*error = xasprintf("--mta: '%.*s' is no name of an MTA; "
		    "expected NAME[=VERSION][:option=value,...]", (int)name,
		    text);
	c->name = xstrndup(text, name);
	if (*error == NULL && *p == '=') {
		/* A Debian version may hold an epoch: 1:2.3 is not taken. */
		len = strcspn(++p, ":");
		if (len == 0)
			*error = xasprintf("--mta: no version after '%s='",
			    c->name);
		c->version = xstrndup(p, len);
		p += len;
	}
	if (*error == NULL && *p == ':')
		*error = parse_options(c, p + 1);
	if (*error == NULL)
		return true;
	mta_choice_fini(c);
	return false;
}

void
mta_choice_fini(struct mta_choice *c)
{
	free(c->name);
	free(c->version);
	for (size_t i = 0; i < c->option_count; i++) {
		free(c->options[i].name);
		free(c->options[i].value);
	}
	memset(c, 0, sizeof *c);
}

void
adapter_info_init(struct adapter_info *info)
{
	memset(info, 0, sizeof *info);
	profile_init(&info->profile);
	info->capabilities = xstrdup(" ");
}

void
adapter_info_fini(struct adapter_info *info)
{
	free(info->capabilities);
	for (size_t i = 0; i < info->option_count; i++)
		free(info->options[i]);
	memset(info, 0, sizeof *info);
}

bool
adapter_info_line(struct adapter_info *info, const char *line, char **error)
{
	const char *value = strchr(line, '='), *why = NULL;
	char *key;
	bool ok = true;
	int taken;

	if (value == NULL) {
		*error = xasprintf("info: '%s' is not key=value", line);
		return false;
	}
	key = xstrndup(line, (size_t)(value++ - line));
	if (strcmp(key, "capabilities") == 0) {
		free(info->capabilities);
		info->capabilities = xasprintf(" %s ", value);
	} else if (strcmp(key, "uids") == 0) {
		info->many_uids = strcmp(value, "many") == 0;
		ok = info->many_uids || strcmp(value, "one") == 0;
		why = "expected one or many";
	} else if (strcmp(key, "submit") == 0) {
		info->submit_smtp = strcmp(value, "smtp") == 0;
	} else if (strcmp(key, "option") == 0) {
		ok = info->option_count < ADAPTER_OPTION_MAX;
		why = "too many options";
		if (ok)
			info->options[info->option_count++] = xstrdup(value);
	} else {
		taken = profile_set(&info->profile, key, value, &why);
		ok = taken == 1;
		if (taken == 0)
			why = "no such key";
	}
	if (!ok)
		*error = xasprintf("info: %s=%s: %s", key, value, why);
	free(key);
	return ok;
}

bool
adapter_info_can(const struct adapter_info *info, const char *word)
{
	char *spaced = xasprintf(" %s ", word);
	bool can = strstr(info->capabilities, spaced) != NULL;

	free(spaced);
	return can;
}

/*
 * `<path>`: a quoted local part (RFC 5321 4.1.2) may hold brackets, blanks
 * and escaped quotes.  Returns what follows, NULL if it is no path.
 */
static const char *
take_path(const char *p, char **path)
{
	const char *start = p + 1;
	bool quoted = false;

	if (*p != '<')
		return NULL;
	for (p = start; *p != '\0'; p++) {
		if (quoted && *p == '\\' && p[1] != '\0')
			p++;
		else if (*p == '"')
			quoted = !quoted;
		else if (*p == '>' && !quoted) {
			*path = xstrndup(start, (size_t)(p - start));
			return p + 1;
		}
	}
	return NULL;
}

bool
queue_line_parse(struct queue_line *q, const char *line)
{
	size_t id = strcspn(line, " ");
	const char *p = line + id;

	memset(q, 0, sizeof *q);
	if (id > 0 && *p == ' ' && (p = take_path(p + 1, &q->from)) != NULL &&
	    *p == ' ' && (p = take_path(p + 1, &q->to)) != NULL &&
	    *p == '\0') {
		q->id = xstrndup(line, id);
		return true;
	}
	queue_line_fini(q);
	return false;
}

void
queue_line_fini(struct queue_line *q)
{
	free(q->id);
	free(q->from);
	free(q->to);
	memset(q, 0, sizeof *q);
}

enum adapter_result
adapter_result_of(int status)
{
	if (!WIFEXITED(status))
		return ADAPTER_ERROR;
	switch (WEXITSTATUS(status)) {
	case 0:
		return ADAPTER_DONE;
	case 75:
		return ADAPTER_AGAIN;
	case 89:
		return ADAPTER_UNSUPPORTED;
	default:
		return ADAPTER_ERROR;
	}
}
