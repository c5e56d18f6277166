"""Runs a program as each mutant (see switch.c), and notes what came of it."""
import os
import resource
import subprocess
import time

from build import Failed


# Check without its own forks, malloc without giving back and asking anew:
# most of what a mutant costs is the kernel's work.
SETTINGS = {
    "CK_FORK": "no", "CK_EXCLUDE_TAGS": "slow", "LD_BIND_NOW": "1",
    "MALLOC_TRIM_THRESHOLD_": "100000000", "MALLOC_TOP_PAD_": "4000000",
    "MALLOC_MMAP_THRESHOLD_": "100000000",
}


class Trial:
    def __init__(self, name, words, jobs, environment):
        self.name, self.words, self.jobs = name, words, jobs
        self.environment = dict(os.environ, **SETTINGS, **environment)
        self.base = words[0] + ".try"
        self.seen, self.cpu = self.unchanged()

    def start(self, log, **variables):
        return subprocess.Popen(self.words, stdin=subprocess.DEVNULL,
                                stdout=log, stderr=log,
                                env=dict(self.environment, **variables))

    def unchanged(self):
        """Runs the program as it is written: what it enters, and its CPU
        seconds."""
        seen, log = self.base + ".seen", self.base + ".log"
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        with open(log, "wb") as f:
            status = self.start(f, MUTANT_SEEN=seen, MUTANT="0",
                                MUTANT_CPU_MS="600000").wait()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if status != 0:
            with open(log, encoding="utf-8", errors="replace") as f:
                raise Failed("%s, unchanged, ends with %d:\n%s" %
                             (self.name, status, f.read()[-3000:]))
        with open(seen, encoding="ascii") as f:
            return {int(line) for line in f}, \
                after.ru_utime - before.ru_utime + \
                after.ru_stime - before.ru_stime

    def of(self, mutants):
        """Marks those that it kills; returns a line on it."""
        began = time.monotonic()
        todo = [m for m in mutants
                if m.killed is None and m.first in self.seen]
        for m in todo:
            m.reached = True
        words = self.each(todo, str(int(self.cpu * 10000) + 300))
        for m in todo:
            word = words.get(m.number)
            if word is None:
                raise Failed("%s said nothing of mutant %d\n%s" %
                             (self.name, m.number, m.diff()))
            if word != "lived":
                m.killed = self.name
                m.hung = word == "hung"
        killed = sum(m.killed is not None for m in todo)
        return "%5d of %5d killed by %s (%.0f s)" % (
            killed, len(todo), self.name, time.monotonic() - began)

    def each(self, todo, cpu):
        running, words = [], {}
        for n in range(min(self.jobs, len(todo))):
            base = "%s.%d" % (self.base, n)
            with open(base + ".list", "w", encoding="ascii") as f:
                f.writelines("%d\n" % m.number
                             for m in todo[n::self.jobs])
            if os.path.exists(base + ".results"):
                os.unlink(base + ".results")
            with open(base + ".log", "wb") as log:
                running.append((base, self.start(
                    log, MUTANTS=base + ".list", MUTANT_CPU_MS=cpu,
                    MUTANT_RESULTS=base + ".results")))
        for base, process in running:
            process.wait()
            with open(base + ".results", encoding="ascii") as f:
                for line in f:
                    number, word = line.split()
                    words[int(number)] = word
        return words
