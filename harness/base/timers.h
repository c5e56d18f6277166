/*
 * Virtual timers.  Everything in the lab that has to happen later is a timer
 * in one of these heaps; what "now" means is the driver's business: the
 * clock controller jumps it, `--clock real` follows the machine's clock, a
 * unit test sets it by hand.  No system call, no thread.
 *
 * Time is in microseconds since the run began and never goes back.
 */
#ifndef MXD_BASE_TIMERS_H
#define MXD_BASE_TIMERS_H

#include <stdbool.h>
#include <stdint.h>

#define TIME_NEVER	INT64_MAX
#define USEC_PER_SEC	INT64_C(1000000)

struct timers;
struct timer;

typedef void timer_fn(void *arg);

struct timers *timers_new(void);
/* Pending timers die unfired; their owners must not cancel them later. */
void	 timers_free(struct timers *);
int64_t	 timers_now(const struct timers *);
/*
 * Arms a one-shot timer at `when_us` (the past counts as now).  The handle
 * is valid until it has fired or been cancelled.  Timers for the same moment
 * fire in the order in which they were armed.
 */
struct timer *timers_at(struct timers *, int64_t when_us, timer_fn *, void *);
struct timer *timers_in(struct timers *, int64_t delay_us, timer_fn *, void *);
/* NULL is fine. */
void	 timers_cancel(struct timers *, struct timer *);
/* The earliest deadline, or TIME_NEVER. */
int64_t	 timers_next(const struct timers *);
/*
 * Moves now to `to_us` (never backwards) and fires what is due, also what
 * the fired functions arm for a moment not after `to_us`.  Returns how many
 * fired.
 */
unsigned timers_advance(struct timers *, int64_t to_us);

#endif
