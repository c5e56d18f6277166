/*
 * `mxdrill serve SCENARIO`: keeps the fakes up for an MTA that mxdrill does
 * not run, prints what happens as it happens, and stores it.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "harness/base/xalloc.h"
#include "harness/main/cmd.h"
#include "harness/main/run_options.h"
#include "harness/main/select.h"
#include "harness/main/serve_options.h"
#include "harness/report/live.h"
#include "harness/report/text.h"
#include "harness/run/stage.h"
#include "harness/run/suite.h"

#define SERVED_FILE	"served.json"

struct serve {
	struct serve_options opt;
	struct selection selection;
	struct scenario	*scenario;
	struct world	 world;
	struct live	*live;
	struct report_style style;
	char		*out;
	time_t		 started;
};

/* --- what is said while it lasts --- */

static void
put_places(const struct serve *s, const struct world *w)
{
	char text[ADDR_STRLEN];

	for (size_t i = 0; i < s->opt.places.dns_count; i++)
		printf("  %-24s %s\n", i == 0 ? "name server" :
		    "second name server",
		    addr_format(&s->opt.places.dns[i], text));
	for (size_t i = 0; i < w->host_count; i++)
		for (size_t k = 0; k < w->hosts[i].addr_count; k++)
			printf("  %-24s %s\n", k == 0 ? w->hosts[i].name : "",
			    addr_format(&w->hosts[i].addrs[k], text));
}

static void
say_ready(void *ctx, const struct world *w)
{
	struct serve *s = ctx;

	s->world = *w;
	printf("serving %s: %s\n", s->scenario->id, s->scenario->title);
	put_places(s, w);
	if (s->opt.speed > 0)
		printf("time: one second counts as %g\n", s->opt.speed);
	printf("its times count from %s; ^C ends it\n",
	    s->opt.start_now ? "now" : "the first contact");
	fflush(stdout);
}

static void
say_news(void *ctx, const struct trace *trace, bool settled)
{
	struct serve *s = ctx;
	struct sbuf b = { 0 };

	live_tell(s->live, &b, trace, settled);
	fwrite(b.data, 1, b.len, stdout);
	fflush(stdout);
	sbuf_fini(&b);
}

/* --- what is said in the end --- */

struct sightings {
	uint64_t queries, connections, messages;
	json_t	*hosts, *rules;
};

static void
count_in(json_t *object, const char *name, const char *key)
{
	json_t *o = json_object_get(object, name);

	if (o == NULL) {
		o = json_pack("{s:i, s:i}", "connections", 0, "messages", 0);
		json_object_set_new(object, name, o);
	}
	json_object_set_new(o, key, json_integer(json_integer_value(
	    json_object_get(o, key)) + 1));
}

static void
see_event(struct sightings *seen, const struct event *ev)
{
	if (ev->kind == EV_DNS_QUERY)
		seen->queries++;
	if (ev->kind == EV_SMTP_OPEN && ev->host != NULL) {
		seen->connections++;
		count_in(seen->hosts, ev->host, "connections");
	}
	if (ev->kind == EV_SMTP_COPY && ev->stored == YES &&
	    ev->host != NULL) {
		seen->messages++;
		count_in(seen->hosts, ev->host, "messages");
	}
}

/* How often each rule decided something, from the trace alone. */
static void
see_rules(struct sightings *seen, const struct trace *t)
{
	const struct event *rule, *ev;
	json_int_t fired;

	for (size_t i = 0; i < t->count; i++) {
		rule = &t->events[i];
		if (rule->kind != EV_FLAG || rule->rule == NULL ||
		    strcmp(rule->name, "rule") != 0)
			continue;
		fired = 0;
		for (size_t k = 0; k < t->count; k++) {
			ev = &t->events[k];
			fired += ev->kind != EV_FLAG && ev->rule != NULL &&
			    strcmp(ev->rule, rule->rule) == 0;
		}
		json_array_append_new(seen->rules, json_pack(
		    "{s:s, s:s*, s:s*, s:I}", "rule", rule->rule, "host",
		    rule->host, "what", rule->text, "decided", fired));
	}
}

static void
put_seen(const struct serve *s, const struct sightings *seen)
{
	const char *name;
	json_t *o;
	size_t i;

	printf("\nsaw %llu DNS quer%s, %llu connection%s, %llu message%s "
	    "taken\n", (unsigned long long)seen->queries,
	    seen->queries == 1 ? "y" : "ies",
	    (unsigned long long)seen->connections,
	    seen->connections == 1 ? "" : "s",
	    (unsigned long long)seen->messages,
	    seen->messages == 1 ? "" : "s");
	json_object_foreach(seen->hosts, name, o)
		printf("  %-24s %lld connections, %lld messages\n", name,
		    (long long)json_integer_value(json_object_get(o,
		    "connections")), (long long)json_integer_value(
		    json_object_get(o, "messages")));
	json_array_foreach(seen->rules, i, o) {
		long long n = json_integer_value(json_object_get(o,
		    "decided"));

		printf("  rule %-6s %s: ", json_string_value(json_object_get(
		    o, "rule")), json_string_value(json_object_get(o,
		    "what")));
		if (n > 0)
			printf("%lld events\n", n);
		else
			printf("never happened\n");
	}
	printf("stored in %s\n", s->out);
}

static void
store(const struct serve *s, const struct sightings *seen)
{
	char started[32], text[ADDR_STRLEN], *path;
	json_t *o, *places = json_object(), *list;
	struct tm tm;

	for (size_t i = 0; i < s->world.host_count; i++) {
		list = json_array();
		for (size_t k = 0; k < s->world.hosts[i].addr_count; k++)
			json_array_append_new(list, json_string(addr_format(
			    &s->world.hosts[i].addrs[k], text)));
		json_object_set_new(places, s->world.hosts[i].name, list);
	}
	gmtime_r(&s->started, &tm);
	strftime(started, sizeof started, "%Y-%m-%dT%H:%M:%SZ", &tm);
	o = json_pack("{s:i, s:s, s:s, s:f, s:I, s:I, s:I, s:O, s:O, s:o}",
	    "version", 1, "scenario", s->scenario->id, "started", started,
	    "speed", s->opt.speed > 0 ? s->opt.speed : 1.0,
	    "queries", (json_int_t)seen->queries,
	    "connections", (json_int_t)seen->connections,
	    "messages", (json_int_t)seen->messages,
	    "hosts", seen->hosts, "rules", seen->rules, "places", places);
	path = xasprintf("%s/" SERVED_FILE, s->out);
	if (json_dump_file(o, path, JSON_INDENT(2)) < 0)
		fprintf(stderr, "mxdrill: %s cannot be written\n", path);
	free(path);
	json_decref(o);
}

static int
sum_up(const struct serve *s)
{
	struct sightings seen = { .hosts = json_object(),
	    .rules = json_array() };
	char *path = xasprintf("%s/" RUN_TRACE, s->out), *error = NULL;
	struct trace trace;
	bool truncated;

	if (trace_read(&trace, path, &truncated, &error)) {
		for (size_t i = 0; i < trace.count; i++)
			see_event(&seen, &trace.events[i]);
		see_rules(&seen, &trace);
		trace_fini(&trace);
	} else
		fprintf(stderr, "mxdrill: %s\n", error);
	put_seen(s, &seen);
	store(s, &seen);
	free(error);
	free(path);
	json_decref(seen.hosts);
	json_decref(seen.rules);
	return EXIT_AS_EXPECTED;
}

/* --- doing it --- */

static int
find_scenario(struct serve *s, char **operands, int count)
{
	struct world w;
	const char *odd;
	char *error;
	int rc;

	if (count != 1)
		return usage_error("serve", "expected one SCENARIO");
	rc = selection_open(&s->selection, operands, count);
	if (rc == 0)
		rc = selection_parse(&s->selection);
	if (rc != 0)
		return rc;
	if (s->selection.count != 1)
		return usage_error("serve", "\"%s\" is %zu scenarios, "
		    "expected one", operands[0], s->selection.count);
	s->scenario = s->selection.scenarios[0];
	if ((error = places_obstacle(&s->opt.places, s->scenario)) != NULL) {
		usage_error("serve", "%s cannot be served: %s",
		    s->scenario->id, error);
		free(error);
		return EXIT_WRONG_QUESTION;
	}
	world_build(&w, s->scenario);
	if ((odd = places_unknown_host(&s->opt.places, &w)) != NULL)
		return usage_error("serve", "--smtp %s=...: the scenario has "
		    "no such host", odd);
	return 0;
}

static int
run_it(struct serve *s)
{
	const struct mta_spec nobody = { .text = (char *)(uintptr_t)"serve" };
	const struct stage_serve serve = { .start_now = s->opt.start_now,
	    .ready = say_ready, .tell = say_news, .ctx = s };
	struct stage_spec spec = { .home = &s->selection.home,
	    .scenario = s->scenario, .mta = &nobody,
	    .places = &s->opt.places, .speed = s->opt.speed,
	    .seed = s->opt.seed, .serve = &serve };
	char *error = NULL, *path;
	FILE *f;
	int rc;

	path = xasprintf("%s/" RUN_SCENARIO, s->out);
	if ((f = fopen(path, "we")) != NULL) {
		fputs(s->scenario->source, f);
		fclose(f);
	}
	free(path);
	spec.dir_fd = open(s->out, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	s->live = live_new(s->scenario, &s->style);
	rc = stage_run(&spec, &error);
	live_free(s->live);
	close(spec.dir_fd);
	if (rc == 0)
		return sum_up(s);
	fprintf(stderr, "mxdrill: %s\n", error != NULL ? error : "failed");
	free(error);
	return EXIT_UNTRUSTED;
}

int
cmd_serve(int argc, char **argv)
{
	struct serve s = { .started = time(NULL) };
	struct winsize ws;
	int first, rc = serve_options_parse(&s.opt, argc, argv, &first);

	if (rc != 0)
		return rc;
	s.style.colour = isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL;
	s.style.verbose = s.opt.verbose;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_col > 40)
		s.style.width = ws.ws_col;
	rc = find_scenario(&s, argv + first, argc - first);
	if (rc == 0 && (s.out = run_folder_open(s.opt.out)) == NULL)
		rc = EXIT_WRONG_QUESTION;
	if (rc == 0)
		rc = run_it(&s);
	selection_close(&s.selection);
	places_fini(&s.opt.places);
	free(s.out);
	return rc;
}
