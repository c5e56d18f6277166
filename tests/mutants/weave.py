"""All mutants of a file in one object: each function holds every mutated
body of itself, and mutant_now says which one runs.

So a file is compiled once, not once for each mutant, and a mutant costs
what its tests cost.
"""
import re

import csource
import operators


class Mutant:
    """One change.  .number is set when it is chosen."""

    def __init__(self, path, place, text, change):
        self.path, self.function = path, place.name
        self.place, self.change = place, change
        self.number, self.copy = 0, 1
        self.first = 0		# the first of its place
        self.killed, self.hung, self.reached = None, False, False
        self.line = text.count("\n", 0, change.start) + 1
        begin = text.rfind("\n", 0, change.start) + 1
        end = text.find("\n", change.end)
        self.old = " ".join(text[begin:end].split())
        self.new = " ".join((text[begin:change.start] + change.new +
                             text[change.end:end]).split())

    def key(self):
        """Stays as it is when lines move."""
        return (self.path, self.function, self.copy, self.old, self.new)

    def diff(self):
        copy = " #%d" % self.copy if self.copy > 1 else ""
        return "%s:%d: %s%s\n- %s\n+ %s" % (self.path, self.line,
                                            self.function, copy, self.old,
                                            self.new)


class Source:
    def __init__(self, path):
        self.path = path
        with open(path, encoding="utf-8") as f:
            self.text = f.read()
        self.tokens = csource.tokenize(self.text)
        self.partner = csource.pairs(self.tokens)
        self.mutants = []
        for place in csource.definitions(self.tokens, self.partner):
            self.add(place)

    def add(self, place):
        of = operators.of_function if isinstance(place, csource.Function) \
            else operators.of_table
        seen, copies = set(), {}
        for c in of(self.tokens, self.partner, place):
            m = Mutant(self.path, place, self.text, c)
            # What ends one half of a condition begins the other.
            result = "".join(self.mutated(
                m, self.tokens[place.first].start,
                self.tokens[place.last].end).split())
            if result in seen:
                continue
            seen.add(result)
            copies[m.key()] = copies.get(m.key(), 0) + 1
            m.copy = copies[m.key()]
            self.mutants.append(m)

    def mutated(self, m, start, end):
        """The text from start to end as this mutant has it."""
        c = m.change
        return self.text[start:c.start] + c.new + self.text[c.end:end]

    def woven(self, chosen):
        """The file with these mutants in it."""
        out, at = ["#include \"tests/mutants/switch.h\"\n"
                   "#line 1 \"%s\"\n" % self.path], 0
        for place in self.places(chosen):
            mine = [m for m in chosen if m.place is place]
            for m in mine:
                m.first = mine[0].number
            if isinstance(place, csource.Function):
                at = self.weave_function(out, at, place, mine)
            else:
                at = self.weave_table(out, at, place, mine)
        out.append(self.text[at:])
        return "".join(out)

    @staticmethod
    def places(chosen):
        found = {id(m.place): m.place for m in chosen}
        return sorted(found.values(), key=lambda p: p.first)

    def back(self, token):
        return "\n#line %d \"%s\"\n" % (token.line, self.path)

    def weave_function(self, out, at, f, mine):
        brace, end = self.tokens[f.first], self.tokens[f.last].end
        out.append(self.text[at:brace.end])
        out.append(" MUTANTS_HERE(%d); switch (mutant_now) {" %
                   mine[0].number)
        for m in mine:
            out.append("\ncase %d:\n#line 1 \"mutant:%d\"\n%s\n%s" % (
                m.number, m.number, self.mutated(m, brace.start, end),
                "return;" if f.is_void else "MUTANT_WITHOUT_VALUE();"))
        out.append("}" + self.back(brace))
        return brace.end

    def weave_table(self, out, at, t, mine):
        """tables[i] by macro: an array of one type, whichever it is."""
        start, name = self.tokens[t.start], self.tokens[t.name_at]
        end = self.tokens[t.last].end
        out.append(self.text[at:start.start])
        for n, m in enumerate([None] + mine):
            copy = "%s_%d" % (t.name, m.number if m else 0)
            rest = self.text[name.end:end] if m is None else \
                self.mutated(m, name.end, end)
            out.append("\n#line 1 \"mutant:%d\"\n%s%s%s;" % (
                m.number if m else 0, self.text[start.start:name.start],
                copy, rest))
        out.append("\nstatic __typeof__(%s_0) *const %s_all[] = { &%s_0" %
                   (t.name, t.name, t.name))
        out.extend(", &%s_%d" % (t.name, m.number) for m in mine)
        out.append(" };\n#define %s (*%s_all[MUTANT_TABLE(%d, %d)])" %
                   (t.name, t.name, mine[0].number, len(mine)))
        out.append(self.back(self.tokens[t.last]))
        return self.tokens[t.last + 1].end


REFUSED = re.compile(r"^mutant:(\d+):\d+:\d+: (?:fatal )?error:", re.M)


def refused(messages):
    """The numbers of the mutants that the compiler complains of."""
    return {int(n) for n in REFUSED.findall(messages)}
