/*
 * The manual's words that belong to no table elsewhere.  `help` prints them
 * and the manual pages contain them.  A text is paragraphs parted by "\n\n";
 * one that begins with a blank stands as it is, line by line.
 */
#ifndef MXD_MAIN_MANUAL_H
#define MXD_MAIN_MANUAL_H

/* X("command", "details") */
#define DETAILS(X)							\
	X("run",							\
	    "SELECT is an id, an id prefix ending in /, a glob or a file; none: every scenario but the generated grid.\n\n" \
	    "Everything is parsed and checked before anything starts. "	\
	    "One line a scenario is printed, the status first; what failed is explained, with the command that brings it again.\n\n" \
	    " mxdrill run refusal/ --mta postfix\n"			\
	    " mxdrill run --tag core -j2\n"				\
	    " mxdrill run --mta reference:bug=q267245-drop seed/")	\
	X("list", "One line a scenario: id, level, title.")		\
	X("show", "What a scenario does and expects, in prose.")	\
	X("lint",							\
	    "Without FILE: every scenario of the suite. "		\
	    "All errors are told, each with its line and a caret; the exit status is 2 if there is any.") \
	X("schema",							\
	    "The JSON Schema lets an editor complete and check scenario files.") \
	X("report",							\
	    "RUNDIR is what `run --out` wrote, one run's folder of it, or a folder above such; runs/last is the last one. " \
	    "Shards become one suite again: what is missing or contradicts is said, and of two runs of the same the worse counts. " \
	    "Everything is judged anew from the stored traces.\n\n"	\
	    " mxdrill report runs/last -o md=summary.md,junit=results.xml\n" \
	    " mxdrill report shards/ -o json=whole.json\n\n"		\
	    "`mxdrill help reports` has the kinds; `-` is standard output.") \
	X("diff",							\
	    "OLD and NEW are stored runs: of two versions, two configurations or two MTAs. " \
	    "Printed is what changed, the worst first; the exit status is 1 if anything got worse, 3 if that cannot be said.\n\n" \
	    " mxdrill run --mta postfix=3.7.10 --out old\n"		\
	    " mxdrill run --mta postfix=3.7.11 --out new\n"		\
	    " mxdrill diff old new")					\
	X("judge",							\
	    "RUNDIR is what `run --out` wrote; runs/last is the last one. " \
	    "The stored trace is judged by today's judge, without the MTA.") \
	X("baseline",							\
	    "A baseline pins known failures, each with its reason; docs/baselines.md describes the file. " \
	    "`update` rewrites outcomes that have changed, takes out what passes now, and keeps every other octet; " \
	    "its exit status is 1 if something is left.\n\n"		\
	    " mxdrill run --mta postfix --baseline my.known\n"		\
	    " mxdrill baseline update my.known runs/last --add --reason 'to be looked at'") \
	X("explore",							\
	    "Each seed is a small world of its own: one to four hosts, one to four recipients, up to six faults of every kind that a scenario can say, with every bound. " \
	    "Nothing may get lost in any of them; where a world makes more certain, more is asked.\n\n" \
	    "What fails is told in a line, and once for each way of failing as a whole, made as small as it can be while it still fails in that way, and written to DIR/SEED.yaml. " \
	    "A seed brings the same world and the same choice of ways and bug again, alone or among many.\n\n" \
	    " mxdrill explore --count 1000 -j2\n"			\
	    " mxdrill explore --seed 4711 --count 1 --mta postfix\n"	\
	    " mxdrill explore --seed 4711 --count 1 --print\n\n"		\
	    "With --bug each world is run twice. "			\
	    "A bug is shown if the MTA then does otherwise on the wire, and caught if the judge finds fault; the seeds of what was shown and not caught stand behind it.") \
	X("mta",							\
	    "MTAs are unpacked into a private folder and never installed. " \
	    "NAME is an adapter's.")					\
	X("adapter",							\
	    "Asks the adapter what it tests and runs the canaries: a healthy host must get the mail, 550 must bounce, 451 must be queued.") \
	X("doctor",							\
	    "Tells for the reference engine and for real MTAs what is there and what is missing, with the command that mends it.") \
	X("completion",							\
	    "`make install` puts it where bash and zsh look for it. "	\
	    "Without that:\n\n"						\
	    " . <(mxdrill completion bash)\n"				\
	    " . <(mxdrill completion zsh)      # after compinit")	\
	X("help",							\
	    "Without an argument: every command; `help topics`: "	\
	    "what else is explained.")

/* X("variable", "what it does") */
#define ENVIRONMENT(X)							\
	X("MXDRILL_STORE", "folder of the unpacked MTAs; default: $XDG_CACHE_HOME/mxdrill/store or ~/.cache/mxdrill/store") \
	X("NO_COLOR", "if set: no colours on a terminal")		\
	X("MXDRILL_FIGURES", "if set: tell on standard error where the real time of each run went")

/* X("path", "what it is") */
#define MANUAL_FILES(X)							\
	X("runs/DATE-TIME", "a stored run: results.json, and a folder for each MTA and scenario") \
	X("runs/last", "leads to the last one")				\
	X("runs/DATE-TIME/MTA/ID/trace.jsonl", "all that happened in a scenario, an event a line") \
	X("runs/DATE-TIME/MTA/ID/packets.pcapng", "its packets, with --pcap")

/* X(symbol of RESULTS, "what it means"): of a scenario on an MTA. */
#define RESULT_HELPS(X)							\
	X(OK, "everything is as expected")				\
	X(XFAIL, "a failure that the baseline knows, and no worse")	\
	X(SKIP, "the MTA lacks what the scenario needs")		\
	X(INFO, "a difference where the sources disagree")		\
	X(WARN, "not as expected where the scenario's level is SHOULD")	\
	X(XPASS, "the baseline's failure is gone: take it out of the baseline") \
	X(NOT_EXERCISED, "a fault never fired: what is asked was not tried") \
	X(ERROR, "the run proves nothing; the reason is told")		\
	X(FAIL, "not as expected, or mail was lost")

#define SCENARIO_TEXT							\
	"A scenario is one YAML file; its id is its path below the folder of scenarios, without .yaml. " \
	"It says what the fake Internet looks like, what breaks when, and what must become of the mail. " \
	"Everything not said is healthy.\n\n"				\
	"Every value is text until a key says otherwise. "		\
	"Anchors, aliases and tags of YAML are not part of the language; a key said twice is an error.\n\n" \
	" title: the only MX refuses for two hours\n"			\
	" covers: [R-DF-CON-a]\n"					\
	" zone: |\n"							\
	"   r.test.      MX 10 mx1.r.test.\n"				\
	"   mx1.r.test.  A     198.18.1.1\n"				\
	" hosts:\n"							\
	"   mx1.r.test: [{connect: refuse, until: 2h}]\n"		\
	" expect: {outcome: delivered-late}\n\n"			\
	"Times count from the first injection and are written as 30s, 10m, 2h, 1h30m, 5d. " \
	"Of a list of rules the first that matches decides. "		\
	"A fault that never fired makes the run `not-exercised`, which is no pass, unless it is `optional: true`.\n\n" \
	"A file with `variants` is as many scenarios: "			\
	"each sets what ${NAME} stands for, and has the id FILE/NAME."

#define ADAPTER_TEXT							\
	"An adapter makes mxdrill test one MTA. "			\
	"It is one executable, NAME/adapter in the folder of adapters, in any language. " \
	"mxdrill runs \"adapter VERB\" inside the lab, as its root and with the lab's clock. " \
	"It reads key=value lines from the standard output, and notes for people from the standard error.\n\n" \
	"`mxdrill adapter check NAME` tries an adapter by its canaries."

#define CLOCK_TEXT							\
	"The MTA and all around it have one virtual clock. "		\
	"It stands still while anything runs and jumps to the next deadline when everything sleeps, so that days of queue time take seconds at the MTA's default timings. " \
	"The kernel's own time limits of TCP follow it: a connection that nobody answers fails after 127 s, octets that nobody acknowledges after 925 s. " \
	"A program that the clock does not reach (static, or without libc) runs in real time, and the report says so.\n\n" \
	"With --clock real there is no virtual clock: five days take five days. " \
	"A run that is broken off leaves its trace so far."

#define SELECT_TEXT							\
	"Scenarios are selected by any number of these:\n\n"		\
	" refusal/554-greeting     an id\n"				\
	" refusal/                 all ids that begin so\n"		\
	" 'dns/*-heals'            a glob\n"				\
	" ./my-case.yaml           a file of your own\n\n"		\
	"Nothing said means every scenario but the thousands of the generated grid, which is selected by grid/ and what follows. " \
	"What matches nothing is an error, with a guess at what was meant."

#define BASELINES_TEXT							\
	"A baseline lists known failures, each pinned to one outcome and with a reason. " \
	"They are run all the same: as bad as known is xfail, gone is XPASS (and red), worse is FAIL; an ERROR or not-exercised is never excused.\n\n" \
	" - id: dns/format-error/formerr        # id, prefix ending in /, or glob\n" \
	"   mta: postfix < 3.9                  # optional: name, version\n" \
	"   outcome: premature-bounce           # the verdict, or a list of flags\n" \
	"   reason: FORMERR is taken for a permanent DNS error\n"	\
	"   upstream: Postfix HISTORY 19990221  # optional"

#define PACKETS_TEXT							\
	"`run --pcap` writes packets.pcapng into the folder of each scenario: every packet between the MTA and the fake Internet, with virtual times. " \
	"Each time a fault fires, the packet that carries it gets one comment with the rule's line and column in the scenario and what it does. " \
	"A fault without a packet (a link that goes down, a process that is killed) is a journal record.\n\n" \
	" tshark -r packets.pcapng -Y frame.comment -T fields "		\
	"-e frame.time -e frame.comment"

#endif
