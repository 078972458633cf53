#!/usr/bin/python3
"""Trees of extreme shapes and profiles without a tree, in each format: a remark reports every loss."""
# builds: gcc asan

import csv
import gzip
import io
import json
import marshal
import random
import re

import exported
import tap

FORMATS = "callgrind", "pprof", "collapsed", "speedscope", "chrome", "csv", "json", "pstats"
DEEP, WIDE = 100_000, 10_000


def varints(data):
    found, value, shift = [], 0, 0
    for byte in data:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            found.append(value)
            value = shift = 0
    return found


def fields(data):
    """(number, value) of a protobuf message's fields."""
    at = 0
    while at < len(data):

        def varint():
            nonlocal at
            value = shift = 0
            while True:
                byte = data[at]
                at += 1
                value |= (byte & 0x7F) << shift
                shift += 7
                if byte < 0x80:
                    return value

        tag = varint()
        value = varint()
        if tag & 7 == 2:
            at += value
            value = data[at - value : at]
        yield tag >> 3, value


def samples(text):
    """[(locations, calls, own nanoseconds)], the comments."""
    plain = gzip.decompress(text)
    found, strings, comments = [], [], []
    for number, value in fields(plain):
        if number == 2:
            sample = dict(fields(value))
            found.append((varints(sample[1]), *varints(sample[2])))
        elif number == 6:
            strings.append(value.decode("utf-8"))
        elif number == 13:
            comments.append(value)
    return found, [strings[i] for i in comments]


def totals(form, text):
    """(calls or None where the format has none, own nanoseconds) of all that the text holds."""
    if form == "pprof":
        found, _ = samples(text)
        return sum(calls for _, calls, _ in found), sum(own for _, _, own in found)
    text = text if form == "pstats" else text.decode("utf-8")
    if form == "callgrind":
        return None, int(text.split("summary: ")[1].split()[0])
    if form == "collapsed":
        return None, sum(int(line.rpartition(" ")[2]) for line in text.splitlines())
    if form == "speedscope":
        return None, json.loads(text)["profiles"][0]["endValue"]
    if form == "chrome":
        events = json.loads(text)["traceEvents"][1:]
        return sum(event["args"]["calls"] for event in events), round(events[0]["dur"] * 1000)
    if form == "csv":
        table = list(csv.DictReader(io.StringIO(text, newline="")))
        return sum(int(row["calls"]) for row in table), round(sum(float(row["tottime"]) for row in table) * 1e9)
    if form == "json":
        data = json.loads(text)["totals"]
        return data["calls"], round(data["tottime"] * 1e9)
    table = marshal.loads(text)
    return sum(row[1] for row in table.values()), round(sum(row[2] for row in table.values()) * 1e9)


def check(profile, what):
    rows = exported.rows(profile)
    wanted = sum(row[0] for row in rows.values()), sum(row[2] for row in rows.values())
    for form in FORMATS:
        calls, own = totals(form, exported.export(profile, form)[0])
        tap.ok(calls in (None, wanted[0]) and own == wanted[1], f"{what}: {form}: all calls, all of the time")


rng = random.Random(7)
deep = exported.dump(exported.trees.random_tree(rng, DEEP, 5, shape="deep"), "deep.prof")
wide = exported.dump(exported.trees.random_tree(rng, WIDE, WIDE, shape="wide"), "wide.prof")
check(deep, f"{DEEP} deep")
check(wide, f"{WIDE} wide")
check(exported.dump(exported.hostile_tree(rng)), "hostile names")
check(exported.dump(exported.trees.Tree([("~", 0, "<request>")], [(0, 0, 1, 7)])), "a root alone")

found, remarks = exported.export(deep, "collapsed")
longest = max(line.count(b";") for line in found.splitlines())
tap.same(longest, 255, "deep stacks have 256 frames at most")
tap.ok(re.search(rb";\(997\d\d frames left out\);", found), "a frame reports how many of the middle are left out")
tap.ok("left out frames in the middle of" in remarks, "a remark on standard error reports it too")
found, _ = samples(exported.export(deep, "pprof")[0])
tap.same(max(len(stack) for stack, _, _ in found), 256, "pprof has no longer ones either")

# Without a tree: by hand. main calls f twice and g once, f calls g four times and itself three times.
F, G, MAIN, LOST = (
    ("/srv/a.py", 1, "f"),
    ("/srv/a.py", 5, "g"),
    ("/srv/a.py", 9, "main"),
    ("/srv/a.py", 20, "without a row"),
)
rows = {
    MAIN: (1, 1, 0.5, 10.0, {}),
    F: (2, 5, 4.0, 8.0, {MAIN: (2, 2, 1.0, 8.0), F: (3, 3, 3.0, 5.0)}),
    G: (6, 6, 5.5, 5.5, {MAIN: (1, 1, 1.5, 1.5), F: (4, 4, 3.5, 3.5), LOST: (1, 1, 0.5, 0.5)}),
}
python = exported.path("python.prof")
with open(python, "wb") as file:
    marshal.dump(rows, file)
check(python, "Python's")
text, remarks = exported.export(python, "collapsed")
a, b, c, d = (exported.frame(key) for key in (MAIN, F, G, LOST))
top = "(no paths: callers and callees only)"
tap.same(
    dict(line.rsplit(" ", 1) for line in text.decode().splitlines()),
    {
        f"{top};{a}": "500000000",
        f"{top};{a};{b}": "1000000000",
        f"{top};{b};{b}": "3000000000",
        f"{top};{a};{c}": "1500000000",
        f"{top};{b};{c}": "3500000000",
        f"{top};{d};{c}": "500000000",
    },
    "Python's: pairs, and what no caller accounts for",
)
tap.ok("has no call tree, only pairs" in remarks, "Python's: a remark on standard error")
found, comments = samples(exported.export(python, "pprof")[0])
tap.same(
    sorted((calls, own) for stack, calls, own in found),
    sorted([(1, 500000000), (2, 1000000000), (3, 3000000000), (1, 1500000000), (4, 3500000000), (1, 500000000)]),
    "Python's: counts",
)
tap.ok("no call tree" in comments[0], "Python's: a comment in the pprof form")
tap.ok(
    "no call tree" in json.loads(exported.export(python, "chrome")[0])["otherData"]["remark"],
    "Python's: in the chrome form",
)
tap.ok(
    "no call tree" in json.loads(exported.export(python, "speedscope")[0])["name"], "Python's: in the speedscope form"
)
tap.same(exported.export(python, "callgrind")[1], "", "Python's: formats of pairs need no remark")

tap.done_testing()
