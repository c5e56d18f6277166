/*
 * The end of a forked process that must not run its parent's atexit(3)
 * handlers.
 */
#ifndef MXD_BASE_LEAVE_H
#define MXD_BASE_LEAVE_H

/* _exit(2), after what a coverage build has to write. */
_Noreturn void leave(int status);

#endif
