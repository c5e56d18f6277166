/*
 * Content fit for a server without 8BITMIME (RFC 6152 section 3): the body of
 * a message in one part, encoded as RFC 2045 section 6 says.  Pure text.
 */
#ifndef REFMTA_CONVERT_H
#define REFMTA_CONVERT_H

#include "harness/base/sbuf.h"

#include <stdbool.h>

enum convert_to { CONVERT_QP, CONVERT_BASE64 };

/*
 * `content` has CRLF lines.  False: it says nothing of 8bit, has parts, or
 * has such octets in its header, where no encoding helps; `out` is rubbish.
 */
bool	 convert_to_7bit(const char *content, size_t len, enum convert_to,
	    struct sbuf *out);
void	 convert_put_qp(struct sbuf *, const char *text, size_t len);
void	 convert_put_base64(struct sbuf *, const char *text, size_t len);

#endif
