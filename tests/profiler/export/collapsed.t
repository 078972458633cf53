#!/usr/bin/python3
"""Collapsed stacks: each path's own time, which adds up to what pstats has for its last function."""
# builds: gcc asan

import random

import exported
import tap


def read(profile):
    """{frames: nanoseconds}"""
    sums = {}
    for line in exported.export(profile, "collapsed")[0].decode("utf-8").splitlines():
        stack, _, own = line.rpartition(" ")
        key = tuple(stack.split(";"))
        sums[key] = sums.get(key, 0) + int(own)
    return sums


def check(profile, what, slack):
    wanted = {}
    for functions, _, own, _ in exported.paths(profile):
        key = tuple(map(exported.frame, functions))
        wanted[key] = wanted.get(key, 0) + own
    found = read(profile)
    tap.ok(
        set(found) <= set(wanted) and all(abs(found.get(key, 0) - own) <= slack for key, own in wanted.items()),
        f"{what}: each path with its own time",
    )
    last, rows = {}, exported.rows(profile)
    for key, own in found.items():
        last[key[-1]] = last.get(key[-1], 0) + own
    exported.same_numbers(
        {exported.frame(key): last.get(exported.frame(key), 0) for key in rows},
        {exported.frame(key): row[2] for key, row in rows.items()},
        f"{what}: they add up to tottime",
        slack,
    )
    tap.ok(
        abs(sum(found.values()) - sum(row[2] for row in rows.values())) <= slack,
        f"{what}: and all of them to the whole",
    )


rng = random.Random(3)
check(exported.dump(exported.trees.random_tree(rng, 2000, 40)), "a tree", 0)
tree = exported.trees.random_tree(rng, 2000, 40)
tree.seconds_per_tick = 0.31e-9
check(exported.dump(tree), "ticks of a third of a nanosecond", 60)
for shape in "library", "recursion", "mutual", "callback":
    check(exported.record(shape), f"recorded: {shape}", 30)

# Rounding does not add up: a hundred thousand nodes of 0.4 ns are 40 us.
tree = exported.trees.Tree(
    [("~", 0, "<request>"), ("/srv/a.c", 1, "f")],
    [(0, 0, 1, 100000)] + [(1, 0, 1, 1)] * 100000,
    seconds_per_tick=0.4e-9,
)
tap.same(sum(read(exported.dump(tree)).values()), 40000, "parts of a nanosecond are not lost")

hostile = exported.dump(exported.hostile_tree(rng))
text = exported.export(hostile, "collapsed")[0]
tap.ok(all(byte >= 0x20 or byte == 0x0A for byte in text), "no control characters")
last = {key[-1] for key in read(hostile)}
tap.ok(
    any(key.startswith(r"semi\x3bcolon (") for key in last) and r"\xff\x80 bytes" in "".join(last), "names are escaped"
)

tap.done_testing()
