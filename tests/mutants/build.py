"""Objects that hold mutants, and test programs linked with them."""
import concurrent.futures
import glob
import os
import shlex
import subprocess

import weave

CHECK = "-lcheck -lsubunit -lm -lrt -lpthread"


class Failed(Exception):
    """The program as it is written does not do what it must."""


def shell_words(name, default=""):
    return shlex.split(os.environ.get(name, default))


class Build:
    """One flavour's folder.  Without mutants of its own: it takes what is
    woven, and leaves out what the first compiler refused."""

    def __init__(self, name, library, flags, jobs):
        self.name, self.folder = name, "build/mutants/" + name
        self.library, self.flags, self.jobs = library, flags, jobs
        self.replays = False
        self.cc = shell_words("MUTANT_CC", "cc")
        self.cpp = shell_words("MUTANT_CPPFLAGS", "-D_GNU_SOURCE -I.")
        self.libs = shell_words("MUTANT_LIBS")

    def note(self):
        return "" if self.name == "plain" else ", " + self.name

    def path(self, source, suffix):
        p = os.path.join(self.folder, os.path.splitext(source)[0] + suffix)
        os.makedirs(os.path.dirname(p), exist_ok=True)
        return p

    def run(self, words):
        done = subprocess.run(words, stderr=subprocess.PIPE, text=True,
                              check=False, stdin=subprocess.DEVNULL)
        return done.returncode, done.stderr

    def compile(self, source, out, more=()):
        return self.run(self.cc + self.cpp + self.flags + list(more) +
                        ["-std=c11", "-w", "-c", "-o", out, source])

    def plain(self, source):
        out = self.path(source, ".o")
        status, said = self.compile(source, out)
        if status != 0:
            raise Failed(said)
        return out

    def woven(self, source, mutants):
        """Compiles; returns the mutants that the compiler takes."""
        text, out = self.path(source.path, ".c"), self.path(source.path, ".o")
        while True:
            with open(text, "w", encoding="utf-8") as f:
                f.write(source.woven(mutants))
            status, said = self.compile(text, out, ["-fmax-errors=0"])
            if status == 0:
                return mutants
            bad = weave.refused(said)
            if not bad.intersection(m.number for m in mutants):
                raise Failed(said)
            mutants = [m for m in mutants if m.number not in bad]

    def all_woven(self, by_source):
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            lists = pool.map(lambda item: self.woven(*item),
                             by_source.items())
            return dict(zip(by_source, lists))

    def objects(self, sources):
        return [self.path(s.path, ".o") for s in sources]

    def beside(self, room, woven):
        """What a room's tests need that is neither woven nor in the
        library."""
        if not room.name.startswith("reference_impl"):
            return []
        own = {os.path.splitext(s.path)[0] for s in woven}
        return [o for o in sorted(glob.glob(os.path.join(
            os.path.dirname(self.library), "reference_impl/*.o")))
            if not o.endswith("/main.o") and
            o[o.index("reference_impl"):-2] not in own]

    def link(self, test, objects):
        """The test's program; an object with mutants goes before the
        library's own."""
        out = self.path(test, "")
        status, said = self.run(
            self.cc + self.flags + ["-o", out, self.plain(test)] + objects +
            [self.plain("tests/mutants/switch.c"), self.library] +
            self.libs + shlex.split(CHECK) +
            ["-Wl,--wrap=_ck_assert_failed,--wrap=_mark_point"])
        if status != 0:
            raise Failed(said)
        return out

