#!/usr/bin/env python3
"""Rows from a call tree are the rows that Python's own profiler makes from the same calls."""
# builds: gcc asan

import cProfile
import marshal
import os
import random
import sys
import tempfile

sys.path[:0] = [os.path.join(os.path.dirname(__file__), *up) for up in (["../.."], [".."])]
import tap
import trees

FILE = "/srv/app.c"
RETURN = -1

folder = tempfile.TemporaryDirectory()
path = os.path.join(folder.name, "a.prof")
sys.setrecursionlimit(100_000)


def random_events(random, functions, calls, returns):
    """(ticks that pass, function called or RETURN); starts in function 0, ends outside of it."""
    events, depth = [], 1
    for _ in range(calls):
        while depth > 1 and random.random() < returns:
            events.append((random.randrange(1000), RETURN))
            depth -= 1
        if depth < 3000:
            events.append((random.randrange(1000), random.randrange(1, functions)))
            depth += 1
    return events + [(random.randrange(1000), RETURN)] * depth


def key(function):
    return (FILE, function + 1, f"f{function}")


BODY = """
def f{0}():
    global at, clock
    while True:
        ticks, function = events[at]
        at += 1
        clock += ticks
        if function < 0:
            return
        table[function]()
"""


def python_rows(events, functions):
    """Runs the calls under cProfile with a clock that only the events move."""
    space = {"events": events, "at": 0, "clock": 0, "table": []}
    for function in range(functions):
        # The definition stands in line `function + 1`.
        exec(compile("\n" * (function - 1) + BODY.format(function) if function else BODY[1:].format(0), FILE, "exec"), space)
        space["table"].append(space[f"f{function}"])
    profile = cProfile.Profile(lambda: space["clock"], 1.0, subcalls=True, builtins=False)
    profile.runcall(space["f0"])
    profile.create_stats()
    return profile.stats


def make_tree(events, functions, random, limit=10**9):
    """The recorder's part: nodes in the order of their first call, some of them split in two; past
    `limit` nodes new ones are folded."""
    nodes, children, clock = [[0, 0, 1, 0]], {}, 0
    stack = [[0, 0, 0]]  # node or None when folded, start, function
    callee_ticks, folded, below = {}, {}, {}
    for ticks, function in events:
        clock += ticks
        if function == RETURN:
            node, start, function = stack.pop()
            total = clock - start
            if node is not None:
                nodes[node][3] += total
                continue
            numbers = folded.setdefault(function, [0, 0, 0, 0])
            numbers[0] += 1
            numbers[2] += total - callee_ticks.pop(len(stack), 0)
            if all(frame[2] != function for frame in stack):
                numbers[1] += 1
                numbers[3] += total
            if stack[-1][0] is None:
                callee_ticks[len(stack) - 1] = callee_ticks.get(len(stack) - 1, 0) + total
            else:
                below[stack[-1][0]] = below.get(stack[-1][0], 0) + total
            continue
        parent = stack[-1][0]
        twin = (parent, function, random.random() < 0.1)
        if parent is not None and twin not in children and len(nodes) < limit:
            children[twin] = len(nodes)
            nodes.append([function, parent, 0, 0])
        node = children.get(twin) if parent is not None else None
        if node is not None:
            nodes[node][2] += 1
        stack.append([node, clock, function])
    keys = [key(function) for function in range(functions)] + [("~", 0, "(other)")]
    nodes += [[functions, parent, 0, ticks] for parent, ticks in below.items()]
    tree = trees.Tree(keys, [tuple(node) for node in nodes], [(f, *n) for f, n in folded.items()],
                      functions if folded else trees.NO_OTHER, 1.0)
    return tree


def our_rows(tree):
    with trees.Tool(tree) as tool:
        tool.dump(path)
    with open(path, "rb") as file:
        return marshal.load(file)


rng = random.Random(7)
for functions, calls, returns in [(2, 50, 0.5), (3, 2000, 0.45), (5, 2000, 0.3), (20, 5000, 0.5),
                                  (4, 2000, 0.0), (40, 20000, 0.48), (200, 3000, 0.9)]:
    events = random_events(rng, functions, calls, returns)
    tree, wanted = make_tree(events, functions, rng), python_rows(events, functions)
    found = our_rows(tree)
    shape = f"{functions - 1} functions, {calls} calls, {len(tree.nodes)} nodes"
    if not tap.ok(found == wanted, f"{shape}: every number is cProfile's"):
        for row in wanted:
            if found.get(row) != wanted[row]:
                tap.diag(f"{row}\nfound:  {found.get(row)}\nwanted: {wanted[row]}")
                break
    order = list(dict.fromkeys(key(node[0]) for node in tree.nodes))
    tap.same(list(found), order, f"{shape}: rows in the order of their first call")

other = ("~", 0, "(other)")
for functions, calls, limit in [(3, 500, 10), (6, 3000, 100), (30, 8000, 1000), (10, 2000, 1)]:
    events = random_events(rng, functions, calls, 0.45)
    tree, wanted = make_tree(events, functions, rng, limit), python_rows(events, functions)
    found = our_rows(tree)
    folded_at_top = sum(node[3] for node in tree.nodes if node[0] == functions)
    row = found.pop(other)
    shape = f"{limit} nodes of {calls} calls"
    tap.same({k: v[:4] for k, v in found.items()}, {k: v[:4] for k, v in wanted.items()},
             f"{shape}: folded calls change no function's numbers")
    tap.same(row[:4], (0, 0, 0.0, folded_at_top), f"{shape}: (other) has the cumulative time alone")
    tap.same(sum(numbers[3] for numbers in row[4].values()), folded_at_top, f"{shape}: its callers share it")
    lost = [k for k, v in found.items() if k[2] != "f0"
            and (sum(c[0] for c in v[4].values()), sum(c[2] for c in v[4].values())) != (v[1], v[2])]
    tap.same(lost, [], f"{shape}: callers account for every call and all own time")

tap.done_testing()
