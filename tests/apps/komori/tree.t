#!/usr/bin/python3
"""`komori tree` prints the exact call tree of a profile."""
# builds: gcc asan

import cProfile
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

tests = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(tests), str(tests / "profiler")]
import tap  # noqa: E402
import trees  # noqa: E402

KOMORI = os.environ["BUILD"] + "/apps/komori/komori"
folder = tempfile.TemporaryDirectory()
profile = os.path.join(folder.name, "a.prof")


def tree(*arguments):
    done = subprocess.run([KOMORI, "tree", *arguments], capture_output=True)
    return done.returncode, done.stdout.decode("utf-8"), done.stderr.decode()


def dump(functions, nodes, **options):
    made = trees.Tree(functions, nodes, **options)
    made.lost_calls = 0
    with trees.Tool(made) as tool:
        tool.dump(profile)


# Nodes not in depth-first order, g twice below f: one path. Ticks are milliseconds.
functions = [
    ("~", 0, "<request GET /plans>"),
    ("/srv/a.c", 1, "f"),
    ("/srv/a.c", 20, "g"),
    ("~", 0, "<built-in function sleep>"),
    ("/srv/naïve.c", 3, "h\n\x1b[1m\udcff"),
]
nodes = [
    (0, 0, 1, 1000),
    (4, 0, 7, 10),
    (1, 0, 2, 900),
    (2, 2, 3, 100),
    (3, 2, 1, 700),
    (2, 2, 4, 50),
    (3, 5, 1, 20),
    (3, 0, 1, 10),
]
dump(functions, nodes, seconds_per_tick=1e-3)
wanted = """\
       calls        total          own   share    function
           1     1.000000     0.080000  100.0%  * {request GET /plans}
           2     0.900000     0.050000   90.0%  *   f (/srv/a.c:1)
           1     0.700000     0.700000   70.0%  *     {built-in function sleep}
           7     0.150000     0.130000   15.0%        g (/srv/a.c:20)
           1     0.020000     0.020000    2.0%          {built-in function sleep}
           7     0.010000     0.010000    1.0%      h\\x0a\\x1b[1m\\xff (/srv/naïve.c:3)
           1     0.010000     0.010000    1.0%      {built-in function sleep}
"""
tap.same(tree(profile), (0, wanted, ""), "each path: siblings by total time, the hottest path marked")
lines = wanted.splitlines(keepends=True)
tap.same(
    tree(profile, "--depth", "1")[1], "".join(lines[:3] + lines[6:]) + "\n3 of 7 paths are not shown.\n", "--depth 1"
)
tap.same(
    tree(profile, "--depth=0")[1], "".join(lines[:2]) + "\n6 of 7 paths are not shown.\n", "--depth 0 is the root alone"
)
tap.same(tree(profile, "--min", "2")[1], "".join(lines[:6]) + "\n2 of 7 paths are not shown.\n", "--min 2")
tap.same(tree(profile, "--min=15%", "--depth=2")[1], "".join(lines[:5]) + "\n3 of 7 paths are not shown.\n", "both")
tap.same(tree(profile, "--min", "0", "--depth", "99")[1], wanted, "nothing is left out, nothing is said")

dump(functions, [(0, 0, 1, 100), (1, 0, 1, 40)])
marked = [line for line in tree(profile)[1].splitlines() if " * " in line]
tap.same(len(marked), 1, "the hottest path ends where the function itself takes more than any that it calls")

folded = functions + [("~", 0, "(other)")]
dump(
    folded,
    [(0, 0, 1, 100), (5, 0, 0, 40)],
    other=5,
    folded=[(1, 3, 2, 30, 40), (2, 10, 10, 10, 10)],
    seconds_per_tick=1,
)
tap.same(
    tree(profile)[1].splitlines()[2:],
    [
        "           0    40.000000    40.000000   40.0%      (other)",
        "",
        "Calls under (other), whose paths are not known:",
        "       calls        total          own",
        "           3    40.000000    30.000000           f (/srv/a.c:1)",
        "          10    10.000000    10.000000           g (/srv/a.c:20)",
    ],
    "folded calls are listed",
)

rng = random.Random(1)
for shape, count in ("deep", 100_000), ("wide", 10_000), ("bushy", 20_000):
    made = trees.random_tree(rng, count, 5 if shape == "deep" else count, shape=shape)
    dump(made.functions, made.nodes)
    status, text, _ = tree(profile)
    rows = text.splitlines()[1:]
    numbers = [int(line.split()[0]) for line in rows]
    paths, number = {}, [0]
    for i, (function, parent, calls, _) in enumerate(made.nodes):
        if i:
            number.append(paths.setdefault((number[parent], function), len(paths) + 1))
    tap.same(
        (status, len(rows), sum(numbers)),
        (0, len(paths) + 1, sum(node[2] for node in made.nodes)),
        f"{count} {shape}: each path, all calls",
    )
    tap.ok(max(map(len, rows)) < 250, f"{count} {shape}: lines of bounded length")
status, text, error = tree(profile, "--depth", "3")
indents = {
    len(re.match(r" *\d+ +[\d.]+ +[\d.]+ +[\d.]+%  [ *] ( *)", line)[1]) // 2 for line in text.splitlines()[1:-2]
}
tap.same(indents, {0, 1, 2, 3}, "--depth cuts a large tree")

python = os.path.join(folder.name, "python.prof")
recorder = cProfile.Profile()
recorder.runcall(re.compile, "a|b")
recorder.dump_stats(python)
status, text, error = tree(python)
tap.same((status, text, error.count("\n")), (2, "", 1), "a file of Python's is refused in one line")
tap.ok("has only pairs of callers and callees" in error, "that says why")

for arguments in (
    [],
    [profile, profile],
    [profile, "--depth", "x"],
    [profile, "--depth=-1"],
    [profile, "--min", "101"],
    [profile, "--min="],
    [profile, "--min", "nan"],
    [profile, "--sort", "time"],
    [os.path.join(folder.name, "none")],
):
    status, text, error = tree(*arguments)
    tap.same((status, text, error.count("\n")), (2, "", 1), f"refused in one line: {len(arguments)} {arguments[1:]}")

with open("/dev/full", "w") as full:
    done = subprocess.run([KOMORI, "tree", profile], stdout=full, stderr=subprocess.PIPE)
tap.same((done.returncode, done.stderr), (2, b"komori: cannot write: No space left on device\n"), "a full disk is said")
reader = subprocess.Popen([KOMORI, "tree", profile], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
reader.stdout.read(10)
reader.stdout.close()
error = reader.stderr.read()
reader.stderr.close()
tap.same((reader.wait() in (2, -13), error), (True, b""), "a reader that goes away is quiet")

tap.done_testing()
