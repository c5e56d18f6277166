#include "harness/lab/pcapng.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/sbuf.h"
#include "harness/base/timers.h"
#include "harness/base/xalloc.h"

/* Block types and options of draft-ietf-opsawg-pcapng. */
enum {
	SECTION_HEADER = 0x0a0d0d0a, BYTE_ORDER_MAGIC = 0x1a2b3c4d,
	INTERFACE = 1, ENHANCED_PACKET = 6, JOURNAL = 9, LINKTYPE_RAW = 101,
	OPT_END = 0, OPT_COMMENT = 1, OPT_IF_NAME = 2, OPT_APPLICATION = 4,
	OPTION_MOST = 4096, FLUSH_AT = 65536
};

struct pcapng {
	int		 fd, error;
	int64_t		 epoch_us;
	struct sbuf	 buf;
};

static void
add32(struct pcapng *pc, uint32_t v)
{
	sbuf_add(&pc->buf, &v, sizeof v);
}

static void
add16(struct pcapng *pc, uint16_t v)
{
	sbuf_add(&pc->buf, &v, sizeof v);
}

static void
add_padded(struct pcapng *pc, const void *bytes, size_t len)
{
	sbuf_add(&pc->buf, bytes, len);
	sbuf_add(&pc->buf, "\0\0\0", (4 - len % 4) % 4);
}

static void
add_option(struct pcapng *pc, uint16_t code, const char *text)
{
	size_t len = strnlen(text, OPTION_MOST);

	add16(pc, code);
	add16(pc, (uint16_t)len);
	add_padded(pc, text, len);
}

static size_t
block_begin(struct pcapng *pc, uint32_t type)
{
	size_t at = pc->buf.len;

	add32(pc, type);
	add32(pc, 0);
	return at;
}

/* The length of a block stands at both of its ends. */
static void
block_end(struct pcapng *pc, size_t at)
{
	uint32_t len = (uint32_t)(pc->buf.len - at + 4);

	memcpy(pc->buf.data + at + 4, &len, sizeof len);
	add32(pc, len);
}

static void
flush(struct pcapng *pc)
{
	size_t done = 0;
	ssize_t n;

	while (done < pc->buf.len && pc->error == 0) {
		n = write(pc->fd, pc->buf.data + done, pc->buf.len - done);
		if (n >= 0)
			done += (size_t)n;
		else if (errno != EINTR)
			pc->error = errno;
	}
	sbuf_clear(&pc->buf);
}

struct pcapng *
pcapng_new(int fd, int64_t epoch_s)
{
	struct pcapng *pc = xcalloc(1, sizeof *pc);
	size_t at;

	pc->fd = fd;
	pc->epoch_us = epoch_s * USEC_PER_SEC;
	at = block_begin(pc, SECTION_HEADER);
	add32(pc, BYTE_ORDER_MAGIC);
	add16(pc, 1);			/* version 1.0 */
	add16(pc, 0);
	add32(pc, UINT32_MAX);		/* length of the section: not said */
	add32(pc, UINT32_MAX);
	add_option(pc, OPT_APPLICATION, "mxdrill");
	add32(pc, OPT_END);
	block_end(pc, at);
	at = block_begin(pc, INTERFACE);
	add16(pc, LINKTYPE_RAW);
	add16(pc, 0);
	add32(pc, 0);			/* no limit on lengths */
	add_option(pc, OPT_IF_NAME, "mta");
	add32(pc, OPT_END);		/* resolution: the default, 1 us */
	block_end(pc, at);
	flush(pc);
	return pc;
}

int
pcapng_free(struct pcapng *pc)
{
	int error;

	if (pc == NULL)
		return 0;
	flush(pc);
	error = pc->error;
	sbuf_fini(&pc->buf);
	free(pc);
	errno = error;
	return error == 0 ? 0 : -1;
}

void
pcapng_packet(struct pcapng *pc, int64_t now_us, const uint8_t *bytes,
    size_t len, const char *const *comments, size_t comment_count)
{
	uint64_t t;
	size_t at;

	if (pc == NULL)
		return;
	t = (uint64_t)(pc->epoch_us + now_us);
	at = block_begin(pc, ENHANCED_PACKET);
	add32(pc, 0);			/* interface */
	add32(pc, (uint32_t)(t >> 32));
	add32(pc, (uint32_t)t);
	add32(pc, (uint32_t)len);
	add32(pc, (uint32_t)len);
	add_padded(pc, bytes, len);
	for (size_t i = 0; i < comment_count; i++)
		add_option(pc, OPT_COMMENT, comments[i]);
	if (comment_count > 0)
		add32(pc, OPT_END);
	block_end(pc, at);
	if (pc->buf.len >= FLUSH_AT)
		flush(pc);
}

/* The journal's export format: FIELD=value, one a line. */
void
pcapng_journal(struct pcapng *pc, int64_t now_us, const char *text)
{
	struct sbuf entry = { 0 };
	size_t at;

	if (pc == NULL)
		return;
	sbuf_printf(&entry, "__REALTIME_TIMESTAMP=%" PRId64 "\n"
	    "SYSLOG_IDENTIFIER=mxdrill\nMESSAGE=", pc->epoch_us + now_us);
	for (; *text != '\0'; text++)
		sbuf_putc(&entry, *text == '\n' ? ' ' : *text);
	sbuf_putc(&entry, '\n');
	at = block_begin(pc, JOURNAL);
	add_padded(pc, entry.data, entry.len);
	block_end(pc, at);
	sbuf_fini(&entry);
}
