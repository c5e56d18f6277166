/*
 * What the commands share: from SELECT arguments to parsed scenarios.
 */
#ifndef MXD_MAIN_SELECT_H
#define MXD_MAIN_SELECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "harness/run/home.h"
#include "harness/run/shard.h"
#include "harness/scenario/catalogue.h"
#include "harness/scenario/scenario.h"

struct selection {
	struct home	 home;
	struct catalogue catalogue;
	const struct catalogue_entry **entries;
	size_t		 count;
	struct scenario	**scenarios;	/* parsed; NULL before */
};

/*
 * Opens the catalogue and selects; without arguments everything but the
 * grid.  0, or an exit status after saying what is wrong.
 */
int	 selection_open(struct selection *, char **select, int count);
/*
 * Parses what is selected, prints every diagnostic.  0, or
 * EXIT_WRONG_QUESTION if any has an error.
 */
int	 selection_parse(struct selection *);
/* Keeps only the scenarios for which `keep` is true. */
void	 selection_keep(struct selection *, bool (*keep)(const void *ctx,
	    const struct scenario *), const void *ctx);
/* Those with this tag. */
void	 selection_keep_tag(struct selection *, const char *tag);
/* The value of --shard; a count of 0 is the whole. */
struct selection_shard {
	struct shard	 shard;
	char		 source[256];	/* auto: what told it, or "" */
};

/* 0, or an exit status after saying what is wrong with it. */
int	 selection_take_shard(struct selection_shard *, const char *command,
	    const char *value);
/* Keeps the shard and says so; it may be empty where the whole is not. */
void	 selection_keep_shard(struct selection *,
	    const struct selection_shard *, FILE *out);
void	 selection_close(struct selection *);

#endif
