#!/usr/bin/python3
"""The csv, json and pstats forms give back what the profile holds."""
# builds: gcc asan

import csv
import io
import json
import marshal
import pstats
import random
import re
import struct
import subprocess
import sys

import exported
import tap


def lone(text):
    """The text with U+FFFD for bytes that are not UTF-8."""
    return re.sub("[\udc80-\udcff]", "\ufffd", text)


def check_csv(profile, what):
    text = exported.export(profile, "csv")[0].decode("utf-8")
    table = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    tap.same(table[0], ["file", "line", "name", "calls", "primitive_calls", "tottime", "cumtime"], f"{what}: titles")
    found = [
        (file, int(line), name, int(nc), int(cc), float(tt), float(ct))
        for file, line, name, nc, cc, tt, ct in table[1:]
    ]
    wanted = [
        (lone(key[0]), key[1], lone(key[2]), nc, cc, tt, ct)
        for key, (cc, nc, tt, ct, _) in pstats.Stats(profile).stats.items()
    ]
    tap.same(found, wanted, f"{what}: csv has each number")
    plain = re.sub(r'"(?:[^"]|"")*"', "", text)
    tap.same(plain.count("\r\n"), plain.count("\n"), f"{what}: records end as RFC 4180 has it")


def check_json(profile, what):
    data = json.loads(exported.export(profile, "json")[0].decode("utf-8"))
    with open(profile, "rb") as file:
        rows, tree = marshal.load(file), marshal.load(file)
    names = [(one["file"], one["line"], one["name"]) for one in data["functions"]]
    found = [
        (
            names[i],
            row["calls"],
            row["primitive_calls"],
            row["tottime"],
            row["cumtime"],
            [
                (names[one["function"]], one["calls"], one["primitive_calls"], one["tottime"], one["cumtime"])
                for one in row["callers"]
            ],
        )
        for i, row in enumerate(data["rows"])
    ]

    def plain(key):
        return lone(key[0]), key[1], lone(key[2])

    wanted = [
        (plain(key), nc, cc, tt, ct, [(plain(caller), *numbers) for caller, numbers in callers.items()])
        for key, (cc, nc, tt, ct, callers) in rows.items()
    ]
    tap.same(found, wanted, f"{what}: json has the rows")

    def column(key, size):
        return struct.unpack(f"<{len(tree[key]) // size}{'IQ'[size == 8]}", tree[key])

    nodes = list(
        map(
            list,
            zip(column("node_function", 4), column("node_parent", 4), column("node_calls", 8), column("node_ticks", 8)),
        )
    )
    tap.same(data["tree"]["nodes"], nodes, f"{what}: and the tree")
    tap.same(
        [(one["file"], one["line"], one["name"]) for one in data["tree"]["functions"]],
        list(map(plain, tree["functions"])),
        f"{what}: its functions",
    )
    tap.same(
        [data["tree"][key] for key in ("seconds_per_tick", "probe_seconds", "lost_calls", "other", "pid", "komori")],
        [tree[key] for key in ("seconds_per_tick", "probe_seconds", "lost_calls", "other", "pid", "komori")],
        f"{what}: its facts",
    )
    folded = list(
        map(
            list,
            zip(
                column("folded_function", 4),
                *(column("folded_" + key, 8) for key in ("calls", "primitive_calls", "own_ticks", "cumulative_ticks")),
            ),
        )
    )
    tap.same(data["tree"]["folded"], folded, f"{what}: folded calls")
    facts = {"status": 0, "started": 0, "elapsed": 0, **tree["facts"]}
    tap.same(
        data["facts"],
        {key: lone(value) if isinstance(value, str) else value for key, value in facts.items()},
        f"{what}: facts",
    )


def check_pstats(profile, what):
    with open(exported.export_file(profile, "pstats", "rows.prof"), "rb") as file:
        rows, rest = marshal.load(file), file.read()
    with open(profile, "rb") as file:
        wanted = marshal.load(file)
    tap.same((list(rows.items()), rest), (list(wanted.items()), b""), f"{what}: the same dict, and nothing else")


rng = random.Random(5)
tree = exported.trees.random_tree(rng, 500, 30)
tree.functions.append(("~", 0, "(other)"))
tree.other = len(tree.functions) - 1
tree.nodes.append((tree.other, 3, 0, 77))
tree.folded = [(2, 2**40, 2**35, 2**60, 2**62)]
profiles = [
    (exported.dump(tree, "tree.prof"), "a tree"),
    (exported.dump(exported.hostile_tree(rng), "hostile.prof"), "hostile names"),
    (exported.record("recursion"), "recorded"),
]
for profile, what in profiles:
    check_csv(profile, what)
    check_json(profile, what)
    check_pstats(profile, what)

# Python's `profile` counts calls of a caller, and nothing else.
rows = {
    ("/srv/a.py", 1, "f"): (2, 2, 0.5, 0.75, {("/srv/a.py", 9, "main"): 2}),
    ("/srv/a.py", 9, "main"): (1, 1, 0.25, 1.0, {}),
}
with open(exported.path("profile.prof"), "wb") as file:
    marshal.dump(rows, file)
with open(exported.export_file(exported.path("profile.prof"), "pstats", "again.prof"), "rb") as file:
    tap.same(marshal.load(file), rows, "a dump of `profile` comes back as it was")
data = json.loads(exported.export(exported.path("profile.prof"), "json")[0])
tap.same(
    (data["tree"], data["rows"][0]["callers"]),
    (None, [{"function": 1, "calls": 2}]),
    "without a tree, with calls alone",
)

# Times that are finite, with a sum that is not: JSON has no infinity.
with open(exported.path("huge.prof"), "wb") as file:
    marshal.dump({("~", 0, name): (1, 1, 1e308, 1e308, {}) for name in ("f", "g")}, file)
text = exported.export(exported.path("huge.prof"), "json")[0].decode()
tap.same(re.findall("inf|nan", text), [], "a sum beyond all doubles is no infinity")
tap.same(json.loads(text)["totals"]["tottime"], sys.float_info.max, "but the largest of them")

# pyprof2calltree reads the pstats form, and callgrind_annotate what it makes of it.
profile = exported.record("library")
exported.export(profile, "pstats", "-o", exported.path("lib.prof"))
subprocess.run(
    ["pyprof2calltree", "-i", exported.path("lib.prof"), "-o", exported.path("lib.out")],
    check=True,
    capture_output=True,
)
text = subprocess.run(
    ["callgrind_annotate", "--threshold=100", exported.path("lib.out")], check=True, capture_output=True, text=True
).stdout
costs = {
    name: int(cost.replace(",", ""))
    for cost, name in re.findall(r"^ *([\d,]+) \( *[\d.]+%\)  \S*?:(.*?)(?: \[\])?$", text, re.M)
}
names = [name for _, _, name in exported.rows(profile)]
tap.ok(
    len(costs) == len(names) and all(any(name in cost for cost in costs) for name in ("library", "random")),
    "pyprof2calltree opens it",
)
tap.ok(
    abs(sum(costs.values()) - sum(row[2] for row in exported.rows(profile).values())) < 3 * 1000, "with all of the time"
)

tap.done_testing()
