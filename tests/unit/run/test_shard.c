/* Shards: the parts of a whole, and who tells a job which part is its. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/xalloc.h"
#include "harness/run/shard.h"
#include "tests/unit/suite.h"

#define IDS	1000

START_TEST(each_id_is_in_exactly_one_shard_and_none_is_far_from_fair)
{
	static const unsigned counts[] = { 1, 2, 3, 4, 7, 8, 16, 100 };
	unsigned n, size, most;
	char *id;

	for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
		n = counts[c];
		most = 0;
		for (unsigned i = 1; i <= n; i++) {
			struct shard s = { i, n };

			size = 0;
			for (int k = 0; k < IDS; k++) {
				id = xasprintf("dns/case-%d/variant", k);
				size += shard_has(&s, id);
				free(id);
			}
			if (size > most)
				most = size;
		}
		ck_assert_msg(most <= IDS / n * 3 / 2 + 15, "%u of %d in one "
		    "of %u", most, IDS, n);
	}
	for (int k = 0; k < IDS; k++) {
		id = xasprintf("mx/case-%d", k);
		for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
			size = 0;
			for (unsigned i = 1; i <= counts[c]; i++) {
				struct shard s = { i, counts[c] };

				size += shard_has(&s, id);
			}
			ck_assert_uint_eq(size, 1);
		}
		free(id);
	}
}
END_TEST

/* Stored shards are merged with later ones: the hash is API. */
START_TEST(the_hash_never_changes)
{
	static const struct {
		const char	*id;
		unsigned	 of_4, of_100;
	} known[] = {
		{ "dns/ttl-zero", 3, 15 },
		{ "retry/five-day-451", 3, 35 },
		{ "seed/ip-refused-best-mx/greet-554", 3, 83 },
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		for (unsigned k = 1; k <= 100; k++) {
			struct shard s = { k, 100 }, q = { k, 4 };

			ck_assert_int_eq(shard_has(&s, known[i].id),
			    k == known[i].of_100);
			if (k <= 4)
				ck_assert_int_eq(shard_has(&q, known[i].id),
				    k == known[i].of_4);
		}
	}
}
END_TEST

START_TEST(without_shards_everything_is_in)
{
	struct shard s = { 0, 0 };

	ck_assert(shard_has(&s, "dns/x"));
}
END_TEST

START_TEST(a_shard_is_i_of_n)
{
	static const char *const wrong[] = { "", "1", "/2", "1/", "0/2",
	    "3/2", "-1/2", "1/-2", "1/0", "1 /2", "1/2x", "a/b", "1/2/3",
	    "1/100001", "99999999999999999999/2", "+1/2" };
	struct shard s;
	char *error;

	ck_assert(shard_parse(&s, "2/4", &error));
	ck_assert_uint_eq(s.index, 2);
	ck_assert_uint_eq(s.count, 4);
	ck_assert(shard_parse(&s, "100000/100000", &error));
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		ck_assert_msg(!shard_parse(&s, wrong[i], &error), "%s",
		    wrong[i]);
		ck_assert_ptr_nonnull(strstr(error, "I/N"));
		free(error);
	}
}
END_TEST

/* --- the environment --- */

static const char *const *environment;

static const char *
from_test(const char *name)
{
	size_t len = strlen(name);

	for (const char *const *e = environment; *e != NULL; e++)
		if (strncmp(*e, name, len) == 0 && (*e)[len] == '=')
			return *e + len + 1;
	return NULL;
}

/* "I/N" or what the error says. */
static char *
told(const char *const *env)
{
	char *source = NULL, *error = NULL, *out;
	struct shard s;

	environment = env;
	if (!shard_auto(&s, from_test, &source, &error))
		return error;
	out = xasprintf("%u/%u %s", s.index, s.count, source);
	free(source);
	return out;
}

#define TOLD(want, ...) do {						\
	const char *const env_[] = { __VA_ARGS__, NULL };		\
	char *got_ = told(env_);					\
	ck_assert_str_eq(got_, want);					\
	free(got_);							\
} while (0)

START_TEST(each_system_counts_in_its_own_way)
{
	TOLD("2/4 GitLab CI: CI_NODE_INDEX=2, CI_NODE_TOTAL=4",
	    "CI_NODE_INDEX=2", "CI_NODE_TOTAL=4");
	TOLD("1/1 GitLab CI: CI_NODE_TOTAL=1", "CI_NODE_TOTAL=1");
	TOLD("1/4 CircleCI: CIRCLE_NODE_INDEX=0, CIRCLE_NODE_TOTAL=4",
	    "CIRCLE_NODE_INDEX=0", "CIRCLE_NODE_TOTAL=4");
	TOLD("4/4 Buildkite: BUILDKITE_PARALLEL_JOB=3, "
	    "BUILDKITE_PARALLEL_JOB_COUNT=4", "BUILDKITE_PARALLEL_JOB=3",
	    "BUILDKITE_PARALLEL_JOB_COUNT=4");
	TOLD("1/2 Azure Pipelines: SYSTEM_JOBPOSITIONINPHASE=1, "
	    "SYSTEM_TOTALJOBSINPHASE=2", "SYSTEM_JOBPOSITIONINPHASE=1",
	    "SYSTEM_TOTALJOBSINPHASE=2");
	TOLD("10/10 Kubernetes: JOB_COMPLETION_INDEX=9, "
	    "MXDRILL_SHARD_COUNT=10", "JOB_COMPLETION_INDEX=9",
	    "MXDRILL_SHARD_COUNT=10");
	TOLD("3/10 mxdrill: MXDRILL_SHARD_INDEX=3, MXDRILL_SHARD_COUNT=10",
	    "MXDRILL_SHARD_INDEX=3", "MXDRILL_SHARD_COUNT=10",
	    "CI_NODE_INDEX=1", "CI_NODE_TOTAL=1");
}
END_TEST

START_TEST(a_slurm_array_may_begin_anywhere_and_have_steps)
{
	TOLD("1/8 Slurm: SLURM_ARRAY_TASK_ID=1, SLURM_ARRAY_TASK_COUNT=8",
	    "SLURM_ARRAY_TASK_ID=1", "SLURM_ARRAY_TASK_COUNT=8",
	    "SLURM_ARRAY_TASK_MIN=1", "SLURM_ARRAY_TASK_STEP=1");
	TOLD("1/8 Slurm: SLURM_ARRAY_TASK_ID=0, SLURM_ARRAY_TASK_COUNT=8",
	    "SLURM_ARRAY_TASK_ID=0", "SLURM_ARRAY_TASK_COUNT=8",
	    "SLURM_ARRAY_TASK_MIN=0");
	TOLD("3/4 Slurm: SLURM_ARRAY_TASK_ID=14, SLURM_ARRAY_TASK_COUNT=4",
	    "SLURM_ARRAY_TASK_ID=14", "SLURM_ARRAY_TASK_COUNT=4",
	    "SLURM_ARRAY_TASK_MIN=10", "SLURM_ARRAY_TASK_STEP=2");
	/* --array=1,5,9 has gaps: no place is told. */
	TOLD("Slurm: SLURM_ARRAY_TASK_ID=9 and SLURM_ARRAY_TASK_COUNT=3 are "
	    "no shard", "SLURM_ARRAY_TASK_ID=9", "SLURM_ARRAY_TASK_COUNT=3",
	    "SLURM_ARRAY_TASK_MIN=1", "SLURM_ARRAY_TASK_STEP=1");
}
END_TEST

START_TEST(half_a_place_is_an_error_and_no_guess)
{
	TOLD("Kubernetes: JOB_COMPLETION_INDEX=0 and MXDRILL_SHARD_COUNT="
	    "(not set) are no shard", "JOB_COMPLETION_INDEX=0");
	TOLD("GitLab CI: CI_NODE_INDEX=0 and CI_NODE_TOTAL=4 are no shard",
	    "CI_NODE_INDEX=0", "CI_NODE_TOTAL=4");
	TOLD("GitLab CI: CI_NODE_INDEX=5 and CI_NODE_TOTAL=4 are no shard",
	    "CI_NODE_INDEX=5", "CI_NODE_TOTAL=4");
	TOLD("CircleCI: CIRCLE_NODE_INDEX= and CIRCLE_NODE_TOTAL=4 are no "
	    "shard", "CIRCLE_NODE_INDEX=", "CIRCLE_NODE_TOTAL=4");
}
END_TEST

START_TEST(where_nothing_tells_the_error_names_what_was_looked_for)
{
	const char *const none[] = { NULL };
	char *got = told(none);

	ck_assert_ptr_nonnull(strstr(got, "nothing in the environment"));
	ck_assert_ptr_nonnull(strstr(got, "CI_NODE_INDEX"));
	ck_assert_ptr_nonnull(strstr(got, "JOB_COMPLETION_INDEX"));
	free(got);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("shard");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc,
	    each_id_is_in_exactly_one_shard_and_none_is_far_from_fair);
	tcase_add_test(tc, the_hash_never_changes);
	tcase_add_test(tc, without_shards_everything_is_in);
	tcase_add_test(tc, a_shard_is_i_of_n);
	tcase_add_test(tc, each_system_counts_in_its_own_way);
	tcase_add_test(tc, a_slurm_array_may_begin_anywhere_and_have_steps);
	tcase_add_test(tc, half_a_place_is_an_error_and_no_guess);
	tcase_add_test(tc,
	    where_nothing_tells_the_error_names_what_was_looked_for);
	suite_add_tcase(s, tc);
	return run_and_free(s);
}
