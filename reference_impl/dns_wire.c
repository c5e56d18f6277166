/* The pure part of dns.h: what one reply says.  ldns stays in here. */
#include "reference_impl/dns.h"

#include "harness/base/xalloc.h"

#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static ldns_rr_type
rr_type(enum fact_type type)
{
	switch (type) {
	case FACT_A:
		return LDNS_RR_TYPE_A;
	case FACT_AAAA:
		return LDNS_RR_TYPE_AAAA;
	default:
		return LDNS_RR_TYPE_MX;
	}
}

/* "mx1.r.test", without the final dot; "" for the root.  False: too long. */
static bool
name_text(const ldns_rdf *rdf, char out[NAME_SIZE])
{
	char *s = rdf != NULL ? ldns_rdf2str(rdf) : NULL;
	size_t len;

	if (s == NULL)
		return false;
	len = strlen(s);
	if (len > 0 && s[len - 1] == '.')
		s[--len] = '\0';
	if (len >= NAME_SIZE) {
		free(s);
		return false;
	}
	memcpy(out, s, len + 1);
	free(s);
	return true;
}

static bool
owner_is(const ldns_rr *rr, const char *name)
{
	char owner[NAME_SIZE];

	return name_text(ldns_rr_owner(rr), owner) &&
	    strcasecmp(owner, name) == 0;
}

static bool
question_is(const ldns_pkt *pkt, const struct fact *f)
{
	ldns_rr *q = ldns_rr_list_rr(ldns_pkt_question(pkt), 0);

	return ldns_rr_get_type(q) == rr_type(f->type) &&
	    ldns_rr_get_class(q) == LDNS_RR_CLASS_IN && owner_is(q, f->name);
}

/* The end of the CNAME chain inside this answer. */
static void
follow_aliases(const ldns_rr_list *rrs, struct fact *f)
{
	char name[NAME_SIZE];

	snprintf(name, sizeof name, "%s", f->name);
	for (int hops = 0; hops < ALIAS_MAX; hops++) {
		bool found = false;

		for (size_t i = 0; i < ldns_rr_list_rr_count(rrs); i++) {
			ldns_rr *rr = ldns_rr_list_rr(rrs, i);

			if (ldns_rr_get_type(rr) != LDNS_RR_TYPE_CNAME ||
			    !owner_is(rr, name) ||
			    !name_text(ldns_rr_rdf(rr, 0), f->alias))
				continue;
			memcpy(name, f->alias, sizeof name);
			found = true;
			break;
		}
		if (!found)
			return;
	}
}

static bool
take_rr(const ldns_rr *rr, enum fact_type type, struct fact_rr *out)
{
	const ldns_rdf *data = ldns_rr_rdf(rr, type == FACT_MX ? 1 : 0);

	memset(out, 0, sizeof *out);
	if (data == NULL)
		return false;
	if (type == FACT_MX) {
		out->preference = ldns_rdf2native_int16(ldns_rr_rdf(rr, 0));
		return name_text(data, out->name);
	}
	out->addr.family = type == FACT_A ? AF_INET : AF_INET6;
	if (ldns_rdf_size(data) != (type == FACT_A ? 4 : 16))
		return false;
	memcpy(out->addr.ip, ldns_rdf_data(data), ldns_rdf_size(data));
	return true;
}

/* RFC 2308 5: the SOA's TTL or MINIMUM; without a SOA it is not kept. */
static uint32_t
denial_ttl(const ldns_pkt *pkt, uint32_t most)
{
	ldns_rr_list *soas = ldns_pkt_rr_list_by_type(pkt, LDNS_RR_TYPE_SOA,
	    LDNS_SECTION_AUTHORITY);
	uint32_t ttl = 0;

	if (soas != NULL) {
		const ldns_rr *soa = ldns_rr_list_rr(soas, 0);

		/* Of a spoilt reply it may be an empty one. */
		if (ldns_rr_rd_count(soa) > 6)
			ttl = ldns_rdf2native_int32(ldns_rr_rdf(soa, 6));
		if (ldns_rr_ttl(soa) < ttl)
			ttl = ldns_rr_ttl(soa);
	}
	ldns_rr_list_deep_free(soas);
	return ttl < most ? ttl : most;
}

static void
take_answer(const ldns_pkt *pkt, struct fact *f)
{
	const ldns_rr_list *rrs = ldns_pkt_answer(pkt);
	size_t n = ldns_rr_list_rr_count(rrs);
	const char *owner;

	follow_aliases(rrs, f);
	f->ttl_s = UINT32_MAX;
	owner = f->alias[0] != '\0' ? f->alias : f->name;
	if (n > 0)
		f->rrs = xcalloc(n, sizeof *f->rrs);
	for (size_t i = 0; i < n; i++) {
		ldns_rr *rr = ldns_rr_list_rr(rrs, i);

		if (ldns_rr_ttl(rr) < f->ttl_s)
			f->ttl_s = ldns_rr_ttl(rr);
		if (ldns_rr_get_type(rr) == rr_type(f->type) &&
		    owner_is(rr, owner) &&
		    take_rr(rr, f->type, &f->rrs[f->count]))
			f->count++;
	}
	if (f->count == 0)
		f->ttl_s = denial_ttl(pkt, f->ttl_s);
	if (ldns_pkt_get_rcode(pkt) == LDNS_RCODE_NXDOMAIN && f->count == 0)
		f->state = FACT_NXDOMAIN;	/* the chain's end, 2308 2.1 */
	else if (f->count > 0 || f->alias[0] != '\0')
		f->state = FACT_OK;
	else
		f->state = FACT_NODATA;
}

/* For one bug. */
static bool
has_ttl_zero(const ldns_pkt *pkt)
{
	const ldns_rr_list *rrs = ldns_pkt_answer(pkt);

	for (size_t i = 0; i < ldns_rr_list_rr_count(rrs); i++)
		if (ldns_rr_ttl(ldns_rr_list_rr(rrs, i)) == 0)
			return true;
	return false;
}

enum dns_verdict
dns_judge(const uint8_t *wire, size_t len, uint16_t id, bool tcp,
    const struct bugs *bugs, struct fact *f)
{
	bool trusting = HAS_BUG(bugs, WRONG_ID_ACCEPTED);
	enum dns_verdict v = DNS_USELESS;
	ldns_pkt *pkt = NULL;
	int rcode;

	if (len < 2)
		return DNS_USELESS;
	if ((wire[0] << 8 | wire[1]) != id && !trusting)
		return DNS_IGNORE;
	if (ldns_wire2pkt(&pkt, wire, len) != LDNS_STATUS_OK)
		return DNS_USELESS;
	rcode = ldns_pkt_get_rcode(pkt);
	if (!ldns_pkt_qr(pkt)) {
		v = DNS_IGNORE;
	} else if (rcode != LDNS_RCODE_NOERROR &&
	    rcode != LDNS_RCODE_NXDOMAIN) {
		f->rcode = rcode;
	} else if (ldns_pkt_qdcount(pkt) != 1 ||
	    (HAS_BUG(bugs, TTL_ZERO) && has_ttl_zero(pkt))) {
		;
	} else if (!question_is(pkt, f) && !trusting) {
		v = DNS_IGNORE;
	} else if (ldns_pkt_tc(pkt) && !tcp && !HAS_BUG(bugs,
	    TRUNCATED_USED)) {
		v = DNS_TRUNCATED;
	} else if (ldns_pkt_tc(pkt) && !HAS_BUG(bugs, TRUNCATED_USED)) {
		;	/* TCP has room for all of it: this is no answer */
	} else {
		if (trusting && !question_is(pkt, f))
			name_text(ldns_rr_owner(ldns_rr_list_rr(
			    ldns_pkt_question(pkt), 0)), f->alias);
		take_answer(pkt, f);
		v = DNS_ANSWER;
	}
	ldns_pkt_free(pkt);
	return v;
}
