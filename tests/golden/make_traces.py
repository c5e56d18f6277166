#!/usr/bin/python3
"""Writes the stored traces of the golden tests: tests/golden/NAME.jsonl.

Each story is a list of events as an actor of the lab would have emitted
them.  Run it in tests/golden; the traces are committed, so only whoever
changes a story needs this.
"""
import json

RESOLVER = "192.0.2.53"
MX1, MX2 = ("mx1.r.test", "198.18.1.1"), ("mx2.r.test", "198.18.1.2")
GOOD, SENDER = ("mx.good.test", "198.18.0.20"), ("mx.s.test", "198.18.0.10")


class Story:
    def __init__(self, name, mta):
        self.name, self.lines, self.t = name, [], -20.0
        self.conn, self.port, self.query = 0, 40000, 100
        self.ev("run.start", name="golden/" + name, mta=mta, num=7,
                text="1767225600")
        self.ev("mta", verb="start")
        self.inject("control", "control@s.test", "control@good.test")
        self.lookup("good.test", "MX", "MX 10 mx.good.test")
        self.lookup("mx.good.test", "A", "A 198.18.0.20")
        self.deliver(GOOD, "control", "control@s.test", "control@good.test")
        self.t = 0.0

    def ev(self, kind, **fields):
        line = {"t": round(self.t * 1000000), "seq": len(self.lines) + 1,
                "ev": kind}
        line.update({k: v for k, v in fields.items() if v is not None})
        self.lines.append(line)

    def rule(self, rule, host, text):
        self.ev("flag", name="rule", host=host, rule=rule, text=text,
                ok=False)

    def legit(self, domain, *hosts):
        for pref, (host, addr) in hosts:
            self.ev("flag", name="legit", host=host, addr=addr,
                    rcpt=domain, num=pref)

    def inject(self, msg, sender, rcpt):
        for stage, code, text in (("mail", 250, "250 2.1.0 Ok"),
                                  ("rcpt", 250, "250 2.1.5 Ok"),
                                  ("data", 354, "354 go ahead"),
                                  ("eod", 250, "250 2.0.0 Ok: queued")):
            self.ev("inject", msg=msg, **{"from": sender},
                    rcpt=rcpt if stage == "rcpt" else None, stage=stage,
                    code=code, text=text)

    def lookup(self, qname, qtype, text=None, rcode="NOERROR", action="truth",
               rule=None):
        self.query += 1
        who = dict(host="1", addr=RESOLVER, peer="192.0.2.1:35000",
                   transport="udp", qname=qname, qtype=qtype,
                   num=self.query)
        self.ev("dns.query", **who)
        self.ev("dns.reply", action=action, rcode=rcode, text=text, rule=rule,
                bytes=40, **who)

    def syn(self, host, state="open", rule=None):
        self.port += 1
        self.ev("net.syn", host=host[0], addr=host[1],
                peer="192.0.2.1:%d" % self.port, state=state, rule=rule)

    def open(self, host):
        self.syn(host)
        self.conn += 1
        self.ev("smtp.open", host=host[0], addr=host[1],
                peer="192.0.2.1:%d" % self.port, conn=self.conn)

    def command(self, host, stage, text):
        self.ev("smtp.command", host=host[0], conn=self.conn, stage=stage,
                text=text)

    def reply(self, host, stage, code, text, rule=None):
        self.ev("smtp.reply", host=host[0], conn=self.conn, stage=stage,
                code=code, text=text, rule=rule)

    def close(self, host, by="client", state="fin"):
        self.ev("smtp.close", host=host[0], conn=self.conn, by=by,
                state=state)

    def deliver(self, host, msg, sender, rcpt):
        self.open(host)
        self.reply(host, "greeting", 220, "220 %s ESMTP" % host[0])
        self.command(host, "ehlo", "EHLO mta.sut.test")
        self.reply(host, "ehlo", 250, "250-%s (+4)" % host[0])
        self.command(host, "mail", "MAIL FROM:<%s>" % sender)
        self.reply(host, "mail", 250, "250 2.1.0 ok")
        self.command(host, "rcpt", "RCPT TO:<%s>" % rcpt)
        self.ev("smtp.rcpt", host=host[0], conn=self.conn,
                **{"from": sender}, rcpt=rcpt, code=250, msg=msg)
        self.reply(host, "rcpt", 250, "250 2.1.5 ok")
        self.command(host, "data", "DATA")
        self.reply(host, "data", 354, "354 go ahead")
        self.ev("smtp.eod", host=host[0], addr=host[1], conn=self.conn,
                **{"from": sender}, msg=msg, bytes=812, stored=True,
                hash="ok" if msg else None)

    def accept(self, host, msg, sender, rcpt):
        self.reply(host, "eod", 250, "250 2.0.0 ok")
        self.ev("smtp.copy", host=host[0], addr=host[1], conn=self.conn,
                **{"from": sender}, rcpt=rcpt, msg=msg, code=250, acked=True,
                stored=True, hash="ok" if msg else None)
        self.command(host, "quit", "QUIT")
        self.reply(host, "quit", 221, "221 2.0.0 bye")
        self.close(host)

    def bounce(self, status, text):
        self.lookup("s.test", "MX", "MX 10 mx.s.test")
        self.lookup("mx.s.test", "A", "A 198.18.0.10")
        self.deliver(SENDER, None, "", "sender+m1@s.test")
        self.ev("dsn", host=SENDER[0], conn=self.conn, msg="m1",
                rcpt="user@r.test", to="sender@s.test", **{"from": ""},
                action="failed", status=status, text=text, ok=True)
        self.accept(SENDER, None, "", "sender+m1@s.test")

    def queue(self, state):
        self.ev("queue", msg="m1", rcpt="user@r.test", state=state)

    def save(self, why="settled"):
        self.ev("run.end", text=why)
        with open(self.name + ".jsonl", "w", encoding="utf-8") as f:
            for line in self.lines:
                f.write(json.dumps(line, separators=(",", ":")) + "\n")


def begin(name, mta, rules, *hosts):
    s = Story(name, mta)
    s.t = -1.0
    s.accept(GOOD, "control", "control@s.test", "control@good.test")
    s.t = 0.0
    for rule in rules:
        s.rule(*rule)
    s.legit("r.test", *hosts)
    s.legit("good.test", (10, GOOD))
    s.inject("m1", "sender@s.test", "user@r.test")
    return s


TWO = ((10, MX1), (20, MX2))
DENIED = "554 5.7.1 client address denied"


def mx_lookup(s):
    s.lookup("r.test", "MX", "MX 10 mx1.r.test, MX 20 mx2.r.test")


def denied(s, rule):
    s.open(MX1)
    s.reply(MX1, "greeting", 554, DENIED, rule)
    s.command(MX1, "quit", "QUIT")
    s.reply(MX1, "quit", 221, "221 2.0.0 bye")
    s.close(MX1)


def passes():
    s = begin("pass", "postfix", [("10:7", "mx1.r.test",
              "greeting: " + DENIED)], *TWO)
    s.t = 0.2
    mx_lookup(s)
    s.lookup("mx1.r.test", "A", "A 198.18.1.1")
    s.lookup("mx2.r.test", "A", "A 198.18.1.2")
    denied(s, "10:7")
    s.deliver(MX2, "m1", "sender+m1@s.test", "user@r.test")
    s.accept(MX2, "m1", "sender+m1@s.test", "user@r.test")
    for s.t in (5.2, 365.2):
        s.queue("no")
    s.save()


def silent_drop():
    s = begin("silent-drop", "reference:bug=q267245-drop",
              [("14:5", "mx2.r.test", "DNS answers servfail"),
               ("12:7", "mx1.r.test", "greeting: " + DENIED)], *TWO)
    s.queue("yes")
    mx_lookup(s)
    s.lookup("mx1.r.test", "A", "A 198.18.1.1")
    denied(s, "12:7")
    s.lookup("mx2.r.test", "A", None, "SERVFAIL", "servfail", "14:5")
    s.lookup("mx2.r.test", "AAAA", None, "SERVFAIL", "servfail", "14:5")
    for s.t in (5, 365, 432900, 433260):
        s.queue("no")
    s.save("horizon")


def premature():
    s = begin("premature-bounce", "postfix=3.7.11",
              [("8:5", "r.test", "DNS answers formerr")], (10, MX1))
    for qtype in ("MX", "MX"):
        s.lookup("r.test", qtype, None, "FORMERR", "formerr", "8:5")
    s.t = 0.4
    s.bounce("5.4.4", "Host or domain name not found. Name service error "
             "for name=r.test type=MX: Malformed or unexpected name server "
             "reply")
    for s.t in (5.4, 365.4):
        s.queue("no")
    s.save()


def expired():
    s = begin("expired", "postfix",
              [("7:16", "mx1.r.test", "connect: refuse")], (10, MX1))
    at, wait = 0, 300
    while at < 432000:
        s.t = at
        s.lookup("r.test", "MX", "MX 10 mx1.r.test")
        s.lookup("mx1.r.test", "A", "A 198.18.1.1")
        s.syn(MX1, "refuse", "7:16")
        if at == 0:
            s.t = 5
            s.queue("yes")
        at, wait = at + wait, min(wait * 2, 4000)
    s.t = at
    s.lookup("r.test", "MX", "MX 10 mx1.r.test")
    s.lookup("mx1.r.test", "A", "A 198.18.1.1")
    s.syn(MX1, "refuse", "7:16")
    s.bounce("4.4.1", "connect to mx1.r.test[198.18.1.1]:25: Connection "
             "refused")
    for s.t in (at + 5, at + 365):
        s.queue("no")
    s.save()


def unexercised():
    s = begin("unexercised", "exim", [("10:7", "mx2.r.test",
              "rcpt: 450 4.7.1 not now")], *TWO)
    mx_lookup(s)
    s.lookup("mx1.r.test", "A", "A 198.18.1.1")
    s.deliver(MX1, "m1", "sender+m1@s.test", "user@r.test")
    s.accept(MX1, "m1", "sender+m1@s.test", "user@r.test")
    for s.t in (5, 365):
        s.queue("no")
    s.save()


def gave_up():
    s = begin("gave-up", "exim", [("10:7", "mx1.r.test", "greeting: 421"),
              ("12:7", "mx2.r.test", "rcpt: 450 4.7.1 not now")], *TWO)
    mx_lookup(s)
    s.lookup("mx1.r.test", "A", "A 198.18.1.1")
    s.open(MX1)
    s.reply(MX1, "greeting", 421, "421 4.3.2 too busy", "10:7")
    s.close(MX1, "server")
    s.t = 0.4
    s.bounce("4.3.2", "host mx1.r.test said: 421 4.3.2 too busy")
    for s.t in (5, 365):
        s.queue("no")
    s.save()


def error():
    s = begin("error", "exim", [("10:7", "mx1.r.test", "greeting: 554")],
              *TWO)
    mx_lookup(s)
    s.lookup("mx1.r.test", "A", "A 198.18.1.1")
    s.open(MX1)
    s.reply(MX1, "greeting", 554, DENIED, "10:7")
    s.close(MX1)
    s.t = 1
    s.ev("harness.fault", text="the host mx2.r.test: timed out")
    s.t = 5
    s.save("error")


# A terminal's title, a colour, a line rubbed out, a C1 CSI, an override of
# the direction of writing, a zero-width space, a line end, a tab, a DEL.
EVIL = ("\x1b]0;owned\x07\x1b[31m\rok\x08 \x9b2J \u202elive\u2066 "
        "\u200b\u00adx\n> 0s\ty\x7f \u00fc\u20ac\U0001f4e7")
KINDS = ("mta network inject dns.query dns.reply net.syn net.datagram "
         "net.connect-failed smtp.open smtp.command smtp.reply smtp.rcpt "
         "smtp.eod smtp.copy smtp.violation smtp.close stray queue "
         "flag").split()
STRINGS = ("name mta verb host addr peer from rcpt to stage qname qtype "
           "transport action rcode state by status defect hash text").split()


def hostile():
    s = begin("hostile", "postfix", [("8:7", "mx1.r.test",
              "greeting: 554")], (10, MX1))
    s.lookup("r.test", "MX", "MX 10 mx1.r.test")
    s.open(MX1)
    s.reply(MX1, "greeting", 554, "554 " + EVIL, "8:7")
    s.close(MX1, "server", "reset")
    for n, kind in enumerate(KINDS):
        s.t = 10 + n
        s.ev(kind, conn=900 + n, **{k: EVIL for k in STRINGS})
        s.ev(kind, conn=1, **{k: EVIL for k in STRINGS})
    for s.t in (432900, 433260):
        s.queue("no")
    s.save("horizon")


for story in (passes, silent_drop, premature, expired, unexercised, gave_up,
              error, hostile):
    story()
