/* MTAs that run elsewhere: `--mta attach:submit=HOST:PORT`. */
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/xalloc.h"
#include "harness/run/suite_int.h"

#define NAME		"attach"
#define SMTP_PORT	"25"

bool
elsewhere_is(const struct mta_spec *spec)
{
	return strcmp(spec->name, NAME) == 0;
}

static const char *
option(const struct mta_spec *spec, const char *name)
{
	for (size_t i = 0; i < spec->option_count; i++)
		if (strcmp(spec->options[i].name, name) == 0)
			return spec->options[i].value;
	return NULL;
}

/* A name is looked up once, here, by the host's own resolver. */
static bool
look_up(struct addr *out, const char *text)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list;
	const char *colon = strrchr(text, ':');
	char *host = xstrndup(text, colon != NULL ? (size_t)(colon - text) :
	    strlen(text));
	bool found;

	found = getaddrinfo(host, colon != NULL ? colon + 1 : SMTP_PORT,
	    &hints, &list) == 0;
	if (found) {
		addr_from_sockaddr(out, list->ai_addr);
		freeaddrinfo(list);
	}
	free(host);
	return found && out->port != 0;
}

bool
elsewhere_find(struct suite_mta *mta)
{
	const char *submit = option(&mta->spec, "submit");

	mta->elsewhere = true;
	if (submit == NULL)
		mta->broken = xstrdup("expected submit=HOST:PORT, where the "
		    "MTA takes mail");
	else if (!addr_parse_endpoint(&mta->submit, submit, 25) &&
	    !look_up(&mta->submit, submit))
		mta->broken = xasprintf("submit=%s: there is no such host or "
		    "port; expected HOST:PORT", submit);
	else {
		/* In reports and folders the address is name enough. */
		mta->given = mta->spec.text;
		mta->spec.text = xasprintf(NAME ":submit=%s", submit);
	}
	mta->unknown = mta->broken != NULL;
	return mta->broken == NULL;
}
