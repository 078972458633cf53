#!/usr/bin/env python3
"""A dump is cProfile's dict and the exact call tree: Python reads back what was recorded."""
# builds: gcc asan

import contextlib
import io
import marshal
import math
import os
import pstats
import random
import re
import stat
import struct
import sys
import tempfile

sys.path[:0] = [os.path.join(os.path.dirname(__file__), *up) for up in (["../.."], [".."])]
import tap
import trees

folder = tempfile.TemporaryDirectory()
path = os.path.join(folder.name, "a.prof")

# The reader that the documentation gives.
document = os.path.join(os.path.dirname(__file__), "../../../docs/prof-format.md")
with open(document, encoding="utf-8") as file:
    snippet = re.search(r"```python\n(.*?)```", file.read(), re.S).group(1)
documented = {}
exec(snippet, documented)


def dump(tree):
    with trees.Tool(tree) as tool:
        tool.dump(path)
    return documented["read_prof"](path)


def paths(tree, root):
    """(functions from the root, calls, ticks), by the documented reader and from the tree itself."""
    found, pending = [], [(root, ())]
    while pending:
        node, above = pending.pop()
        here = above + (node["function"],)
        found.append((here, node["calls"], node["ticks"]))
        pending += [(child, here) for child in node["children"]]
    made = []
    wanted = []
    for index, (function, parent, calls, ticks) in enumerate(tree.nodes):
        made.append((made[parent] if index else ()) + (tree.functions[function],))
        wanted.append((made[-1], calls, ticks))
    return sorted(found), sorted(wanted)


rng = random.Random(5)
tree = trees.random_tree(rng, 500, 30)
tree.functions.append(("~", 0, "(other)"))
tree.other = len(tree.functions) - 1
tree.nodes.append((tree.other, 3, 0, 77))
tree.folded = [(2, 2**40, 2**35, 2**63 + 1, 2**64 - 1), (5, 0, 1, 2, 3)]
tree.nodes.append((1, 0, 2**64 - 1, 2**63))
tree.nodes.append((1, 0, 2**31, 2**15))
tree.lost_calls = 2**64 - 1
rows, second, root = dump(tree)

found, wanted = paths(tree, root)
tap.same(found, wanted, "the documented reader rebuilds the tree")
tap.same(second["functions"], tuple(tree.functions), "functions")
facts = {"method": "GET", "path": "/café/\udcff", "route": "/<name>", "outcome": "finished", "status": 200,
         "started": 1700000000.5, "elapsed": 0.25}
tap.same(second["facts"], facts, "facts, without those that are unknown")
tap.same((second["komori"], second["pid"], second["other"], second["lost_calls"], second["seconds_per_tick"],
          second["probe_seconds"]),
         ("0.1.0", 4321, tree.other, 2**64 - 1, 1e-9, 19.4e-9), "facts of the recording")
columns = ["function", "calls", "primitive_calls", "own_ticks", "cumulative_ticks"]
read = [struct.unpack("<2I" if name == "function" else "<2Q", second["folded_" + name]) for name in columns]
tap.same(list(zip(*read)), tree.folded, "folded calls")
output = io.StringIO()
with contextlib.redirect_stdout(output):
    documented["print_tree"](root, second["seconds_per_tick"])
tap.same(output.getvalue().count("\n"), len(tree.nodes), "the documented printer prints each node")
with open(path, "rb") as file:
    marshal.load(file), marshal.load(file)
    tap.same(file.read(), b"", "nothing follows")

mode = os.stat(path).st_mode
tap.same(stat.S_IMODE(mode), 0o600, "only the owner reads it")
tap.same(os.listdir(folder.name), ["a.prof"], "no temporary file is left")

_, second, _ = dump(trees.random_tree(rng, 20, 3))
tap.same((second["other"], second["folded_calls"]), (None, b""), "without folded calls")

hostile = ["", "a\nb", "\udcff\udc80", "\udced\udca0\udc80", "日本", "\U0010ffff", "x" * 200_000, "\x01'\"\\"]
tree = trees.random_tree(rng, 100, len(hostile), file=lambda i: hostile[-i], name=lambda i: hostile[i])
rows, second, root = dump(tree)
tap.same(second["functions"], tuple(tree.functions), "hostile names come back")
tap.ok(set(rows) <= set(tree.functions), "in both objects")

for ticks in 1e300, math.inf, math.nan, -math.inf:
    tree = trees.random_tree(rng, 50, 5)
    tree.seconds_per_tick = ticks
    rows, second, _ = dump(tree)
    numbers = [n for row in rows.values() for n in row[:4]] + [n for row in rows.values() for c in row[4].values() for n in c]
    tap.ok(all(map(math.isfinite, numbers + [second["seconds_per_tick"]])), f"no number is infinite at {ticks} s a tick")

tree = trees.random_tree(rng, 2000, 100)
rows, _, _ = dump(tree)
tap.ok(all(caller in rows for row in rows.values() for caller in row[4]), "each caller is a row")
tap.same(sorted(pstats.Stats(path).stats), sorted(rows), "pstats opens it")

tap.done_testing()
