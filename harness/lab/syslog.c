/*
 * /dev/log of the lab: what the MTA tells syslog, line by line.
 */
#include <ctype.h>
#include <errno.h>
#include <event2/event.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "harness/base/xalloc.h"
#include "harness/lab/inside.h"

enum { LINE_MAX_LEN = 8192 };

/* "Jan  1 02:13:20 " of RFC 3164 4.1.2. */
static bool
has_bsd_time(const char *s)
{
	static const char shape[] = "Aaa #9 99:99:99 ";

	for (size_t i = 0; i < sizeof shape - 1; i++)
		switch (shape[i]) {
		case 'A':
		case 'a':
			if (!isalpha((unsigned char)s[i]))
				return false;
			break;
		case '9':
			if (!isdigit((unsigned char)s[i]))
				return false;
			break;
		case '#':
			if (!isdigit((unsigned char)s[i]) && s[i] != ' ')
				return false;
			break;
		default:
			if (s[i] != shape[i])
				return false;
		}
	return true;
}

const char *
log_text(const char *s)
{
	const char *p = s;

	if (*p == '<') {
		while (isdigit((unsigned char)*++p))
			continue;
		if (*p == '>')
			s = p + 1;
	}
	if (has_bsd_time(s))
		return s + strlen("Jan  1 02:13:20 ");
	/* RFC 5424 6.2: version 1, then the time stamp. */
	if (strncmp(s, "1 ", 2) == 0 && (p = strchr(s + 2, ' ')) != NULL)
		return p + 1;
	return s;
}

static void
on_log(int fd, short what, void *arg)
{
	struct lab *lab = arg;
	char buf[LINE_MAX_LEN + 1], *line, *rest;
	ssize_t n;

	(void)what;
	while ((n = recv(fd, buf, LINE_MAX_LEN, 0)) > 0) {
		buf[n] = '\0';
		rest = (char *)log_text(buf);
		while ((line = strsep(&rest, "\n")) != NULL)
			if (*line != '\0' && lab->cfg->on_log != NULL)
				lab->cfg->on_log(lab->cfg->ctx, line);
	}
}

char *
log_open(int *fd)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX,
	    .sun_path = "/dev/log" };

	*fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (*fd < 0 || bind(*fd, (struct sockaddr *)&sun, sizeof sun) < 0 ||
	    chmod(sun.sun_path, 0666) < 0)
		return xasprintf("/dev/log: %s", strerror(errno));
	return NULL;
}

void
log_start(struct lab *lab)
{
	lab->log_event = event_new(lab->base, lab->log_fd,
	    EV_READ | EV_PERSIST, on_log, lab);
	event_add(lab->log_event, NULL);
}

void
log_stop(struct lab *lab)
{
	event_free(lab->log_event);
	close(lab->log_fd);
}
