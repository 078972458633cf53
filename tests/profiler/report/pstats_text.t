#!/usr/bin/env python3
"""Our listings are those of Python's pstats for the same dump, byte for byte."""
# builds: gcc asan

import os
import pstats
import random
import sys
import tempfile

sys.path[:0] = [os.path.join(os.path.dirname(__file__), *up) for up in (["../.."], [".."])]
import tap
import trees

folder = tempfile.TemporaryDirectory()
path = os.path.join(folder.name, "a.prof")

KEYS = list(pstats.Stats.sort_arg_dict_default) + [
    "time,calls", "nfl,cumtime", "ncalls,stdname", "cu,tot,f", "li,pc,m", "name,line,file,calls",
]
# Ours, and what pstats is given for it.
RESTRICTIONS = [
    ("", ()),
    ("3", (3,)),
    ("0", (0,)),
    ("100000000000000000000", (10**20,)),
    ("-1", (-1,)),
    ("0.5", (0.5,)),
    (".25", (0.25,)),
    ("1e-05", (1e-05,)),
    ("0.0", (0.0,)),
    ("0.3333333333333333", (0.3333333333333333,)),
    ("1.5", (1.5,)),
    ("f1", ("f1",)),
    ("app|built", ("app|built",)),
    (r"\d+\($", (r"\d+\($",)),
    ("f,0.5,2", ("f", 0.5, 2)),
    (r"f\,x,2", ("f,x", 2)),
    (r"[\,:]\d,0.9", (r"[,:]\d", 0.9)),
    ("(bad", ("(bad",)),
    ("(bad,'\"é,5", ("(bad", "'\"é", 5)),
    ("nothing matches this", ("nothing matches this",)),
    (r"ï\w+", (r"ï\w+",)),
    (r"(?i)NAÏVE", (r"(?i)NAÏVE",)),
    (r"\)\Z,}\Z", (r"\)\Z", r"}\Z")),
]


def compare(tree, name, keys=KEYS, restrictions=RESTRICTIONS):
    differences = []

    def check(kind, by="", restriction=("", ()), reverse=False):
        found = tool.listing(kind, by, restriction[0], reverse)
        wanted = trees.pstats_listing(None, kind, by.split(",") if by else (), restriction[1], reverse, stats)
        if found != wanted:
            differences.append((kind, by, restriction, reverse, found, wanted))

    with trees.Tool(tree) as tool:
        tool.dump(path)
        stats = pstats.Stats(path)
        for kind in "stats", "callers", "callees":
            for by in [""] + keys:
                check(kind, by)
                check(kind, by, reverse=True)
            for restriction in restrictions:
                check(kind, "", restriction)
                check(kind, "cumtime,name", restriction)
    if not tap.ok(not differences, name):
        kind, by, restriction, reverse, found, wanted = differences[0]
        tap.diag(f"{len(differences)} listings differ; the first is {kind} {by!r} {restriction!r} {reverse}")
        for left, right in zip(found.split("\n"), wanted.split("\n")):
            if left != right:
                tap.diag(f"found:  {left!r}\nwanted: {right!r}")
                break
        else:
            tap.diag(f"found:  {found[-300:]!r}\nwanted: {wanted[-300:]!r}")


def fold(tree, random):
    """Calls that found no room: (other) nodes, and their numbers by function."""
    other = len(tree.functions)
    tree.functions.append(("~", 0, "(other)"))
    tree.functions.append(("/srv/late.c", 7, "only_folded"))
    tree.other, nodes, left = other, [list(node) for node in tree.nodes], 0
    for at in random.sample(range(len(nodes)), 5):
        ticks = random.randrange(10**6)
        nodes.append([other, at, 0, ticks])
        left += ticks
        while True:
            nodes[at][3] += ticks
            if at == 0:
                break
            at = nodes[at][1]
    tree.nodes = [tuple(node) for node in nodes]
    tree.folded = [(other + 1, 70, 70, left // 2, left // 2), (1, 9, 2, left - left // 2, left // 3)]
    return tree


rng = random.Random(20)
for round in range(6):
    compare(trees.random_tree(rng, rng.randrange(2, 400), rng.randrange(1, 60)), f"random tree {round}")
compare(trees.random_tree(rng, 300, 2), "two functions that call each other")
compare(trees.Tree([("~", 0, "<profile>")], [(0, 0, 1, 5)]), "a root alone")
compare(trees.Tree([("~", 0, "<profile>")], [(0, 0, 0, 0)]), "a root that was not called")
compare(fold(trees.random_tree(rng, 200, 20), rng), "folded calls")
few = ["time,calls", "nfl"]
compare(trees.random_tree(rng, 100_000, 5, "deep"), "100,000 deep", few, RESTRICTIONS[:3])
compare(trees.random_tree(rng, 10_001, 9_000, "wide"), "10,000 wide", few, RESTRICTIONS[:8])

hostile = ["", "'", '"', "'\"", "a\nb", "a\r\tb", "\x1b[2J", "<", ">", "<>", "<a", "a>", "日本", "e\u0301",
           "\udcff\udc80", "x\udce9", "\uffff", "\U0001f987", "\U0010ffff", "%s%n", "{x}", "a" * 3_000,
           "\ue000", "\udced\udca0\udc80", "é", "\x7f", "\xa0", " "]
compare(trees.random_tree(rng, 500, len(hostile) - 1, name=lambda i: hostile[i]), "hostile names",
        restrictions=RESTRICTIONS + [("'\n", ("'\n",)), ("a.b", ("a.b",)), (r"\w\w", (r"\w\w",)),
                                     ("^<", ("^<",)), ("\x1b(", ("\x1b(",)), ("\udcff", ("\udcff",)), (r"[\udc80-\udcff]\Z", (r"[\udc80-\udcff]\Z",)),
                                     (r"x[^a]\)", (r"x[^a]\)",)),
                                     ("(\udcff\u200b\xa0\U0001f987", ("(\udcff\u200b\xa0\U0001f987",))])
compare(trees.random_tree(rng, 500, 200, file=lambda i: rng.choice(hostile), name=lambda i: rng.choice(hostile) + str(i)),
        "hostile files")
big = trees.random_tree(rng, 50, 10)
big.nodes = [(f, p, calls * 10**12, ticks * 1000) for f, p, calls, ticks in big.nodes]
big.seconds_per_tick = 3.3e-3
compare(big, "numbers wider than their columns")

with trees.Tool(big) as tool:
    refused, stats = [], pstats.Stats(path)
    fragments = {word[:n] for word in pstats.Stats.sort_arg_dict_default for n in range(1, len(word) + 1)}
    allowed = stats.get_sort_arg_defs()
    wrong = [f for f in sorted(fragments | {"x", "timer", "Time"}) if (tool.check_sort(f) == "") != (f in allowed)]
    tap.same(wrong, [], "the prefixes that pstats allows are allowed")
    message = tool.check_sort("time,c")
    tap.ok("'c'" in message and all(key in message for key in pstats.Stats.sort_arg_dict_default),
           "a bad key is named, and what is allowed")
    tap.ok(tool.check_sort("time,") != "" and tool.check_sort(",time") != "", "an empty key is refused")
    good = [r for r in ("30", "0.5", "0.0", ".5", "f1,3", r"a\,b", "inf", "1x.5", "e5") if tool.check_restrictions(r)]
    tap.same(good, [], "valid restrictions pass")
    bad = [r for r in ("-1", "1.0", "1.5", "-0.5", "(bad", "3,", "a,,b", "*", "[z") if not tool.check_restrictions(r)]
    tap.same(bad, [], "restrictions without effect are refused")

tap.done_testing()
