/*
 * Files that are there whole or not at all: written beside their place and
 * renamed, so that a reader sees the old one or the new one.
 */
#ifndef MXD_BASE_WHOLE_FILE_H
#define MXD_BASE_WHOLE_FILE_H

#include <stddef.h>
#include <stdio.h>

/* Could it be written?  -1 with errno; nothing is made or changed. */
int	 whole_file_check(const char *path);
/*
 * -1 with errno, the old file then unchanged.  The new one has the old one's
 * mode, else 0644.  What is no regular file (a pipe, /dev/stderr) is written
 * to as it is.
 */
int	 whole_file_write(const char *path, const char *text, size_t len);

/* The same of a text that comes piece by piece. */
struct whole_file {
	FILE	*f;			/* to be written to */
	char	*path, *temp;		/* temp NULL: `path` is written as is */
};

/* -1 with errno: there is then nothing to be closed. */
int	 whole_file_open(struct whole_file *, const char *path);
/* -1 with errno: something could not be written; the old file is there. */
int	 whole_file_close(struct whole_file *);

#endif
