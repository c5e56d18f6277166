#include "fake_dns/zone.h"

#include <ctype.h>
#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/base/xalloc.h"

#define SUMMARY_MOST	200	/* characters of a reply's summary */

static bool
fail(struct fdns_error *error, int line, const char *why)
{
	if (error != NULL) {
		error->line = line;
		snprintf(error->text, sizeof error->text, "%s", why);
	}
	return false;
}

static bool
give_record(ldns_rr *rr, void (*fn)(void *, const struct zone_rr *),
    void *ctx)
{
	ldns_buffer *b = ldns_buffer_new(LDNS_MIN_BUFLEN);
	const ldns_rdf *owner = ldns_rr_owner(rr);
	struct zone_rr z;
	bool ok;

	if (b == NULL)
		return false;
	ok = ldns_rr_rdata2buffer_wire(b, rr) == LDNS_STATUS_OK &&
	    ldns_buffer_position(b) <= UINT16_MAX;
	if (ok) {
		z.owner = ldns_rdf_data(owner);
		z.owner_len = ldns_rdf_size(owner);
		z.type = (uint16_t)ldns_rr_get_type(rr);
		z.ttl = ldns_rr_ttl(rr);
		z.rdata = ldns_buffer_begin(b);
		z.rdlen = (uint16_t)ldns_buffer_position(b);
		fn(ctx, &z);
	}
	ldns_buffer_free(b);
	return ok;
}

/* Reads record by record; the line ldns counts is the last one it read. */
static bool
parse_stream(FILE *in, void (*fn)(void *, const struct zone_rr *), void *ctx,
    struct fdns_error *error, ldns_rdf **origin, ldns_rdf **prev)
{
	uint32_t ttl = ZONE_TTL;
	ldns_status st;
	ldns_rr *rr;
	int line = 0, before;
	bool ok = true;

	while (ok && !feof(in)) {
		rr = NULL;
		before = line;
		st = ldns_rr_new_frm_fp_l(&rr, in, &ttl, origin, prev, &line);
		if (line == before)
			line++;		/* the last line without newline */
		switch (st) {
		case LDNS_STATUS_OK:
			if (ldns_rr_get_class(rr) != LDNS_RR_CLASS_IN)
				ok = fail(error, line, "only class IN here");
			else if (!give_record(rr, fn, ctx))
				ok = fail(error, line, "record too long");
			ldns_rr_free(rr);
			break;
		case LDNS_STATUS_SYNTAX_EMPTY:
		case LDNS_STATUS_SYNTAX_TTL:
		case LDNS_STATUS_SYNTAX_ORIGIN:
			break;
		case LDNS_STATUS_SYNTAX_INCLUDE:
			ok = fail(error, line, "$INCLUDE is not taken here");
			break;
		default:
			ok = fail(error, line, ldns_get_errorstr_by_id(st));
			break;
		}
	}
	return ok;
}

static size_t
field_len(const char *p)
{
	return strcspn(p, " \t\n;");
}

static bool
is_ttl(const char *p, size_t len)
{
	return len > 0 && isdigit((unsigned char)*p) &&
	    strspn(p, "0123456789smhdwSMHDW") >= len;
}

/*
 * RFC 1035 section 5.1 allows class and TTL in either order, ldns only the
 * TTL first: "IN 300" becomes "300 IN", which is as long.
 */
static void
put_ttl_first(char *line)
{
	char *class, *ttl, word[3];
	size_t len;

	if (strncmp(line, "$", 1) == 0)
		return;
	if (*line != ' ' && *line != '\t')
		line += field_len(line);
	class = line + strspn(line, " \t");
	if (field_len(class) != 2 || strncasecmp(class, "IN", 2) != 0)
		return;
	ttl = class + 2 + strspn(class + 2, " \t");
	len = field_len(ttl);
	if (!is_ttl(ttl, len))
		return;
	memcpy(word, class, 2);
	memmove(class, ttl, len);
	memset(class + len, ' ', (size_t)(ttl - class));
	memcpy(ttl + len - 2, word, 2);
}

/* A copy as ldns takes it; the caller's to free. */
static char *
readable(const char *text)
{
	char *copy = xstrdup(text), *line;

	for (line = copy; *line != '\0'; line += strcspn(line, "\n"),
	    line += *line == '\n')
		put_ttl_first(line);
	return copy;
}

bool
zone_parse(const char *text, void (*fn)(void *, const struct zone_rr *),
    void *ctx, struct fdns_error *error)
{
	ldns_rdf *origin = NULL, *prev = NULL;
	char *copy;
	FILE *in;
	bool ok;

	if (text == NULL || *text == '\0')
		return true;
	copy = readable(text);
	in = fmemopen(copy, strlen(copy), "r");
	if (in == NULL || ldns_str2rdf_dname(&origin, ".") != LDNS_STATUS_OK)
		ok = fail(error, 0, "out of memory");
	else
		ok = parse_stream(in, fn, ctx, error, &origin, &prev);
	if (in != NULL)
		fclose(in);
	free(copy);
	ldns_rdf_deep_free(origin);
	ldns_rdf_deep_free(prev);
	return ok;
}

bool
zone_name(struct name *n, const char *text)
{
	ldns_rdf *rdf = NULL;
	bool ok;

	if (ldns_str2rdf_dname(&rdf, text) != LDNS_STATUS_OK)
		return false;
	ok = name_read(n, ldns_rdf_data(rdf), ldns_rdf_size(rdf)) > 0;
	ldns_rdf_deep_free(rdf);
	return ok;
}

/* Whole, not compressed, and of letters, digits and hyphens only. */
static bool
is_plain_name(const uint8_t *wire, size_t len)
{
	size_t at = 0, end;

	for (; at < len && wire[at] > 0; at = end) {
		end = at + 1 + wire[at];
		if (end >= len)
			return false;
		for (size_t i = at + 1; i < end; i++)
			if (wire[i] != '-' && !isalnum(wire[i]))
				return false;
	}
	return at > 0 && at + 1 == len;
}

void
zone_name_text(struct sbuf *out, const uint8_t *wire, size_t len)
{
	ldns_rdf *rdf;
	char *text;
	size_t n;

	if (is_plain_name(wire, len)) {		/* most are: be quick */
		for (; *wire > 0; wire += *wire + 1) {
			sbuf_add(out, wire + 1, *wire);
			if (wire[*wire + 1] > 0)
				sbuf_putc(out, '.');
		}
		return;
	}
	rdf = ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, len, wire);
	text = rdf ? ldns_rdf2str(rdf) : NULL;
	n = text ? strlen(text) : 0;
	if (n > 1 && text[n - 1] == '.')
		n--;
	sbuf_add(out, text ? text : "?", text ? n : 1);
	free(text);
	ldns_rdf_deep_free(rdf);
}

void
zone_type_text(struct sbuf *out, uint16_t type)
{
	char *text = ldns_rr_type2str(type);

	sbuf_puts(out, text ? text : "?");
	free(text);
}

/* One record: its type and its data, names without the last dot. */
static void
summarize(struct sbuf *out, const ldns_rr *rr)
{
	zone_type_text(out, (uint16_t)ldns_rr_get_type(rr));
	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
		const ldns_rdf *rd = ldns_rr_rdf(rr, i);
		char *text;

		sbuf_putc(out, ' ');
		if (ldns_rdf_get_type(rd) == LDNS_RDF_TYPE_DNAME) {
			zone_name_text(out, ldns_rdf_data(rd),
			    ldns_rdf_size(rd));
			continue;
		}
		text = ldns_rdf2str(rd);
		sbuf_puts(out, text ? text : "?");
		free(text);
	}
}

void
zone_reply_text(struct sbuf *out, const uint8_t *reply, size_t len)
{
	size_t start = out->len, before;
	const ldns_rr_list *list;
	ldns_pkt *pkt = NULL;

	if (ldns_wire2pkt(&pkt, reply, len) != LDNS_STATUS_OK) {
		sbuf_printf(out, "%zu octets that are no DNS message", len);
		return;
	}
	if (ldns_pkt_tc(pkt))
		sbuf_puts(out, "truncated");
	list = ldns_pkt_answer(pkt);
	for (size_t i = 0; i < ldns_rr_list_rr_count(list); i++) {
		before = out->len;
		if (out->len > start)
			sbuf_puts(out, ", ");
		summarize(out, ldns_rr_list_rr(list, i));
		if (out->len - start > SUMMARY_MOST) {
			out->len = before;
			out->data[before] = '\0';
			sbuf_puts(out, ", ...");
			break;
		}
	}
	ldns_pkt_free(pkt);
}
