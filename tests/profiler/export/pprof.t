#!/usr/bin/python3
"""`go tool pprof` finds in the pprof form the numbers that pstats finds in the profile."""
# builds: gcc

import gzip
import os
import random
import re
import subprocess

import exported
import tap

ENVIRONMENT = {
    **os.environ,
    "HOME": exported.folder.name,
    "PPROF_TMPDIR": exported.folder.name,
    "GOFLAGS": "-mod=mod",
    "GOCACHE": exported.path("go"),
}


def pprof(*arguments):
    done = subprocess.run(["go", "tool", "pprof", *arguments], capture_output=True, env=ENVIRONMENT, timeout=tap.BOUND)
    if done.returncode:
        raise RuntimeError(done.stderr.decode())
    return done.stdout.decode("utf-8", "surrogateescape")


def top(*files, index="wall"):
    """{name: (flat, cum)}"""
    text = pprof(
        "-top", "-nodecount=1000000", "-nodefraction=0", "-edgefraction=0", "-unit=ns", f"-sample_index={index}", *files
    )
    lines = re.findall(r"^ *(-?[\d.]+)(?:ns)? +\S+ +\S+ +(-?[\d.]+)(?:ns)? +\S+  (.*)$", text, re.M)
    return {name: (float(flat), float(cum)) for flat, cum, name in lines}


def columns(table):
    return {name: flat for name, (flat, _) in table.items()}, {name: cum for name, (_, cum) in table.items()}


def nonzero(sums):
    return {name: value for name, value in sums.items() if value}


def check(profile, what, slack=0):
    """Names with neither flat nor cum are not listed."""
    numbers = exported.rows(profile)
    form = exported.export_file(profile, "pprof", "a.pb.gz")
    flat, cum = columns(top(form))
    exported.same_numbers(nonzero(flat), nonzero(exported.by_name(numbers, 2)), f"{what}: flat is tottime", slack)
    exported.same_numbers(nonzero(cum), nonzero(exported.by_name(numbers, 3)), f"{what}: cum is cumtime", slack)
    flat, _ = columns(top(form, index="calls"))
    exported.same_numbers(nonzero(flat), nonzero(exported.by_name(numbers, 0)), f"{what}: calls are ncalls")


rng = random.Random(1)
made = exported.dump(exported.unique_tree(rng, 800, 40))
check(made, "a tree")
tree = exported.unique_tree(rng, 200, 3, shape="deep")
check(exported.dump(tree), "a recursion of 200 calls")
for shape in "library", "recursion", "mutual", "callback", "jumps":
    check(exported.record(shape), f"recorded: {shape}", slack=30)

# Without a tree paths are a caller and a callee: own times and calls are still those of each function.
profile = exported.python_profile()
form, numbers = exported.export_file(profile, "pprof", "python.pb.gz"), exported.rows(profile)
for index, column, slack in ("wall", 2, 20), ("calls", 0, 0):
    flat, _ = columns(top(form, index=index))
    exported.same_numbers(nonzero(flat), nonzero(exported.by_name(numbers, column)), f"Python's own: {index}", slack)

# Each function's change, by hand: the tree of AFTER is that of BEFORE with some nodes changed.
before = exported.unique_tree(rng, 400, 20)
after = exported.trees.Tree(
    before.functions, [(f, p, calls + (i % 7), ticks) for i, (f, p, calls, ticks) in enumerate(before.nodes)]
)
for i in range(50, 60):
    at, above = i, None
    while at != above:
        function, above, calls, ticks = after.nodes[at]
        after.nodes[at] = (function, above, calls, ticks + 1_000_003 * i)
        at, above = above, at
forms = [
    exported.export_file(exported.dump(side, f"{name}.prof"), "pprof", f"{name}.pb.gz")
    for side, name in ((before, "before"), (after, "after"))
]
left, right = exported.rows(exported.path("before.prof")), exported.rows(exported.path("after.prof"))
for index, column in ("wall", 2), ("calls", 0):
    wanted = {key[2]: right[key][column] - left[key][column] for key in right}
    flat, _ = columns(top("-diff_base=" + forms[0], forms[1], index=index))
    exported.same_numbers(nonzero(flat), nonzero(wanted), f"-diff_base: {index} are what changed")

text = pprof("-raw", exported.export_file(made, "pprof", "a.pb.gz"))
tap.ok("calls/count wall/nanoseconds[dflt]" in text, "two sample types, time is shown first")
tap.ok(re.search(r"^Time: 2023-11-1\d ", text, re.M), "the time of the request")

hostile = exported.dump(exported.hostile_tree(rng))
text = gzip.decompress(open(exported.export_file(hostile, "pprof", "h.pb.gz"), "rb").read())
tap.ok(
    all(
        name.encode("utf-8", "surrogateescape").replace(b"\xff\x80", b"\xef\xbf\xbd" * 2) in text
        for name in exported.HOSTILE
    ),
    "hostile names are there, as UTF-8",
)
calls, _ = columns(top(exported.path("h.pb.gz"), index="calls"))
tap.same(sum(calls.values()), sum(row[0] for row in exported.rows(hostile).values()), "and open: the calls add up")

# Folded calls have no path: they are counted below (other).
tree = exported.unique_tree(rng, 100, 5)
tree.functions.append(("~", 0, "(other)"))
tree.other = len(tree.functions) - 1
tree.nodes.append((tree.other, 0, 0, 0))
tree.folded = [(2, 41, 30, 0, 0), (3, 7, 7, 0, 0)]
folded = exported.dump(tree)
calls, _ = columns(top(exported.export_file(folded, "pprof", "f.pb.gz"), index="calls"))
exported.same_numbers(nonzero(calls), nonzero(exported.by_name(exported.rows(folded), 0)), "folded calls are counted")

tap.done_testing()
