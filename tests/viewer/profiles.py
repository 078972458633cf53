#!/usr/bin/python3
"""profiles.py FOLDER [NODES...|--long]: writes the profiles that the page's tests open, and prints as JSON what Python knows of them.

With NODES: only trees of so many nodes, for measuring. With --long: only long numbers and names, deep recursion, and each outcome.
"""

import io
import json
import marshal
import os
import pathlib
import pstats
import random
import struct
import subprocess
import sys
import time

tests = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(tests / "apps/komori")]

ROOT = ("~", 0, "<request GET /plans>")
HOSTILE = [
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "'\"`&lt;&amp;",
    "right\u202eto left",
    "bell\x07 line\nend",
    "שלום",
    "{{constructor}}",
    "a" * 3000,
]


def known(facts):
    return {name: fact for name, fact in facts.items() if fact is not None}


class Calls:
    """A tree: node() adds a call; rows are counted as cProfile counts them."""

    def __init__(self, root=ROOT):
        self.functions, self.index = [root], {root: 0}
        self.nodes = [[0, 0, 1, 0]]  # function, parent, calls, own ticks

    def node(self, parent, function, calls, own):
        number = self.index.setdefault(function, len(self.functions))
        if number == len(self.functions):
            self.functions.append(function)
        self.nodes.append([number, parent, calls, own])
        return len(self.nodes) - 1

    def totals(self):
        ticks = [node[3] for node in self.nodes]
        for i in range(len(self.nodes) - 1, 0, -1):
            ticks[self.nodes[i][1]] += ticks[i]
        return ticks

    def rows(self, ticks):
        """{key: (cc, nc, tt, ct, {caller: (nc, cc, tt, ct)})}; a call is primitive when none of its function is around it."""
        around, pairs_around = [None] * len(self.nodes), [None] * len(self.nodes)
        rows, empty = {}, frozenset()
        for i, (function, parent, calls, own) in enumerate(self.nodes):
            above = around[parent] if i else empty
            pairs = pairs_around[parent] if i else empty
            row = rows.setdefault(function, [0, 0, 0, 0, {}])
            primitive = function not in above
            row[0] += calls if primitive else 0
            row[1] += calls
            row[2] += own
            row[3] += ticks[i] if primitive else 0
            if i:
                caller = self.nodes[parent][0]
                pair = row[4].setdefault(caller, [0, 0, 0, 0])
                outer = (caller, function) not in pairs
                pair[0] += calls
                pair[1] += calls if outer else 0
                pair[2] += own
                pair[3] += ticks[i] if outer else 0
                pairs = pairs | {(caller, function)}
            around[i], pairs_around[i] = above | {function}, pairs
        key = self.functions.__getitem__
        return {
            key(function): (row[0], row[1], row[2] / 1e9, row[3] / 1e9,
                            {key(caller): (pair[0], pair[1], pair[2] / 1e9, pair[3] / 1e9) for caller, pair in row[4].items()})
            for function, row in rows.items()
        }

    def write(self, path, facts=None, open_node=None):
        ticks = self.totals()
        started = 1795378600.25

        def column(values, code):
            return struct.pack(f"<{len(values)}{code}", *values)

        tree = {
            "format": "komori call tree", "version": 1, "komori": "0.1.0", "pid": 4711,
            "facts": known({"method": "GET", "path": "/plans", "route": "/plans", "query": "", "status": 200, "outcome": "finished",
                            "started": started, "elapsed": ticks[0] / 1e9, **(facts or {})}),
            "seconds_per_tick": 1e-9, "probe_seconds": 19.2e-9, "lost_calls": 0,
            "functions": tuple(self.functions), "other": None,
            **{f"folded_{name}": b"" for name in ("function", "calls", "primitive_calls", "own_ticks", "cumulative_ticks")},
            "node_function": column([node[0] for node in self.nodes], "I"), "node_parent": column([node[1] for node in self.nodes], "I"),
            "node_calls": column([node[2] for node in self.nodes], "Q"), "node_ticks": column(ticks, "Q"),
        }
        if open_node is not None:
            tree["open_node"] = open_node
        with open(path, "wb") as file:
            file.write(marshal.dumps(self.rows(ticks)) + marshal.dumps(tree, 2))  # 2: codes as Komori writes them


def plans(items, source):
    """A handler that recurses, with library calls below it."""
    calls = Calls()
    handler = calls.node(0, (source, 30, "plans"), 1, 40_000)
    answer = calls.node(handler, (source, 20, "answer"), 1, 90_000)
    calls.node(answer, ("~", 0, "<built-in function strtol>"), items, 3_000 * items)
    at = calls.node(answer, ("/srv/planner/by_trying.c", 37, "plan_by_trying"), 1, 15_000)
    for level in range(items):
        at = calls.node(at, ("/srv/planner/by_trying.c", 22, "expand"), 3**level, 11_000 * 3**level)
    calls.node(at, ("/srv/planner/by_trying.c", 11, "heaviest"), 3 ** (items - 1), 5_000 * 3 ** (items - 1))
    calls.node(at, ("~", 0, "<built-in function memcpy>"), 3 ** (items - 1), 2_000 * 3 ** (items - 1))
    sort = calls.node(answer, ("~", 0, "<built-in function qsort>"), 1, 80_000)
    calls.node(sort, (source, 9, "by_weight"), 33, 330_000)
    calls.node(answer, ("~", 0, "<built-in function km_textf>"), 1, 60_000)
    return calls, at


def plans_fast(source):
    calls = Calls()
    handler = calls.node(0, (source, 31, "plans"), 1, 40_000)
    answer = calls.node(handler, (source, 20, "answer"), 1, 90_000)
    calls.node(answer, ("~", 0, "<built-in function strtol>"), 9, 27_000)
    calls.node(answer, ("/srv/planner/by_loads.c", 12, "plan_by_loads"), 1, 700_000)
    calls.node(answer, ("~", 0, "<built-in function km_textf>"), 1, 61_000)
    return calls


def hostile():
    calls = Calls()
    at = 0
    for i, name in enumerate(HOSTILE):
        calls.node(0, (f"/srv/{name[:40].replace('/', '_')}.c", i + 1, name), i + 1, 1_000_000)
        at = calls.node(at, ("~", 0, f"<{name}>"), 1, 500_000)
    return calls


def twins():
    """Names that an address could take for one another, or for its own marks."""
    calls = Calls(("~", 0, "<request GET /twins>"))
    first = calls.node(0, ("/srv/one/twin.c", 10, "twin"), 1, 1_000_000)
    second = calls.node(first, ("/srv/one/twin.c", 20, "twin"), 2, 1_000_000)
    third = calls.node(second, ("/srv/two/twin.c", 10, "twin"), 3, 1_000_000)
    calls.node(third, ("/srv/two/twin.c", 30, "operator*2"), 4, 1_000_000)
    calls.node(third, ("/srv/two/twin.c", 40, "operator"), 5, 1_000_000)
    calls.node(third, ("/srv/two/twin.c", 50, "a/b"), 6, 1_000_000)
    return calls


def bushy(nodes, rng):
    """Few deep paths and many shallow ones; a function calls twelve others, each once on a path, as in a real program."""
    calls = Calls()
    functions = [(f"/srv/app/{'~module%d' % (i % 40)}.c", i, f"function_{i}") if i % 5 else ("~", 0, f"<built-in function f{i}>") for i in range(1500)]
    used = [set()]
    callee = lambda parent: (calls.nodes[parent][0] * 31 + rng.randrange(12) * 97) % 1500
    for i in range(1, nodes):
        parent = max(0, i - 1 - int(rng.expovariate(1 / 30))) if rng.random() < 0.6 else rng.randrange(i)
        number = callee(parent)
        while number in used[parent]:
            parent = rng.randrange(i) if len(used[parent]) > 8 else parent
            number = callee(parent)
        used[parent].add(number)
        used.append(set())
        calls.node(parent, functions[number], rng.randrange(1, 100), int(rng.paretovariate(1.1) * 1000))
    return calls


def recursion(levels, calls_below, own):
    """A function that calls itself, and one below it that is called very often."""
    calls = Calls()
    at = calls.node(0, ("/srv/planner/by_trying.c", 22, "expand"), 1, own)
    for level in range(1, levels):
        at = calls.node(at, ("/srv/planner/by_trying.c", 22, "expand"), calls_below // (levels - 1) + (level == 1) * (calls_below % (levels - 1)), own)
    calls.node(at, ("/srv/planner/by_trying.c", 11, "heaviest"), calls_below + 28_231_429, own)
    return calls


def write_long(folder):
    write = lambda name, calls, **facts: calls.write(os.path.join(folder, name), facts)
    items = "items=" + ",".join(map(str, range(100, 180)))
    write("slow.prof", recursion(22, 76_182_693, 95_300_000), query=items, route="/plans/<name>/of/<customer>")
    write("quick.prof", recursion(3, 12, 245_000), query=items, route="/plans/<name>/of/<customer>", started=1795378601.0)
    ended = ["killed: SIGKILL after 2.0 s", "crashed: SIGSEGV after 0.1 s", "crashed: SIGABRT after 0.1 s", "exited with status 3 after 0.1 s"]
    for i, outcome in enumerate(ended):
        write(f"ended-{i}.prof", recursion(2, 1, 1_000_000), path="/end", route="/end", status=0, outcome=outcome, started=1795378610.0 + i)
    for i, path in enumerate(["/items/abc", "/favicon.ico", "/wp-login.php"]):
        write(f"nowhere-{i}.prof", recursion(2, 1, 1_000_000), path=path, route=None, status=404, started=1795378620.0 + i)
    # Several roots, whose sum less each of them is not quite zero.
    roots = [("<string>", 1, "<module>"), ("profile", 0, "code"), ("<frozen importlib._bootstrap>", 1, "_find_spec"),
             ("~", 0, "<built-in method builtins.exec>"), ("~", 0, "<built-in function read>")]
    seconds = [0.7, 0.6, 0.3, 0.1, 0.2]
    with open(os.path.join(folder, "roots.prof"), "wb") as file:
        marshal.dump({root: (1, 1, time, time, {}) for root, time in zip(roots, seconds)}, file)


def record_imports(path):
    """What cProfile writes of a script that imports: importlib calls exec, which called the script."""
    script = os.path.splitext(path)[0] + ".py"
    with open(script, "w") as file:
        file.write("import json\n")
    subprocess.run([sys.executable, "-m", "cProfile", "-o", path, script], check=True)


def table(path):
    """What pstats prints, as [ncalls, tottime, percall, cumtime, percall, label] texts."""
    out = io.StringIO()
    pstats.Stats(path, stream=out).sort_stats("tottime").print_stats()
    lines = out.getvalue().splitlines()
    start = next(i for i, line in enumerate(lines) if "ncalls" in line) + 1
    stats = pstats.Stats(path, stream=io.StringIO()).stats
    found = []
    for line in lines[start:]:
        if line.strip():
            found.append(line.split(None, 5))
    return found if all(len(row) == 6 for row in found) and len(found) == len(stats) else None


def partners(path):
    """{label: [callers, callees]}, each [[calls, cumtime], ...] as pstats counts the pairs."""
    stats = pstats.Stats(path, stream=io.StringIO()).stats
    found = {key: [[], []] for key in stats}
    for key, row in stats.items():
        for caller, pair in row[4].items():
            found[key][0].append([pair[0], pair[3]])
            found[caller][1].append([pair[0], pair[3]])
    return {pstats.func_std_string(key): both for key, both in found.items()}


def totals(path):
    stats = pstats.Stats(path, stream=io.StringIO())
    return [stats.total_calls, stats.prim_calls, stats.total_tt]


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    if sys.argv[2:] == ["--long"]:
        write_long(folder)
        return
    if len(sys.argv) > 2:
        for nodes in map(int, sys.argv[2:]):
            calls = bushy(nodes, random.Random(nodes))
            calls.write(os.path.join(folder, f"{nodes}-nodes.prof"))
            with open(os.path.join(folder, f"{nodes}-as-pairs.prof"), "wb") as file:
                marshal.dump(calls.rows(calls.totals()), file)
        return
    source = os.path.join(folder, "main.c")
    with open(source, "w") as file:
        file.write("".join(f"/* line {i} </script> */\n" for i in range(1, 500)))
    write = lambda name, calls, facts=None, open_node=None: calls.write(os.path.join(folder, name), facts, open_node)
    slow, _ = plans(9, source)
    write("before.prof", slow, {"query": "items=1,2,3"})
    write("after.prof", plans_fast(source), {"query": "items=1,2,3", "started": 1795378605.5})
    killed, deepest = plans(12, source)
    write("killed.prof", killed, {"status": 0, "outcome": "killed: SIGKILL after 30.0 s", "started": 1795378607.0}, deepest)
    write("hostile.prof", hostile(), {"path": "/</script><b>", "query": "\"'<>", "route": "/<name>", "method": "GET", "started": 1795378608.0, "status": 500})
    write("twins.prof", twins(), {"path": "/twins", "route": "/twins", "started": 1795378400.0})
    for i, (name, own) in enumerate([("single.prof", 1_000), ("single-long.prof", 24_066_403)]):
        calls = Calls(("~", 0, "<request GET /single>"))
        calls.nodes[0][3] = own
        write(name, calls, {"path": "/single", "route": "/single", "started": 1795378300.0 + i})
    for i in range(40):
        calls = Calls(("~", 0, "<request GET /healthz>"))
        calls.node(0, (source, 40, "healthz"), 1, 20_000 * (i + 1))
        write(f"healthz-{i}.prof", calls, {"path": "/healthz", "route": "/healthz", "started": 1795378500.0 + i})
    import python_dumps

    names = ["json", "unittest", "decimal", "email", "recursion", "logging", "dis", "copy"]
    for name, path in python_dumps.dump_programs(folder):
        if name not in names:
            os.remove(path)
    record_imports(os.path.join(folder, "imports.prof"))
    names.append("imports")
    with open(os.path.join(folder, "damaged.prof"), "wb") as file:
        file.write(b"\xf3\x00not a profile")
    os.utime(os.path.join(folder, "damaged.prof"), (time.time(), time.time()))
    tables, pairs, sums = {}, {}, {}
    for name in ["before.prof", "after.prof", "killed.prof"] + [name + ".prof" for name in names]:
        tables[name] = table(os.path.join(folder, name))
        pairs[name], sums[name] = partners(os.path.join(folder, name)), totals(os.path.join(folder, name))
    print(json.dumps({"tables": tables, "partners": pairs, "totals": sums, "hostile": HOSTILE}))


main()
