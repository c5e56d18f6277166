"""C as far as mutation needs it: tokens, functions, statements.

No compiler: this reads the house's own style (KNF, no K&R definitions, no
goto), and what it gets wrong the compiler refuses, which is then no mutant.
"""
import re

TOKEN = re.compile(r"""
    (?P<space>\s+|/\*.*?\*/|//[^\n]*)
  | (?P<line>\#(?:\\\n|[^\n])*)
  | (?P<string>"(?:\\.|[^"\\])*")
  | (?P<char>'(?:\\.|[^'\\])*')
  | (?P<number>\.?[0-9](?:[eEpP][+-]|[\w.])*)
  | (?P<word>[A-Za-z_]\w*)
  | (?P<sign><<=|>>=|\.\.\.|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=
	|[-+*/%&|^~!<>=?:;,.()\[\]{}])
""", re.X | re.S)

TYPE_WORDS = set("""const static struct enum union unsigned signed int char
    short long float double void bool size_t ssize_t va_list time_t
    volatile""".split())
CLOSING = {"(": ")", "[": "]", "{": "}"}


class Token:
    __slots__ = ("kind", "text", "start", "end", "line")

    def __init__(self, kind, text, start, line):
        self.kind, self.text, self.start = kind, text, start
        self.end, self.line = start + len(text), line

    def __repr__(self):
        return "%d:%s" % (self.line, self.text)


def tokenize(text):
    """The tokens without blanks, comments and directives.

    Inside a function a directive's lines stand where they are: whoever
    copies text copies them too.
    """
    tokens, at, line, fresh = [], 0, 1, True
    while at < len(text):
        m = TOKEN.match(text, at)
        if m is None or (m.lastgroup == "line" and not fresh):
            raise ValueError("line %d: no token: %r" % (line, text[at:at+20]))
        kind, piece = m.lastgroup, m.group()
        if kind not in ("space", "line"):
            tokens.append(Token(kind, piece, at, line))
        fresh = "\n" in piece or (fresh and kind == "space")
        line += piece.count("\n")
        at = m.end()
    return tokens


def pairs(tokens):
    """Index of each bracket -> index of its partner."""
    open_, partner = [], {}
    for i, t in enumerate(tokens):
        if t.kind != "sign":
            continue
        if t.text in CLOSING:
            open_.append(i)
        elif t.text in CLOSING.values():
            j = open_.pop()
            partner[i], partner[j] = j, i
    return partner


def is_type(token):
    return token.text in TYPE_WORDS or \
        re.fullmatch(r"u?int\d+_t|\w+_fn", token.text) is not None


class Function:
    """A definition: its name, and its body's braces as token indices."""

    def __init__(self, name, first, last, is_void):
        self.name, self.first, self.last = name, first, last
        self.is_void = is_void


class Table:
    """A static array of the file: its name and what must be copied."""

    def __init__(self, name, name_at, start, first, last):
        self.name, self.name_at, self.start = name, name_at, start
        self.first, self.last = first, last


def definitions(tokens, partner):
    """The functions and static tables of the file, in order."""
    i, begin, found = 0, 0, []
    while i < len(tokens):
        t = tokens[i].text
        if t == ";":
            begin = i + 1
        elif t == "(" :
            i = partner[i]
        elif t == "{":
            head = tokens[begin:i]
            texts = [h.text for h in head]
            if texts and texts[-1] == ")":
                name = partner[i - 1] - 1
                is_void = texts[0:1] == ["void"] or \
                    texts[0:2] == ["static", "void"]
                is_void = is_void and tokens[name - 1].text != "*"
                found.append(Function(tokens[name].text, i, partner[i],
                                      is_void))
                begin = partner[i] + 1
            elif texts[0:1] == ["static"] and "[" in texts and \
                    texts[-1] == "=":
                name = begin + texts.index("[") - 1
                # A nameless struct cannot be copied: its type is new.
                found.append(Table(tokens[name].text, name, begin, i,
                                   partner[i]))
            i = partner[i]
        i += 1
    return found


class Statement:
    """One of: "expr", "decl", "jump", or a condition ("if", "loop").

    first and last are token indices: of the statement with its ";", or of
    the condition without its parentheses.  guards: of a condition, that
    all it decides is whether one simple statement runs.
    """

    def __init__(self, kind, first, last):
        self.kind, self.first, self.last = kind, first, last
        self.guards = False


class Body:
    """Walks a function's body; .statements in the order of the text."""

    def __init__(self, tokens, partner, function):
        self.tokens, self.partner = tokens, partner
        self.statements = []
        i = function.first + 1
        while i < function.last:
            i = self.statement(i)

    def text(self, i):
        return self.tokens[i].text

    def semicolon(self, i):
        while self.text(i) != ";":
            i = self.partner[i] + 1 if self.text(i) in CLOSING else i + 1
        return i

    def add(self, kind, first, last):
        if first <= last:
            self.statements.append(Statement(kind, first, last))

    def condition(self, kind, i):
        """At "(": notes what stands inside, returns what follows."""
        self.add(kind, i + 1, self.partner[i] - 1)
        return self.partner[i] + 1

    def guarded(self, i):
        """What the condition just noted decides about."""
        condition = self.statements[-1]
        simple = self.text(i) not in ("{", "if", "for", "while", "do",
                                      "switch", ";")
        i = self.statement(i)
        condition.guards = simple and self.text(i) != "else"
        return i

    def loop_head(self, i):
        last = self.partner[i]
        a = self.semicolon(i + 1)
        b = self.semicolon(a + 1)
        if self.is_declaration(i + 1):
            self.add("decl", i + 1, a)
        else:
            self.add("part", i + 1, a - 1)
        self.add("step", b + 1, last - 1)
        self.add("loop", a + 1, b - 1)
        return last + 1

    def statement(self, i):
        t = self.text(i)
        if t == "{":
            i += 1
            while self.text(i) != "}":
                i = self.statement(i)
            return i + 1
        if t == "if":
            i = self.guarded(self.condition("if", i + 1))
            if self.text(i) == "else":
                i = self.statement(i + 1)
            return i
        if t == "while":
            return self.guarded(self.condition("loop", i + 1))
        if t == "switch":
            return self.statement(self.condition("switch", i + 1))
        if t == "for":
            return self.guarded(self.loop_head(i + 1))
        if t == "do":
            i = self.statement(i + 1)
            return self.condition("loop", i + 1) + 1
        if t == "case" or t == "default":
            while self.text(i) != ":":
                i += 1
            return i + 1
        end = self.semicolon(i)
        if t in ("return", "break", "continue"):
            self.add("jump", i, end)
        elif t != ";":
            self.add("decl" if self.is_declaration(i) else "expr", i, end)
        return end + 1

    def is_declaration(self, i):
        t = self.tokens[i]
        return is_type(t) or (t.kind == "word" and
                              self.tokens[i + 1].kind == "word")
