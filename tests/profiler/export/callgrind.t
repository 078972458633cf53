#!/usr/bin/python3
"""callgrind_annotate finds in the callgrind form the numbers that pstats finds in the profile."""
# builds: gcc

import collections
import random
import re
import subprocess

import exported
import tap


def annotate(form, inclusive):
    """{"file:name": nanoseconds}"""
    done = subprocess.run(
        ["callgrind_annotate", "--threshold=100", "--auto=no", f"--inclusive={inclusive}", form],
        capture_output=True,
        timeout=tap.BOUND,
        check=True,
        cwd=exported.folder.name,
    )
    text = done.stdout.decode("utf-8", "surrogateescape")
    return {
        name: int(cost.replace(",", ""))
        for cost, name in re.findall(r"^ *([\d,]+) \( *[\d.]+%\)  (.*?:.*?)(?: \[\])?$", text, re.M)
    }


def check(profile, what, recursive, slack=0):
    numbers = exported.rows(profile)
    form = exported.export_file(profile, "callgrind", "callgrind.out")
    for column, inclusive in [(2, "no")] + [(3, "yes")] * (not recursive):
        wanted = collections.Counter()
        for (file, _, name), row in numbers.items():
            wanted[f"{file}:{name}"] += row[column]  # for the tool, overloads are one function
        wanted = {key: cost for key, cost in wanted.items() if cost}
        exported.same_numbers(annotate(form, inclusive), wanted, f"{what}: inclusive={inclusive}", slack)


def read(form):
    """{(file, line, name): (self, {callee: (calls, inclusive)})}, by the format's manual."""
    found, names, files, fields = {}, {}, {}, {}
    calls = None

    def named(table, text):
        number, name = re.fullmatch(r"\((\d+)\)(?: (.*))?", text, re.S).groups()
        if name is not None:
            assert number not in table, number
            table[number] = name
        return table[number]

    for line in form.decode("utf-8").split("\n"):
        if match := re.match(r"(fl|fn|cfi|cfn)=(.*)", line, re.S):
            key, text = match.groups()
            fields[key] = named(names if key in ("fn", "cfn") else files, text)
        elif line.startswith("calls="):
            calls = [int(part) for part in line[6:].split()]
        elif line[:1].isdigit():
            at, cost = map(int, line.split())
            if calls is None:
                here = (fields["fl"], at, fields["fn"])
                found[here] = (cost, {})
            else:
                found[here][1][fields["cfi"], calls[1], fields["cfn"]] = (calls[0], cost)
                calls = None
    return found


def layers(random, depth, width):
    """Functions call only those of later layers: no recursion."""
    functions = [("~", 0, "<request GET />")] + [
        ("/srv/a.c" if i % 2 else "/srv/b.c", i, f"f{i}") for i in range(1, depth * width + 1)
    ]
    nodes, at = [[0, 0, 1, 0]], {0: 0}
    for i in range(1, 600):
        parent = random.randrange(len(nodes))
        layer = at[parent] + 1 if at[parent] < depth else depth
        if at[parent] == depth:
            parent, layer = 0, 1
        at[i] = layer
        nodes.append([(layer - 1) * width + random.randrange(width) + 1, parent, random.randrange(1, 9), 0])
    for node in reversed(nodes):
        node[3] += random.randrange(1, 10**6)
        if node is not nodes[0]:
            nodes[node[1]][3] += node[3]
    return exported.trees.Tree(functions, [tuple(node) for node in nodes])


rng = random.Random(2)
check(exported.dump(layers(rng, 8, 6)), "a tree", recursive=False)
check(exported.dump(exported.unique_tree(rng, 800, 40)), "recursion", recursive=True)
for shape in "library", "recursion", "callback":
    check(exported.record(shape), f"recorded: {shape}", recursive=shape == "recursion", slack=1)

tree = layers(rng, 4, 3)
tree.functions.append(("~", 0, "(other)"))
tree.other = len(tree.functions) - 1
tree.folded = [(2, 9, 9, 10**6, 11 * 10**5), (3, 7, 7, 10**5, 10**5)]
for parent, ticks in (0, 10**6), (5, 10**5):
    tree.nodes.append((tree.other, parent, 0, ticks))
    while parent is not None:
        function, above, calls, below = tree.nodes[parent]
        tree.nodes[parent] = (function, above, calls, below + ticks)
        parent = above if parent else None
check(exported.dump(tree), "a tree that was cut", recursive=False)

check(exported.python_profile(), "Python's own", recursive=True)
profile = exported.dump(exported.unique_tree(rng, 500, 20))
pairs = {}
for callee, (_, _, _, _, callers) in exported.pstats.Stats(profile).stats.items():
    for caller, (nc, _, _, ct) in callers.items():
        pairs[caller, callee] = (nc, exported.nanoseconds(ct))
found = read(exported.export(profile, "callgrind")[0])
tap.same(
    {(caller, callee): pair for caller, (_, callees) in found.items() for callee, pair in callees.items()},
    pairs,
    "calls and inclusive costs of each pair",
)

hostile = exported.dump(exported.hostile_tree(rng))
found = read(exported.export(hostile, "callgrind")[0])
numbers = exported.rows(hostile)
tap.same(len(found), len(numbers), "hostile names stay apart")
tap.same(sorted(cost for cost, _ in found.values()), sorted(row[2] for row in numbers.values()), "with their costs")
tap.ok(any(name == r"two\x0alines\x0d\x0a" for _, _, name in found), "a newline in a name does not end the line")

tap.done_testing()
