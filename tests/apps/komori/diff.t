#!/usr/bin/python3
"""`komori diff` shows what changed, and exits with 1 when a budget does not allow it."""
# builds: gcc asan

import marshal
import os
import pathlib
import pstats
import re
import subprocess
import sys
import tempfile

tests = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(tests), str(tests / "profiler")]
import tap  # noqa: E402
import trees  # noqa: E402

KOMORI = os.environ["BUILD"] + "/apps/komori/komori"
RECORD = os.environ["BUILD"] + "/tests/profiler/report/record_shapes"
folder = tempfile.TemporaryDirectory()


def path(name):
    return os.path.join(folder.name, name)


def dump(name, rows):
    """rows: {(file, line, name): (calls, primitive calls, tottime, cumtime)}"""
    with open(path(name), "wb") as file:
        marshal.dump({key: (cc, nc, tt, ct, {}) for key, (nc, cc, tt, ct) in rows.items()}, file)
    return path(name)


def diff(*arguments):
    done = subprocess.run([KOMORI, "diff", *arguments], capture_output=True, text=True, errors="surrogateescape")
    return done.returncode, done.stdout, done.stderr


def table(text):
    """{label: [column]}: the lines of the table, in their order."""
    found = {}
    for line in text.splitlines():
        if match := re.match(r"((?: *[-+\d.eE%]+| *new| *gone){12})  (.*)$", line):
            found[match[2]] = match[1].split()
    return found


SLEEP, EXPAND, HELLO = ("~", 0, "<built-in function sleep>"), ("/srv/plan.c", 7, "expand"), ("/srv/main.c", 5, "hello")
before = dump(
    "before.prof",
    {
        ("~", 0, "<request GET /plans>"): (1, 1, 0.25, 2.5),
        EXPAND: (4194303, 1, 2.0, 2.0),
        HELLO: (8, 8, 0.125, 2.25),
        ("/srv/main.c", 30, "gone"): (3, 3, 0.0, 0.0),
        ("/srv/main.c", 40, "same"): (6, 6, 0.0625, 0.0625),
        SLEEP: (2, 2, 0.0625, 0.0625),
    },
)
after = dump(
    "after.prof",
    {
        ("~", 0, "<request GET /plans>"): (1, 1, 0.25, 0.75),
        ("/srv/plan.c", 12, "expand"): (12, 4, 0.001, 0.001),
        HELLO: (8, 8, 0.25, 0.5),
        ("/srv/main.c", 41, "same"): (6, 6, 0.0625, 0.0625),
        SLEEP: (3, 3, 0.125, 0.125),
        ("/srv/main.c", 60, "appeared"): (2, 2, 0.0615, 0.0615),
    },
)

status, text, error = diff(before, after)
tap.same((status, error), (0, ""), "without a budget it succeeds")
lines = text.splitlines()
tap.same(lines[0], f"{before} -> {after}", "the two files")
tap.same(lines[1], "expand: 4,194,303 -> 12 calls (-100.0%); total 2.500 s -> 0.750 s (-70.0%)", "the verdict")
wanted = {
    "/srv/plan.c:12(expand)": "4194303 12 -4194291 -100.0% 2.000000 0.001000 -1.999000 -100.0% 2.000000 0.001000 -1.999000 -100.0%",
    "/srv/main.c:30(gone)": "3 0 -3 gone 0.000000 0.000000 +0.000000 gone 0.000000 0.000000 +0.000000 gone",
    "/srv/main.c:60(appeared)": "0 2 +2 new 0.000000 0.061500 +0.061500 new 0.000000 0.061500 +0.061500 new",
    "{built-in function sleep}": "2 3 +1 +50.0% 0.062500 0.125000 +0.062500 +100.0% 0.062500 0.125000 +0.062500 +100.0%",
    "/srv/main.c:5(hello)": "8 8 0 +0.0% 0.125000 0.250000 +0.125000 +100.0% 2.250000 0.500000 -1.750000 -77.8%",
    "{request GET /plans}": "1 1 0 +0.0% 0.250000 0.250000 +0.000000 +0.0% 2.500000 0.750000 -1.750000 -70.0%",
}
tap.same(list(table(text)), list(wanted), "what changed, calls first; a line that moved is no change")
tap.same(table(text), {key: value.split() for key, value in wanted.items()}, "numbers, changes and per cent")
tap.same(lines[-1], "1 function did not change.", "the rest is counted")

orders = {
    "tottime": ["expand", "hello", "sleep", "appeared", "gone", "GET"],
    "cumtime": ["expand", "hello", "GET", "sleep", "appeared", "gone"],
    "primcalls": ["expand", "gone", "appeared", "sleep", "hello", "GET"],
    "name": ["hello", "gone", "appeared", "expand", "sleep", "GET"],
}
for key, order in orders.items():
    _, text, _ = diff(before, after, "--sort", key)
    found = [next(word for word in order if word in label) for label in table(text)]
    tap.same(found, order, f"--sort {key}")
_, text, _ = diff(before, after, "--limit=2")
tap.same((len(table(text)), "4 more functions changed." in text), (2, True), "--limit says what it leaves out")
tap.same(len(table(diff(before, after, "--limit", "0")[1])), 6, "--limit 0 shows all")
_, text, _ = diff(before, before)
tap.same(text.splitlines()[1], "no number of calls changed; total 2.500 s -> 2.500 s (+0.0%)", "nothing changed")

# Functions of one name: overloads and duplicates, by the order of their lines.
left = dump(
    "left.prof",
    {
        ("a.py", 10, "<lambda>"): (10, 10, 0, 0),
        ("a.py", 20, "<lambda>"): (20, 20, 0, 0),
        ("a.py", 30, "<lambda>"): (30, 30, 0, 0),
        ("b.py", 10, "<lambda>"): (1, 1, 0, 0),
    },
)
right = dump(
    "right.prof",
    {
        ("a.py", 25, "<lambda>"): (21, 21, 0, 0),
        ("a.py", 12, "<lambda>"): (11, 11, 0, 0),
        ("c.py", 10, "<lambda>"): (1, 1, 0, 0),
    },
)
found = {label: columns[:2] for label, columns in table(diff(left, right)[1]).items()}
tap.same(
    found,
    {
        "a.py:12(<lambda>)": ["10", "11"],
        "a.py:25(<lambda>)": ["20", "21"],
        "a.py:30(<lambda>)": ["30", "0"],
        "b.py:10(<lambda>)": ["1", "0"],
        "c.py:10(<lambda>)": ["0", "1"],
    },
    "functions of one name are taken in the order of their lines",
)
left = dump("left.prof", {("/build/1/a.c", 1, "f"): (1, 1, 0, 0)})
right = dump("right.prof", {("/build/2/a.c", 1, "f"): (5, 5, 0, 0)})
tap.same([columns[:2] for columns in table(diff(left, right)[1]).values()], [["1", "5"]],
         "the only function of a name may have moved to another file")
left = dump("left.prof", {("/build/1/a.c", 1, "f"): (1, 1, 0, 0), ("/build/1/b.c", 1, "f"): (2, 2, 0, 0)})
right = dump("right.prof", {("/build/2/a.c", 1, "f"): (5, 5, 0, 0), ("/build/2/b.c", 1, "f"): (6, 6, 0, 0)})
tap.same(len(table(diff(left, right)[1])), 4, "of several functions of one name, none is taken for another")
tap.same(list(table(diff(left, right, "--strip-dirs")[1]).values())[0][:2], ["1", "5"], "--strip-dirs: they are one")

# FUNCTION, and how many lines tell of it.
budgets = [
    ("calls:expand > 1000", before, after, 0),
    ("calls:expand > 12", before, after, 0),
    ("calls:expand >= 12", before, after, 1),
    ("calls:expand > 11", before, after, 1),
    ("calls:expand < 12", before, after, 0),
    ("calls:expand <= 12", before, after, 1),
    ("calls:expand<1e2", before, after, 1),
    ("  calls : expand   >   11  ", before, after, 1),
    ("primcalls:expand > 3", before, after, 1),
    ("primcalls:expand > 4", before, after, 0),
    ("calls:expand > 4194302", after, before, 1),
    ("calls:expand > 4194303", after, before, 0),
    ("tottime:hello > 0.2", before, after, 1),
    ("tottime:hello > 0.25", before, after, 0),
    ("tottime:hello >= .25", before, after, 1),
    ("tottime:hello > +99%", before, after, 1),
    ("tottime:hello > +100%", before, after, 0),
    ("tottime:hello >= +100%", before, after, 1),
    ("cumtime:hello > +10%", before, after, 0),
    ("cumtime:hello < -77%", before, after, 1),
    ("cumtime:hello < -78%", before, after, 0),
    ("cumtime:hello > -50%", before, after, 0),
    ("calls:appeared > +10%", before, after, 1),
    ("calls:gone > +10%", before, after, 1),
    ("calls:gone > 1000", before, after, 1),
    ("calls?:gone > 1000", before, after, 0),
    (" cumtime ? : gone > +10%", before, after, 0),
    ("calls?:gone < 1", before, after, 1),
    ("calls?:expand > 11", before, after, 1),
    ("calls:same > +0%", before, after, 0),
    ("calls:same >= +0%", before, after, 1),
    ("calls:{built-in function sleep} > 2", before, after, 1),
    ("calls:<built-in function sleep> > 2", before, after, 1),
    ("calls:/srv/main.c:5(hello) > 7", before, after, 1),
    ("calls:built-in > 2", before, after, 1),
    (r"calls:main\.c > 2", before, after, 3),
    (r"calls?:main\.c > 2", before, after, 2),
    ("calls:^[^:]*main > 1", before, after, 4),
    ("calls?:^[^:]*main > 1", before, after, 3),
    ("calls:(?:hello|expand)\\) > 7", before, after, 2),
]
for budget, left, right, count in budgets:
    status, _, error = diff(left, right, "--fail-if", budget)
    tap.same((status, error.count("\n")), (int(count > 0), count), f"--fail-if '{budget}'")
status, _, error = diff(
    before, after, "--fail-if", "calls:expand > 11", "--fail-if=tottime:hello > +99%", "--fail-if", "calls:same > 100"
)
tap.same(
    (status, error),
    (
        1,
        "calls:expand > 11: /srv/plan.c:12(expand): 4194303 -> 12\n"
        "tottime:hello > +99%: /srv/main.c:5(hello): 0.125000 s -> 0.250000 s\n",
    ),
    "a line for each that fails",
)
tap.same(
    diff(before, after, "--fail-if", "calls:gone > 1000")[2],
    "calls:gone > 1000: /srv/main.c:30(gone): only BEFORE has this function; calls?:gone allows that\n",
    "a function that AFTER lacks has a line",
)
for budget, why in [
    ("calls:never > 0", ""),
    ("calls?:never > 0", ""),
    ("calls:(bad > 0", ', and it is not a regular expression: missing closing parenthesis'),
]:
    name = budget.split(":")[1].split()[0]
    status, _, error = diff(before, after, "--fail-if", budget, "--fail-if", "calls:expand > 11")
    tap.same(
        (status, error),
        (
            2,
            f'komori diff: --fail-if: neither profile has a function "{name}"{why}\n'
            "calls:expand > 11: /srv/plan.c:12(expand): 4194303 -> 12\n",
        ),
        f"--fail-if '{budget}': an error, because neither profile has the function",
    )
odd = dump("odd.prof", {("~", 0, "operator()"): (1, 1, 0, 0), ("~", 0, "f(x"): (3, 3, 0, 0)})
tap.same(
    [diff(odd, odd, "--fail-if", f"calls:f(x > {bound}")[0] for bound in (2, 3)],
    [1, 0],
    "a name need not be a regular expression",
)

big = dump("big.prof", {("a.c", 1, "f"): (2**62 + 1, 1, 0, 0)})
tap.same(
    [diff(big, big, "--fail-if", f"calls:f > {2**62 + more}")[0] for more in (0, 1)],
    [1, 0],
    "calls are compared exactly",
)

wrong = [
    ["--fail-if", "calls expand > 5"],
    ["--fail-if", "ncalls:expand > 5"],
    ["--fail-if", "calls??:expand > 5"],
    ["--fail-if", "calls:expand = 5"],
    ["--fail-if", "calls:expand > five"],
    ["--fail-if", "calls:expand > 5%"],
    ["--fail-if", "calls:expand > +5"],
    ["--fail-if", "calls:expand > 5 6"],
    ["--fail-if", "calls: > 5"],
    ["--fail-if", ""],
    ["--fail-if", "calls:expand >"],
    ["--fail-if", "calls:expand > nan"],
    ["--fail-if", "calls:expand > +inf%"],
    ["--by", "line"],
    ["--sort", "file"],
    ["--limit", "-1"],
    ["--limit", "x"],
    ["third"],
    ["--by=path"],
    ["--strip-dirs=1"],
    ["--none"],
]
for arguments in wrong:
    status, text, error = diff(before, after, *arguments)
    tap.same((status, text, error.count("\n")), (2, "", 1), f"refused in one line: {' '.join(arguments)}")
for arguments in [], [before], [before, path("none.prof")], [path("none.prof"), before]:
    status, text, error = diff(*arguments)
    tap.same((status, text, error.count("\n")), (2, "", 1), f"refused in one line: {len(arguments)} files")

# Paths of two trees; siblings of one function are one path. Ticks are milliseconds.
functions = [("~", 0, "<request GET /a>"), ("/srv/a.c", 1, "f"), ("/srv/a.c", 2, "g"), ("/srv/a.c", 3, "h")]


def tree(name, names, nodes):
    made = trees.Tree(names, nodes, seconds_per_tick=1e-3)
    with trees.Tool(made) as tool:
        tool.dump(path(name))
    return path(name)


left = tree("left.prof", functions, [(0, 0, 1, 100), (1, 0, 2, 90), (2, 1, 5, 20), (2, 1, 6, 30), (3, 0, 1, 5)])
right = tree(
    "right.prof",
    [("~", 0, "<request GET /b>"), functions[2], ("/srv/a.c", 9, "f")],
    [(0, 0, 1, 50), (2, 0, 2, 40), (1, 1, 1, 10), (2, 2, 4, 6)],
)
_, text, _ = diff(left, right, "--by", "path")
found = {label: [columns[i] for i in (0, 1, 3, 4, 5, 8, 9)] for label, columns in table(text).items()}
tap.same(
    found,
    {
        "{request GET /b} > f > g (/srv/a.c:2)": ["11", "1", "-90.9%", "0.050000", "0.004000", "0.050000", "0.010000"],
        "{request GET /b} > f > g > f (/srv/a.c:9)": ["0", "4", "new", "0.000000", "0.006000", "0.000000", "0.006000"],
        "{request GET /b} > h (/srv/a.c:3)": ["1", "0", "gone", "0.005000", "0.000000", "0.005000", "0.000000"],
        "{request GET /b} > f (/srv/a.c:9)": ["2", "2", "+0.0%", "0.040000", "0.030000", "0.090000", "0.040000"],
        "{request GET /b}": ["1", "1", "+0.0%", "0.005000", "0.010000", "0.100000", "0.050000"],
    },
    "--by path",
)
tap.same(text.splitlines()[1].split("; ")[1], "request 0.100 s -> 0.050 s (-50.0%)", "the verdict knows a request")

# Deep trees take neither the C stack nor quadratic text.
import random  # noqa: E402

deep = trees.random_tree(random.Random(1), 100_000, 3, shape="deep")
left = tree("deep.prof", deep.functions, deep.nodes)
right = tree("deeper.prof", deep.functions, [(f, p, calls + 1, ticks) for f, p, calls, ticks in deep.nodes])
status, text, _ = diff(left, right, "--by=path", "--limit=0")
tap.same((status, text.count("\n")), (0, 100_005), "100,000 deep: a line for each path")
tap.ok(max(map(len, text.splitlines())) < 500, "100,000 deep: in lines of bounded length")

# Two recordings: calls as pstats has them.
profiles = []
for shape in "recursion", "mutual":
    subprocess.run([RECORD, shape, folder.name, "", ""], check=True)
    profiles.append(path(shape + ".prof"))
status, text, _ = diff(*profiles, "--limit=0", "--by=function")
sides = [{key[2]: row[1] for key, row in pstats.Stats(profile).stats.items()} for profile in profiles]
wanted = {name: tuple(side.get(name, 0) for side in sides) for name in {**sides[0], **sides[1]}}
found = {re.search(r"(?:\((.*)\)|\{(.*)\})$", label): columns for label, columns in table(text).items()}
found = {match[1] or f"<{match[2]}>": (int(columns[0]), int(columns[1])) for match, columns in found.items()}
tap.same(found, wanted, "two recordings: calls are those of pstats")

tap.done_testing()
