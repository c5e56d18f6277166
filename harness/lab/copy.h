/*
 * Small file jobs of the lab's private tree.  All return 0, or -1 with
 * errno.
 */
#ifndef MXD_LAB_COPY_H
#define MXD_LAB_COPY_H

/* Replaces whatever `path` was, a link too, by a file with this text. */
int	 file_write(const char *path, const char *text);
/* Copies one regular file with its permissions. */
int	 file_copy(int from_fd, const char *path);
/* The directory and those above it; that they exist is no error. */
int	 dirs_make(const char *path);
/*
 * Copies the tree `from` into the folder `to`.  What cannot be read is left
 * out.  With `link_base` (where `from` can be seen by the lab's processes)
 * a folder that is large or no business of mail becomes a symbolic link to
 * its place there.
 */
int	 tree_copy(const char *from, const char *to, const char *link_base);

#endif
