/*
 * refmta: the reference engine, a small mail transfer agent that only sends,
 * and can be made to send wrongly.
 */
#include "reference_impl/submit.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reference_impl/control.h"

#define REFMTA_VERSION	"1"

enum { OPT_DIR = 256, OPT_HOSTNAME, OPT_LISTEN, OPT_CLIENT, OPT_RELAY,
	OPT_SMARTHOST, OPT_BUG, OPT_WAY, OPT_SET, OPT_RESOLV, OPT_QUEUE,
	OPT_CONTROL, OPT_SEED, OPT_LIST_BUGS, OPT_LIST_WAYS, OPT_PROFILE,
	OPT_VERSION,
	OPT_HELP };

static const struct option options[] = {
	{ "dir", required_argument, NULL, OPT_DIR },
	{ "hostname", required_argument, NULL, OPT_HOSTNAME },
	{ "listen", required_argument, NULL, OPT_LISTEN },
	{ "client", required_argument, NULL, OPT_CLIENT },
	{ "relay-domain", required_argument, NULL, OPT_RELAY },
	{ "smarthost", required_argument, NULL, OPT_SMARTHOST },
	{ "bug", required_argument, NULL, OPT_BUG },
	{ "way", required_argument, NULL, OPT_WAY },
	{ "set", required_argument, NULL, OPT_SET },
	{ "seed", required_argument, NULL, OPT_SEED },
	{ "resolv", required_argument, NULL, OPT_RESOLV },
	{ "queue", required_argument, NULL, OPT_QUEUE },
	{ "control", no_argument, NULL, OPT_CONTROL },
	{ "list-bugs", no_argument, NULL, OPT_LIST_BUGS },
	{ "list-ways", no_argument, NULL, OPT_LIST_WAYS },
	{ "profile", no_argument, NULL, OPT_PROFILE },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ "help", no_argument, NULL, OPT_HELP },
	{ NULL, 0, NULL, 0 },
};

static void
usage(FILE *out)
{
	fprintf(out,
	    "usage: refmta --dir DIR --hostname NAME --listen ADDR...\n"
	    "              [--client ADDR]... [--relay-domain DOMAIN]...\n"
	    "              [--smarthost NAME]...\n"
	    "              [--bug NAME[+NAME]]... [--way NAME[+NAME]]...\n"
	    "              [--set KEY=VALUE]...\n"
	    "              [--seed N] [--resolv FILE] [--control]\n"
	    "       refmta --queue DIR | --list-bugs | --list-ways | "
	    "--version\n"
	    "       refmta [--way NAME]... [--set KEY=VALUE]... --profile\n"
	    "\n--control: answers queue, collect and kick on standard "
	    "input.\n"
	    "--seed: for its random choices; without it no two runs have the "
	    "same.\n"
	    "\nSettings (times as 300s, 30m, 4h, 5d):\n");
#define X(field, key, dflt, help) \
	fprintf(out, "  %-16s %s (%ds)\n", key, help, dflt);
	SETTINGS(X)
#undef X
	fprintf(out, "  %-16s addresses tried in a cycle, 0 all (16)\n"
	    "  %-16s deliveries at once (400)\n"
	    "  %-16s port of the servers delivered to (25)\n",
	    "address-limit", "job-limit", "port");
}

static void
usage_error(const char *what, const char *value)
{
	fprintf(stderr, "refmta: %s: %s\n", what, value);
	exit(2);
}

static void
add_addr(struct addr list[LIST_MAX], size_t *count, const char *text,
    uint16_t port)
{
	if (*count == LIST_MAX)
		usage_error("too many addresses", text);
	if (!addr_parse_endpoint(&list[*count], text, port))
		usage_error("not an address", text);
	(*count)++;
}

/* --set dns=ADDR:PORT replaces what resolv.conf says. */
static bool
set_dns(struct config *c, const char *text)
{
	struct addr a;

	if (strncmp(text, "dns=", 4) != 0 ||
	    c->dns.count == DNS_SERVERS_MAX ||
	    !addr_parse_endpoint(&a, text + 4, 53))
		return false;
	c->dns.servers[c->dns.count++] = a;
	return true;
}

static void
set_seed(struct config *c, const char *text)
{
	char *end;

	errno = 0;
	c->seed = strtoull(text, &end, 10);
	if (!isdigit((unsigned char)*text) || *end != '\0' || errno != 0 ||
	    c->seed == 0)
		usage_error("no number above 0", text);
}

static void
parse_args(struct config *c, int argc, char **argv, const char **resolv,
    bool *controlled)
{
	char bad[64];
	int opt;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (opt) {
		case OPT_DIR:
			c->dir = optarg;
			break;
		case OPT_HOSTNAME:
			c->policy.hostname = optarg;
			break;
		case OPT_LISTEN:
			add_addr(c->listen, &c->listen_count, optarg, 25);
			break;
		case OPT_CLIENT:
			add_addr(c->clients, &c->client_count, optarg, 0);
			break;
		case OPT_RELAY:
			if (c->relay_count == LIST_MAX)
				usage_error("too many domains", optarg);
			c->relay_domains[c->relay_count++] = optarg;
			break;
		case OPT_SMARTHOST:
			if (c->policy.smarthost_count == LIST_MAX)
				usage_error("too many smarthosts", optarg);
			c->smarthosts[c->policy.smarthost_count++] = optarg;
			c->policy.smarthosts = c->smarthosts;
			break;
		case OPT_BUG:
			if (!bugs_enable(&c->bugs, optarg, bad))
				usage_error("no such bug", bad);
			break;
		case OPT_WAY:
			if (!ways_enable(&c->ways, optarg, bad))
				usage_error("no such way", bad);
			config_take_ways(c);
			break;
		case OPT_SET:
			if (!set_dns(c, optarg) && !config_set(c, optarg))
				usage_error("no such setting", optarg);
			break;
		case OPT_SEED:
			set_seed(c, optarg);
			break;
		case OPT_RESOLV:
			*resolv = optarg;
			break;
		case OPT_CONTROL:
			*controlled = true;
			break;
		case OPT_QUEUE:
			exit(queue_print(optarg, &c->ways, stdout) ? 0 : 1);
		case OPT_LIST_BUGS:
			bugs_list(stdout);
			exit(0);
		case OPT_LIST_WAYS:
			ways_list(stdout);
			exit(0);
		case OPT_PROFILE:
			puts("version=" REFMTA_VERSION);
			config_print_profile(c, stdout);
			exit(0);
		case OPT_VERSION:
			puts("refmta " REFMTA_VERSION);
			exit(0);
		case OPT_HELP:
			usage(stdout);
			exit(0);
		default:
			usage(stderr);
			exit(2);
		}
	}
	if (optind < argc)
		usage_error("not an option", argv[optind]);
	if (c->dir == NULL || c->policy.hostname == NULL ||
	    c->listen_count == 0) {
		usage(stderr);
		exit(2);
	}
}

static void
on_stop(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	event_base_loopexit(arg, NULL);
}

static void
on_kick(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	engine_kick(arg);
}

static void
write_pid(const char *dir)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof path, "%s/pid", dir);
	f = fopen(path, "we");
	if (f == NULL)
		return;
	fprintf(f, "%ld\n", (long)getpid());
	fclose(f);
}

static struct event_base *
make_base(void)
{
	struct event_config *ec = event_config_new();
	struct event_base *base;

	event_config_set_flag(ec, EVENT_BASE_FLAG_PRECISE_TIMER);
	base = event_base_new_with_config(ec);
	event_config_free(ec);
	return base;
}

int
main(int argc, char **argv)
{
	static struct config config;
	static struct engine engine;
	const char *resolv = "/etc/resolv.conf";
	struct control *control = NULL;
	bool controlled = false;
	struct event_base *base;
	struct event *signals[3];

	config_init(&config);
	parse_args(&config, argc, argv, &resolv, &controlled);
	if (config.dns.count == 0)
		dns_config_read(&config.dns, resolv);
	/* RFC 5321 5.1: the addresses by which it is known. */
	config.policy.own = config.listen;
	config.policy.own_count = config.listen_count;
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stderr, NULL, _IOLBF, 0);
	base = make_base();
	if (base == NULL || !engine_open(&engine, base, &config)) {
		fprintf(stderr, "refmta: %s: %s\n", config.dir,
		    strerror(errno));
		return 1;
	}
	for (size_t i = 0; i < config.listen_count; i++) {
		char text[ADDR_STRLEN];

		if (submit_listen(&engine, &config.listen[i]) == -1) {
			fprintf(stderr, "refmta: %s: %s\n",
			    addr_format(&config.listen[i], text),
			    strerror(errno));
			return 1;
		}
	}
	signals[0] = evsignal_new(base, SIGTERM, on_stop, base);
	signals[1] = evsignal_new(base, SIGINT, on_stop, base);
	signals[2] = evsignal_new(base, SIGHUP, on_kick, &engine);
	for (int i = 0; i < 3; i++)
		event_add(signals[i], NULL);
	if (controlled)
		control = control_open(base, &engine, config.dir);
	write_pid(config.dir);
	event_base_dispatch(base);
	control_close(control);
	for (int i = 0; i < 3; i++)
		event_free(signals[i]);
	engine_close(&engine);
	return 0;
}
