"""What is changed, one thing a mutant.

An operator becomes its neighbour, a constant another, a condition true,
false or one of its halves, a statement nothing.
"""
import re

from csource import Body, is_type

SWAPS = {
    "<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==",
    "+": "-", "-": "+", "*": "/", "/": "*", "%": "*", "&": "|", "|": "&",
    "^": "|", "<<": ">>", ">>": "<<", "+=": "-=", "-=": "+=", "*=": "/=",
    "/=": "*=", "|=": "=", "&=": "=", "++": "--", "--": "++",
}
# Their opposite is told apart by whatever tells the condition they are in
# from true, from false and from each of its halves.
TRUTHS = ("==", "!=", "!")
WORDS = {"true": "false", "false": "true"}
# What ends an operand of && and ||, and of the condition of ?:, at its level.
BOUNDS = {"&&", "||", "?", ":", ";", ",", "=", "+=", "-=", "|=", "&=",
          "return", "case"}


class Change:
    """Text from start to end becomes `new`."""
    __slots__ = ("start", "end", "new")

    def __init__(self, start, end, new):
        self.start, self.end, self.new = start, end, new


class Operators:
    def __init__(self, tokens, partner):
        self.tokens, self.partner = tokens, partner
        self.changes = []
        self.in_condition = set()

    def change(self, first, last, new):
        self.changes.append(Change(self.tokens[first].start,
                                   self.tokens[last].end, new))

    # -- constants --

    def number(self, i):
        m = re.fullmatch(r"(0[xX][0-9a-fA-F]+|[0-9]+)([uUlL]*)",
                         self.tokens[i].text)
        if m is None:
            return
        old = int(m.group(1), 0)
        self.change(i, i, str(0 if old == 1 else old + 1) + m.group(2))

    def string(self, i):
        """Adjacent strings are one; a macro amid them ends it."""
        last = i
        while self.tokens[last + 1].kind == "string":
            last += 1
        if self.tokens[last].end - self.tokens[i].start > 2:
            self.change(i, last, '""')
        return last

    def constant(self, i):
        t = self.tokens[i]
        if t.kind == "number":
            self.number(i)
        elif t.kind == "char":
            self.change(i, i, "(%s + 1)" % t.text)
        elif t.text in WORDS:
            self.change(i, i, WORDS[t.text])

    # -- operators --

    def is_cast(self, i):
        """Is tokens[i], a ")", the end of a cast?"""
        inside = self.tokens[self.partner[i] + 1:i]
        return all(is_type(t) or t.text == "*" or t.kind == "word"
                   for t in inside) and \
            (is_type(inside[0]) if inside else False)

    def is_binary(self, i):
        before = self.tokens[i - 1]
        if before.text == ")":
            return not self.is_cast(i - 1)
        return before.kind in ("number", "char", "string") or \
            before.text == "]" or (before.kind == "word" and
                                   before.text not in
                                   ("return", "sizeof", "case", "else") and
                                   not is_type(before))

    def operator(self, i):
        t = self.tokens[i]
        if t.text in ("&&", "||"):
            self.change(self.left(i), i, "")
            self.change(i, self.right(i), "")
        elif t.text == "?":
            self.condition(self.left(i), i - 1)
        elif t.text in TRUTHS and i in self.in_condition:
            return
        elif t.text in ("!", "~") or \
                (t.text == "-" and not self.is_binary(i)):
            self.change(i, i, "")
        elif t.text in SWAPS and (t.text not in ("+", "*", "&") or
                                  self.is_binary(i)):
            self.change(i, i, SWAPS[t.text])

    def joints(self, first, last):
        """Which of && and || joins the halves of all of it, if any does."""
        found, i = None, first
        while i <= last:
            t = self.tokens[i].text
            if t == "||" or (t == "&&" and found is None):
                found = t
            i = self.partner[i] if t in "([{" else i
            i += 1
        return found

    def condition(self, first, last, values="10"):
        """True and false, where a half of it does not say as much."""
        joint = self.joints(first, last)
        if joint != "&&" and "1" in values:
            self.change(first, last, "1")
        if joint != "||" and "0" in values:
            self.change(first, last, "0")

    def mark_conditions(self, first, last):
        """The tokens whose truth is asked for, there and then."""
        for i in range(first, last + 1):
            t = self.tokens[i].text
            if t in ("&&", "||"):
                self.mark(self.left(i), self.right(i))
            elif t == "?":
                self.mark(self.left(i), i - 1)

    def mark(self, first, last):
        """Not what a call or an index inside it asks."""
        i = first
        while i <= last:
            self.in_condition.add(i)
            t = self.tokens[i].text
            if t in "([" and self.tokens[i - 1].kind == "word":
                i = self.partner[i]
            i += 1

    def left(self, i):
        """Where the operand that ends before tokens[i] begins."""
        j = i - 1
        while True:
            t = self.tokens[j].text
            if t in (")", "]", "}"):
                j = self.partner[j]
            elif t in ("(", "[", "{") or t in BOUNDS:
                return j + 1
            j -= 1

    def right(self, i):
        j = i + 1
        while True:
            t = self.tokens[j].text
            if t in ("(", "[", "{"):
                j = self.partner[j]
            elif t in (")", "]", "}") or t in BOUNDS:
                return j - 1
            j += 1

    # -- all of a stretch of tokens --

    def expressions(self, first, last):
        i = first
        while i <= last:
            t = self.tokens[i]
            if t.text == "assert" and self.tokens[i + 1].text == "(":
                i = self.partner[i + 1]
            elif t.text == "sizeof" and self.tokens[i + 1].text == "(":
                i = self.partner[i + 1]
            elif t.kind == "string":
                i = self.string(i)
            elif t.kind == "sign":
                self.operator(i)
            else:
                self.constant(i)
            i += 1

    def declaration(self, first, last):
        """Only what initializes is looked at."""
        i = first
        while i <= last:
            if self.tokens[i].text == "=":
                begin = i = i + 1
                self.mark_conditions(i, last)
                while self.tokens[i].text not in (",", ";"):
                    i = self.partner[i] if self.tokens[i].text in "([{" \
                        else i
                    i += 1
                self.expressions(begin, i - 1)
            i += 1

    def statement(self, s, function):
        if s.kind == "decl":
            self.declaration(s.first, s.last)
            return
        self.in_condition = set()
        self.mark_conditions(s.first, s.last)
        if s.kind in ("if", "loop"):
            self.mark(s.first, s.last)
            # A loop without end is no question; and what never runs is
            # asked of the statement itself where it stands alone.
            self.condition(s.first, s.last, ("1" if s.kind == "if" else "") +
                           ("" if s.guards else "0"))
        if s.kind == "step" and self.tokens[s.last].text in ("++", "--"):
            return
        self.expressions(s.first, s.last)
        if s.kind == "expr" and self.tokens[s.first].text not in \
                ("assert", "va_start", "va_end"):
            self.change(s.first, s.last, ";")
        # Without its last return a function would return anything.
        elif s.kind == "jump":
            self.jump(s, function)

    def jump(self, s, function):
        if self.joints(s.first, s.last) is not None:
            self.condition(s.first + 1, s.last - 1)
        if function.is_void or s.last + 1 < function.last:
            self.change(s.first, s.last, ";")


def of_function(tokens, partner, function):
    ops = Operators(tokens, partner)
    for s in Body(tokens, partner, function).statements:
        ops.statement(s, function)
    return ops.changes


def of_table(tokens, partner, table):
    ops = Operators(tokens, partner)
    ops.expressions(table.first + 1, table.last - 1)
    return ops.changes
