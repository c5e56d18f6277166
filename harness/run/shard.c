#include "harness/run/shard.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/sbuf.h"
#include "harness/base/xalloc.h"

/* A decimal number and nothing else; -1: it is none. */
static long
number(const char *text, char end)
{
	long n = 0;

	if (text == NULL || !isdigit((unsigned char)*text))
		return -1;
	for (; isdigit((unsigned char)*text); text++)
		if ((n = n * 10 + (*text - '0')) > 1000000000)
			return -1;
	return *text == end ? n : -1;
}

bool
shard_parse(struct shard *s, const char *text, char **error)
{
	const char *slash = strchr(text, '/');
	long index = number(text, '/'), count = -1;

	if (slash != NULL)
		count = number(slash + 1, '\0');
	if (index < 1 || count < 1 || index > count || count > SHARDS_MAX) {
		*error = xasprintf("\"%s\" is no shard; expected I/N with I "
		    "from 1 to N and N at most %d, or auto", text,
		    SHARDS_MAX);
		return false;
	}
	*s = (struct shard){ (unsigned)index, (unsigned)count };
	return true;
}

struct system {
	const char	*name, *index, *count;
	int		 first;		/* -1: told by Slurm itself */
};

static const struct system systems[] = {
#define X(name, index, count, first) { name, index, count, first },
	SHARD_SYSTEMS(X)
#undef X
};

/* sbatch --array=5-23%4 or 0-30:2: SLURM_ARRAY_TASK_MIN and _STEP. */
static long
slurm_place(const char *(*env)(const char *), long id)
{
	long least = number(env("SLURM_ARRAY_TASK_MIN"), '\0');
	long step = number(env("SLURM_ARRAY_TASK_STEP"), '\0');

	if (step < 1)
		step = 1;
	if (least < 0 || id < least || (id - least) % step != 0)
		return -1;
	return (id - least) / step;
}

static char *
nothing_told(void)
{
	struct sbuf b = { 0 };

	sbuf_puts(&b, "nothing in the environment tells the shard; looked "
	    "for");
	for (size_t i = 0; i < sizeof systems / sizeof *systems; i++)
		sbuf_printf(&b, "%s %s", i > 0 ? "," : "",
		    systems[i].index);
	return sbuf_steal(&b);
}

static bool
take(const struct system *sys, struct shard *s,
    const char *(*env)(const char *), char **source, char **error)
{
	const char *index_text = env(sys->index);
	const char *count_text = env(sys->count);
	long index = number(index_text, '\0');
	long count = number(count_text, '\0');

	if (index >= 0)
		index = sys->first < 0 ? slurm_place(env, index) :
		    index - sys->first;
	if (index < 0 || count < 1 || index >= count || count > SHARDS_MAX) {
		*error = xasprintf("%s: %s=%s and %s=%s are no shard",
		    sys->name, sys->index, index_text, sys->count,
		    count_text != NULL ? count_text : "(not set)");
		return false;
	}
	*s = (struct shard){ (unsigned)index + 1, (unsigned)count };
	*source = xasprintf("%s: %s=%s, %s=%s", sys->name, sys->index,
	    index_text, sys->count, count_text);
	return true;
}

bool
shard_auto(struct shard *s, const char *(*env)(const char *name),
    char **source, char **error)
{
	for (size_t i = 0; i < sizeof systems / sizeof *systems; i++)
		if (env(systems[i].index) != NULL)
			return take(&systems[i], s, env, source, error);
	/* A GitLab job without `parallel:` has the total alone. */
	if (number(env("CI_NODE_TOTAL"), '\0') == 1) {
		*s = (struct shard){ 1, 1 };
		*source = xstrdup("GitLab CI: CI_NODE_TOTAL=1");
		return true;
	}
	*error = nothing_told();
	return false;
}

/* FNV-1a, then mixed (splitmix64's end): its low bits alone are poor. */
static uint64_t
hash(const char *id)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (; *id != '\0'; id++)
		h = (h ^ (unsigned char)*id) * UINT64_C(0x100000001b3);
	h = (h ^ h >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	h = (h ^ h >> 27) * UINT64_C(0x94d049bb133111eb);
	return h ^ h >> 31;
}

bool
shard_has(const struct shard *s, const char *id)
{
	return s->count == 0 || hash(id) % s->count == s->index - 1;
}
