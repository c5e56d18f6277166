/*
 * An IPv4 or IPv6 address with an optional port: the lab's only notion of
 * "where".  Plain value, compared and copied freely.
 */
#ifndef MXD_BASE_ADDR_H
#define MXD_BASE_ADDR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#define ADDR_STRLEN	72	/* "[v6]:65535" and its NUL */

struct addr {
	sa_family_t	family;		/* AF_INET, AF_INET6; 0: none */
	uint16_t	port;		/* host order; 0: none */
	uint8_t		ip[16];		/* network order; IPv4 uses four */
};

/* Parses an address without port.  False: not an address. */
bool	 addr_parse(struct addr *, const char *text);
/*
 * The same with a port behind it or not: "192.0.2.1:25", "[::1]:25",
 * "[::1]", "::1"; `port` is the one without.
 */
bool	 addr_parse_endpoint(struct addr *, const char *text, uint16_t port);
/* "192.0.2.1", "2001:db8::1"; with a port "192.0.2.1:25", "[::1]:25". */
const char *addr_format(const struct addr *, char out[ADDR_STRLEN]);
/* Equality of the address alone / with the port. */
bool	 addr_same_ip(const struct addr *, const struct addr *);
bool	 addr_equal(const struct addr *, const struct addr *);
/* Returns the socklen_t to pass along. */
socklen_t addr_to_sockaddr(const struct addr *, struct sockaddr_storage *);
/* An IPv4-mapped IPv6 address becomes IPv4. */
bool	 addr_from_sockaddr(struct addr *, const struct sockaddr *);

#endif
