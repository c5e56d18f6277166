"""The list of mutants that no test can kill, each with the proof.

	FILE FUNCTION [#COPY]
	- the line as it is written, blanks folded
	+ the line as the mutant has it
	  why both do the same

#COPY tells apart what is the same text twice in one function.  Lines may
move; who changes one of these lines proves it anew.
"""
import os

LIST = "tests/mutants/equivalent.txt"


class Entry:
    def __init__(self, head, line):
        path, function, *copy = head.split()
        self.path, self.function, self.line = path, function, line
        self.copy = int(copy[0].lstrip("#")) if copy else 1
        self.old = self.new = self.why = ""

    @property
    def key(self):
        return (self.path, self.function, self.copy, self.old, self.new)


def read(path):
    entries = []
    if not os.path.exists(path):
        return entries
    with open(path, encoding="utf-8") as f:
        for n, line in enumerate(f, 1):
            line = line.rstrip("\n")
            if line.startswith("- "):
                entries[-1].old = line[2:]
            elif line.startswith("+"):
                entries[-1].new = line[2:]
            elif line.startswith("  "):
                entries[-1].why += line[1:]
            elif line and not line.startswith("#"):
                entries.append(Entry(line, n))
    return entries


def write(path, mutants):
    with open(path, "w", encoding="utf-8") as f:
        for m in mutants:
            f.write("%s %s%s\n- %s\n+ %s\n\n" % (
                m.path, m.function, " #%d" % m.copy if m.copy > 1 else "",
                m.old, m.new))


def complaints(entries, mutants, whole):
    """What the list says that is not so."""
    by_key, bad = {m.key(): m for m in mutants}, []
    for e in entries:
        m = by_key.get(e.key)
        if m is None and whole:
            bad.append("%s:%d: no mutant is like this" % (LIST, e.line))
        elif m is not None and m.killed is not None:
            bad.append("%s:%d: killed by %s" % (LIST, e.line, m.killed))
        if not e.why.strip():
            bad.append("%s:%d: the proof is missing" % (LIST, e.line))
    return bad
