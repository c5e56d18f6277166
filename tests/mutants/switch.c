/*
 * Chooses the mutant.  A test program linked with this is its own fork
 * server: before main() it forks for each mutant asked for, so that neither
 * loading nor linking is paid twice.
 *
 *	MUTANT=N		run as mutant N
 *	MUTANTS=FILE		run as each mutant of FILE, a number a line
 *	MUTANT_RESULTS=FILE	to which "N lived", "N killed", "N hung" go
 *	MUTANT_CPU_MS=N		what each may use
 *	MUTANT_SEEN=FILE	at the end: first mutants of what was entered
 */
#include "tests/mutants/switch.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

/* What never ends without using the CPU waits for what never comes. */
#define WALL_SECONDS	300
#define MEMORY		((rlim_t)2 << 30)

int mutant_now;
unsigned char mutant_seen[MUTANTS_MAX];

void	 __wrap__mark_point(const char *, int);
void	 __wrap__ck_assert_failed(const char *, int, const char *,
	    const char *, ...);

/* Check writes down each assertion that holds: half of what a test costs. */
void
__wrap__mark_point(const char *file, int line)
{
	(void)file;
	(void)line;
}

/* The first failure of a Check program is enough. */
void
__wrap__ck_assert_failed(const char *file, int line, const char *expr,
    const char *msg, ...)
{
	fprintf(stderr, "%s:%d: %s: %s\n", file, line, expr,
	    msg != NULL ? msg : "");
	_exit(1);
}

static void
limit(int resource, rlim_t max)
{
	struct rlimit r = { max, max };

	if (setrlimit(resource, &r) != 0)
		abort();
}

static void
become(int number)
{
	const char *ms = getenv("MUTANT_CPU_MS");
	long cpu = ms != NULL ? atol(ms) : 10000;
	struct itimerval t = { .it_value = { cpu / 1000,
	    cpu % 1000 * 1000 } };

	setitimer(ITIMER_PROF, &t, NULL);
	/* It might set that aside. */
	limit(RLIMIT_CPU, (rlim_t)cpu / 1000 + 10);
#ifndef __SANITIZE_ADDRESS__
	limit(RLIMIT_AS, MEMORY);
#endif
	limit(RLIMIT_CORE, 0);
	alarm(WALL_SECONDS);
	mutant_now = number;
}

static const char *
word_of(int status)
{
	if (WIFEXITED(status))
		return WEXITSTATUS(status) == 0 ? "lived" : "killed";
	return WTERMSIG(status) == SIGPROF || WTERMSIG(status) == SIGALRM ||
	    WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL ?
	    "hung" : "killed";
}

static FILE *
opened(const char *variable, const char *mode)
{
	const char *path = getenv(variable);
	FILE *f = path != NULL ? fopen(path, mode) : NULL;

	if (f == NULL) {
		perror(path != NULL ? path : variable);
		exit(2);
	}
	return f;
}

/* All of the list: a child that exits would move what is read from. */
static size_t
read_list(int *numbers)
{
	FILE *list = opened("MUTANTS", "r");
	size_t n = 0;

	while (n < MUTANTS_MAX && fscanf(list, "%d", &numbers[n]) == 1)
		n++;
	fclose(list);
	return n;
}

/*
 * Calls `f` in the child for each mutant; with f NULL the child itself
 * returns from here, to become the program.
 */
static void
try_each(bool (*f)(void *), void *arg)
{
	static int numbers[MUTANTS_MAX];
	size_t count = read_list(numbers);
	FILE *out = opened("MUTANT_RESULTS", "a");
	int status;
	pid_t pid;

	setvbuf(out, NULL, _IOLBF, 0);
	for (size_t i = 0; i < count; i++) {
		pid = fork();
		if (pid < 0) {
			perror("fork");
			exit(2);
		}
		if (pid == 0) {
			become(numbers[i]);
			if (f == NULL)
				return;
			_exit(f(arg) ? 0 : 1);
		}
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		fprintf(out, "%d %s\n", numbers[i], word_of(status));
	}
	fclose(out);
	exit(0);
}

void
mutants_try(bool (*f)(void *), void *arg)
{
	try_each(f, arg);
}

static void __attribute__((constructor))
choose(void)
{
	const char *number = getenv("MUTANT");

	if (number != NULL)
		become(atoi(number));
	else if (getenv("MUTANTS") != NULL && getenv("MUTANT_LATE") == NULL)
		try_each(NULL, NULL);
}

static void __attribute__((destructor))
tell_seen(void)
{
	FILE *f;

	if (getenv("MUTANT_SEEN") == NULL)
		return;
	f = opened("MUTANT_SEEN", "w");
	for (int i = 0; i < MUTANTS_MAX; i++)
		if (mutant_seen[i])
			fprintf(f, "%d\n", i);
	fclose(f);
}
