#!/usr/bin/python3
"""Mutants of the judge, the DSN reader and refmta's planner.

Changes them one thing at a time, runs what tests them, and prints the
changes that nothing noticed.

	run.py [-j N] [--seed N --count N] [--again] [FILE[:FUNCTION]...]

Run by `make mutants`, which builds what this links with.  Exit status: 0 if
every mutant was killed or is in equivalent.txt, 1 if not, 2 if the tests
fail without any change.
"""
import argparse
import collections
import glob
import os
import random
import sys

import equivalent
import weave
from build import Build, Failed
from trial import Trial

FOLDER = "build/mutants"
RUNS = FOLDER + "/runs"
REPLAY = "tests/mutants/replay.c"
SURVIVORS = FOLDER + "/survivors.txt"


class Room:
    def __init__(self, name, sources, tests, replays=False):
        self.name, self.replays, self.broken = name, replays, False
        self.sources, self.tests = found(sources), found(tests)


def found(patterns):
    return [p for pattern in patterns.split()
            for p in sorted(glob.glob(pattern, recursive=True))]


def rooms(args):
    if args.self:
        return [Room("the tool itself", "tests/mutants/self/sample.c",
                     "tests/mutants/self/test_sample.c")]
    return [
        Room("harness/dsn", "harness/dsn/*.c", "tests/unit/dsn/test_*.c",
             True),
        Room("reference_impl/planner", "reference_impl/planner*.c",
             "tests/unit/reference_impl/test_plan*.c"),
        Room("harness/judge", "harness/judge/*.c",
             "tests/unit/judge/test_*.c tests/unit/report/test_golden.c "
             "tests/unit/report/test_judged.c",
             True),
    ]


def arguments():
    p = argparse.ArgumentParser()
    p.add_argument("-j", dest="jobs", type=int, default=os.cpu_count())
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--count", type=int, default=0)
    p.add_argument("--again", action="store_true",
                   help="only what survived the last time")
    p.add_argument("--quick", action="store_true",
                   help="unit tests only, without sanitizers")
    p.add_argument("--self", action="store_true",
                   help="try it on a sample of its own")
    p.add_argument("where", nargs="*", metavar="FILE[:FUNCTION]")
    return p.parse_args()


def is_wanted(m, where):
    return not where or m.path in where or \
        m.path + ":" + m.function in where


def choose(args, sources):
    """The mutants to try, numbered."""
    mutants = [m for s in sources for m in s.mutants
               if is_wanted(m, args.where)]
    if args.again:
        old = {e.key for e in equivalent.read(SURVIVORS)}
        mutants = [m for m in mutants if m.key() in old]
    if args.count and args.count < len(mutants):
        picked = random.Random(args.seed).sample(range(len(mutants)),
                                                 args.count)
        mutants = [mutants[i] for i in sorted(picked)]
    for n, m in enumerate(mutants):
        m.number = n + 1
    return mutants


def by_source(sources, mutants):
    lists = {s: [m for m in mutants if m.path == s.path] for s in sources}
    return {s: ms for s, ms in lists.items() if ms}


def try_room(room, sources, mutants, builds, jobs):
    """Returns the mutants that compile."""
    mine = {s: m for s, m in by_source(sources, mutants).items()
            if s.path in room.sources}
    if not mine:
        return []
    taken = None
    for build in builds:
        alive = mine if taken is None else \
            by_source(sources, [m for m in taken if m.killed is None])
        if not alive:
            break
        compiled = build.all_woven(alive)
        if taken is None:
            taken = [m for ms in compiled.values() for m in ms]
        # The cheapest first: few mutants come to the others.
        for trial in sorted(trials(room, build, alive, jobs),
                            key=lambda t: t.cpu):
            print("  " + trial.of(taken), flush=True)
    return taken


def trials(room, build, alive, jobs):
    planned = [(test, (), {}) for test in room.tests]
    if build.replays and room.replays:
        planned.append((REPLAY, (RUNS,), {"MUTANT_LATE": "1"}))
    for test, words, environment in planned:
        program = build.link(test, build.objects(alive) + build.beside(room,
                                                                      alive))
        try:
            yield Trial(test + build.note(), [program, *words], jobs,
                        environment)
        except Failed as e:
            print("  %s" % e)
            room.broken = True


def report(mutants, chosen, args):
    known = equivalent.read(equivalent.LIST)
    listed = {e.key for e in known}
    survivors = [m for m in mutants if m.killed is None]
    unknown = [m for m in survivors if m.key() not in listed]
    for m in unknown:
        print("\n" + m.diff() + ("" if m.reached else
                                 "\n  (no test comes here)"))
    bad = equivalent.complaints(known, mutants,
                                whole=not (args.count or args.where or
                                           args.again or args.self))
    for line in bad:
        print(line)
    if not args.self:
        equivalent.write(SURVIVORS, survivors)
    summary(mutants, listed)
    print("%d hung; %d more did not compile" % (
        sum(m.hung for m in mutants), chosen - len(mutants)))
    return 1 if unknown or bad else 0


def summary(mutants, listed):
    print("\n%-34s %7s %7s %10s %9s" % ("file", "mutants", "killed",
                                       "equivalent", "survivors"))
    paths = collections.OrderedDict((m.path, []) for m in mutants)
    for m in mutants:
        paths[m.path].append(m)
    for path, ms in list(paths.items()) + [("all", mutants)]:
        killed = sum(m.killed is not None for m in ms)
        same = sum(m.killed is None and m.key() in listed for m in ms)
        print("%-34s %7d %7d %10d %9d   %5.1f %%" % (
            path, len(ms), killed, same, len(ms) - killed - same,
            100.0 * killed / max(1, len(ms))))


def builds(args):
    out = [Build("plain", "build/release/libmxdrill.a", ["-O0"], args.jobs)]
    if args.quick:
        return out
    out[0].replays = os.path.isdir(RUNS)
    if os.path.exists("build/asan/libmxdrill.a"):
        out.append(Build("asan", "build/asan/libmxdrill.a",
                         ["-O0", "-g1", "-fsanitize=address,undefined",
                          "-fno-sanitize-recover=undefined"], args.jobs))
    return out


def main():
    args = arguments()
    sources = [weave.Source(p) for r in rooms(args) for p in r.sources]
    chosen = choose(args, sources)
    tried, all_rooms = [], rooms(args)
    for room in all_rooms:
        print(room.name, flush=True)
        tried += try_room(room, sources, chosen, builds(args), args.jobs)
    status = report(tried, len(chosen), args)
    return 2 if any(r.broken for r in all_rooms) else status


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as e:
        print("mutants: %s" % e, file=sys.stderr)
        sys.exit(2)
