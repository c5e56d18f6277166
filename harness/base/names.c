#include "harness/base/names.h"

#include <ctype.h>
#include <string.h>

#include "harness/base/addr.h"

bool
same_text(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* Asked for each event and unit: most names differ at once. */
bool
same_name(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return false;
	for (; *a != '\0' && tolower((unsigned char)*a) ==
	    tolower((unsigned char)*b); a++)
		b++;
	if (*a == '.' && a[1] == '\0')
		a++;
	if (*b == '.' && b[1] == '\0')
		b++;
	return *a == '\0' && *b == '\0';
}

/* "192.0.2.1", "192.0.2.1:25", "2001:db8::1", "[2001:db8::1]:25" */
static size_t
find_ip(const char **text)
{
	const char *colon;

	if (**text == '[')
		return strcspn(++*text, "]");
	colon = strchr(*text, ':');
	return colon == NULL || strchr(colon + 1, ':') != NULL ?
	    strlen(*text) : (size_t)(colon - *text);
}

static bool
parse_ip(struct addr *a, const char *text, size_t n)
{
	char ip[ADDR_STRLEN];

	if (n >= sizeof ip)
		return false;
	memcpy(ip, text, n);
	ip[n] = '\0';
	return addr_parse(a, ip);
}

/* Asked for each event and unit: only IPv6 has two texts for one address. */
bool
same_ip(const char *a, const char *b)
{
	struct addr x, y;
	size_t na, nb;

	if (a == NULL || b == NULL)
		return false;
	na = find_ip(&a);
	nb = find_ip(&b);
	if (na == nb && memcmp(a, b, na) == 0)
		return true;
	return memchr(a, ':', na) != NULL && memchr(b, ':', nb) != NULL &&
	    parse_ip(&x, a, na) && parse_ip(&y, b, nb) &&
	    addr_same_ip(&x, &y);
}

bool
name_within(const char *name, const char *domain)
{
	size_t n, d;

	if (name == NULL || domain == NULL)
		return false;
	n = strlen(name);
	d = strlen(domain);
	return same_name(name, domain) || (n > d + 1 &&
	    name[n - d - 1] == '.' && same_name(name + n - d, domain));
}
