#!/usr/bin/python3
"""Chrome trace events keep the rules by which Perfetto builds slices, and hold the exact tree."""
# builds: gcc

import decimal
import json
import random

import exported
import tap


def load(profile):
    return json.loads(exported.export(profile, "chrome")[0].decode("utf-8"), parse_float=decimal.Decimal)


def slices(trace):
    return [event for event in trace["traceEvents"] if event["ph"] == "X"]


def broken_rule(events):
    """Perfetto: timestamps do not go back; a slice ends no later than the one that is open around it."""
    last, open_ends = None, []
    for event in events:
        start, length = event["ts"], event["dur"]
        if start < 0 or length < 0:
            return "negative", event
        if last is not None and start < last:
            return "timestamps go back", event
        while open_ends and open_ends[-1] <= start:
            open_ends.pop()
        if open_ends and start + length > open_ends[-1]:
            return "not nested", event
        open_ends.append(start + length)
        last = start
    return None


def tree_of(events):
    """(names from the root, calls, total) of each, by order and ends, because lengths of 0 are inside nothing."""
    found, stack = [], []
    for event in events:
        while stack and event["ts"] >= stack[-1][1]:
            stack.pop()
        names = (stack[-1][0] if stack else ()) + ((event["args"]["file"], event["args"]["line"], event["name"]),)
        stack.append((names, event["ts"] + event["dur"]))
        found.append((names, event["args"]["calls"], int(event["dur"] * 1000)))
    return found


rng = random.Random(4)
for what, tree in ("a tree", exported.trees.random_tree(rng, 2000, 40)), (
    "a deep one",
    exported.trees.random_tree(rng, 500, 4, shape="deep"),
):
    # Each function takes some time of its own, so that the slices alone tell the tree.
    added, nodes = [0] * len(tree.nodes), tree.nodes
    for i in range(len(nodes) - 1, -1, -1):
        added[i] += 1
        if i:
            added[nodes[i][1]] += added[i]
    tree.nodes = [(f, p, c, t + more) for (f, p, c, t), more in zip(nodes, added)]
    profile = exported.dump(tree)
    events = slices(load(profile))
    tap.same(broken_rule(events), None, f"{what}: Perfetto's rules")
    wanted = [(functions, calls, round(total)) for functions, calls, _, total in exported.paths(profile)]
    tap.same(sorted(tree_of(events)), sorted(wanted), f"{what}: paths, calls and times")

for shape in "library", "recursion", "callback":
    profile = exported.record(shape)
    events = slices(load(profile))
    tap.same(broken_rule(events), None, f"recorded: {shape}")
    calls = {}
    for event in events:
        calls[event["name"]] = calls.get(event["name"], 0) + event["args"]["calls"]
    tap.same(calls, exported.by_name(exported.rows(profile), 0), f"recorded: {shape}: calls")

hostile = exported.dump(exported.hostile_tree(rng))
trace = load(hostile)
tap.same(broken_rule(slices(trace)), None, "hostile names: Perfetto's rules")
names = {event["name"] for event in slices(trace)}
tap.ok(
    {name.replace("\udcff", "\ufffd").replace("\udc80", "\ufffd") for name in exported.HOSTILE} <= names,
    "hostile names come back",
)
tap.same(trace["traceEvents"][0]["args"]["name"], "GET /café/\ufffd", "the request names the process")

# Inconsistent trees: children that took longer than their caller, ticks beyond all time.
for ticks, scale in (2**64 - 1, 1e-9), (2**63, 1e300), (5, 0.0):
    tree = exported.trees.Tree(
        [("~", 0, "<request>"), ("/srv/a.c", 1, "f")],
        [(0, 0, 1, 3), (1, 0, 1, ticks), (1, 1, 2, ticks), (1, 0, 9, 4)],
        seconds_per_tick=scale,
    )
    tap.same(broken_rule(slices(load(exported.dump(tree)))), None, f"{ticks} ticks of {scale} s")

tap.done_testing()
