#include "harness/base/addr.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t
ip_len(const struct addr *a)
{
	return a->family == AF_INET ? 4 : 16;
}

bool
addr_parse(struct addr *a, const char *text)
{
	memset(a, 0, sizeof *a);
	if (inet_pton(AF_INET, text, a->ip) == 1)
		a->family = AF_INET;
	else if (inet_pton(AF_INET6, text, a->ip) == 1)
		a->family = AF_INET6;
	return a->family != 0;
}

static bool
parse_port(const char *text, uint16_t *port)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (*text < '0' || *text > '9' || *end != '\0' || n < 1 || n > 65535)
		return false;
	*port = (uint16_t)n;
	return true;
}

bool
addr_parse_endpoint(struct addr *a, const char *text, uint16_t port)
{
	char ip[ADDR_STRLEN];
	const char *colon = strrchr(text, ':'), *close = strrchr(text, ']');
	size_t len = strlen(text);

	if (addr_parse(a, text)) {
		a->port = port;
		return true;
	}
	if (colon != NULL && (close == NULL || close < colon)) {
		if (!parse_port(colon + 1, &port))
			return false;
		len = (size_t)(colon - text);
	}
	if (len >= sizeof ip)
		return false;
	if (len > 2 && *text == '[' && text[len - 1] == ']') {
		snprintf(ip, sizeof ip, "%.*s", (int)len - 2, text + 1);
		if (!addr_parse(a, ip) || a->family != AF_INET6)
			return false;
	} else {
		snprintf(ip, sizeof ip, "%.*s", (int)len, text);
		if (!addr_parse(a, ip) || a->family != AF_INET)
			return false;
	}
	a->port = port;
	return true;
}

const char *
addr_format(const struct addr *a, char out[ADDR_STRLEN])
{
	char ip[INET6_ADDRSTRLEN];

	if (a->family == 0)
		snprintf(out, ADDR_STRLEN, "-");
	else if (inet_ntop(a->family, a->ip, ip, sizeof ip) == NULL)
		assert(!"an address of an unknown family");
	else if (a->port == 0)
		snprintf(out, ADDR_STRLEN, "%s", ip);
	else
		snprintf(out, ADDR_STRLEN,
		    a->family == AF_INET ? "%s:%u" : "[%s]:%u", ip, a->port);
	return out;
}

bool
addr_same_ip(const struct addr *a, const struct addr *b)
{
	return a->family == b->family && memcmp(a->ip, b->ip, ip_len(a)) == 0;
}

bool
addr_equal(const struct addr *a, const struct addr *b)
{
	return addr_same_ip(a, b) && a->port == b->port;
}

socklen_t
addr_to_sockaddr(const struct addr *a, struct sockaddr_storage *ss)
{
	struct sockaddr_in *in = (struct sockaddr_in *)ss;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ss;

	memset(ss, 0, sizeof *ss);
	ss->ss_family = a->family;
	if (a->family == AF_INET) {
		in->sin_port = htons(a->port);
		memcpy(&in->sin_addr, a->ip, 4);
		return sizeof *in;
	}
	assert(a->family == AF_INET6);
	in6->sin6_port = htons(a->port);
	memcpy(&in6->sin6_addr, a->ip, 16);
	return sizeof *in6;
}

bool
addr_from_sockaddr(struct addr *a, const struct sockaddr *sa)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)sa;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)sa;

	memset(a, 0, sizeof *a);
	if (sa->sa_family == AF_INET) {
		memcpy(a->ip, &in->sin_addr, 4);
		a->port = ntohs(in->sin_port);
	} else if (sa->sa_family == AF_INET6 &&
	    IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) {
		memcpy(a->ip, in6->sin6_addr.s6_addr + 12, 4);
		a->port = ntohs(in6->sin6_port);
		a->family = AF_INET;
		return true;
	} else if (sa->sa_family == AF_INET6) {
		memcpy(a->ip, &in6->sin6_addr, 16);
		a->port = ntohs(in6->sin6_port);
	} else
		return false;
	a->family = sa->sa_family;
	return true;
}
