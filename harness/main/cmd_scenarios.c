/* The commands about scenarios themselves: list, show, lint, schema. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/sbuf.h"
#include "harness/main/cmd.h"
#include "harness/main/options.h"
#include "harness/main/select.h"
#include "harness/scenario/schema.h"
#include "harness/scenario/show.h"

static const char *const level_words[] = { "must", "should", "info" };

struct list_options {
	const char	*tag;		/* NULL: any */
	struct selection_shard shard;
};

static int
list_take_tag(void *ctx, const char *value)
{
	struct list_options *o = ctx;

	o->tag = value;
	return 0;
}

static int
list_take_shard(void *ctx, const char *value)
{
	struct list_options *o = ctx;

	return selection_take_shard(&o->shard, "list", value);
}

static const struct option_row list_rows[] = {
	{ "tag", 0, "TAG", "only scenarios with this tag", list_take_tag },
	{ "shard", 0, "I/N|auto", "only part I of N, as `run` takes it",
	    list_take_shard },
};

const struct option_table list_option_table = { "list", list_rows,
	sizeof list_rows / sizeof *list_rows };

int
cmd_list(int argc, char **argv)
{
	struct list_options o = { .tag = NULL };
	const struct scenario *sc;
	struct selection s;
	int first, rc = options_parse(&list_option_table, argc, argv, &o,
	    &first);

	if (rc != 0)
		return rc;
	rc = selection_open(&s, argv + first, argc - first);
	if (rc == 0)
		rc = selection_parse(&s);
	if (rc == 0 && o.tag != NULL)
		selection_keep_tag(&s, o.tag);
	if (rc == 0)
		selection_keep_shard(&s, &o.shard, stderr);
	for (size_t i = 0; rc == 0 && i < s.count; i++) {
		sc = s.scenarios[i];
		printf("%-50s %-6s %s\n", sc->id, level_words[sc->level],
		    sc->title);
	}
	selection_close(&s);
	return rc;
}

int
cmd_show(int argc, char **argv)
{
	struct selection s;
	struct sbuf b = { 0 };
	int rc;

	if (argc < 2)
		return usage_error("show", "which scenario?");
	rc = selection_open(&s, argv + 1, argc - 1);
	if (rc == 0)
		rc = selection_parse(&s);
	for (size_t i = 0; rc == 0 && i < s.count; i++) {
		if (i > 0)
			sbuf_putc(&b, '\n');
		scenario_show(s.scenarios[i], &b);
	}
	fwrite(sbuf_str(&b), 1, b.len, stdout);
	sbuf_fini(&b);
	selection_close(&s);
	return rc;
}

int
cmd_lint(int argc, char **argv)
{
	struct selection s;
	int rc = selection_open(&s, argv + 1, argc - 1);

	if (rc == 0)
		rc = selection_parse(&s);
	if (rc == 0)
		printf("%zu scenarios, no errors\n", s.count);
	selection_close(&s);
	return rc;
}

int
cmd_schema(int argc, char **argv)
{
	struct sbuf b = { 0 };

	if (argc == 2 && strcmp(argv[1], "--reference") == 0)
		schema_reference(&b);
	else if (argc == 2 && strcmp(argv[1], "--verdicts") == 0)
		schema_verdicts(&b);
	else if (argc > 1)
		return usage_error("schema", "unknown argument %s", argv[1]);
	else
		schema_json(&b);
	fwrite(b.data, 1, b.len, stdout);
	sbuf_fini(&b);
	return EXIT_AS_EXPECTED;
}
