"""Makes call trees for tests and passes them to tree_tool."""

import io
import os
import pstats
import struct
import subprocess
import sys

NO_OTHER = 0xFFFFFFFF


class Tree:
    """functions: (file, line, name), surrogates for bytes that are not UTF-8;
    nodes: (function, parent, calls, ticks); folded: (function, nc, cc, own, cumulative)."""

    def __init__(self, functions, nodes, folded=(), other=NO_OTHER, seconds_per_tick=1e-9):
        self.functions, self.nodes, self.folded = functions, nodes, list(folded)
        self.other, self.seconds_per_tick = other, seconds_per_tick
        self.probe_seconds, self.lost_calls = 19.4e-9, 3

    def encode(self):
        out = [struct.pack("<I", len(self.functions))]
        for file, line, name in self.functions:
            out += [text(file), struct.pack("<i", line), text(name)]
        out.append(struct.pack("<II", self.other, len(self.nodes)))
        out += [struct.pack("<IIQQ", *node) for node in self.nodes]
        out.append(struct.pack("<I", len(self.folded)))
        out += [struct.pack("<IQQQQ", *folded) for folded in self.folded]
        out.append(struct.pack("<ddQ", self.seconds_per_tick, self.probe_seconds, self.lost_calls))
        return b"".join(out)


def text(value):
    data = value.encode("utf-8", "surrogateescape")
    return struct.pack("<I", len(data)) + data


class Tool:
    """The C side, with one tree loaded."""

    def __init__(self, tree):
        path = os.path.join(os.environ["BUILD"], "tests/profiler/tree_tool")
        self.process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.process.stdin.write(tree.encode())

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.process.stdin.close()
        self.process.stdout.close()
        if self.process.wait() and exception[0] is None:
            raise RuntimeError(f"tree_tool ended with {self.process.returncode}")

    def ask(self, request):
        self.process.stdin.write(request)
        self.process.stdin.flush()
        head = self.process.stdout.read(4)
        if len(head) < 4:
            raise RuntimeError("tree_tool gave no response")
        response = self.process.stdout.read(struct.unpack("<I", head)[0])
        return response.decode("utf-8", "surrogateescape")

    def dump(self, path):
        error = self.ask(b"d" + text(path))
        if error:
            raise RuntimeError(error)

    def listing(self, kind, keys="", restrictions="", reverse=False):
        code = {"stats": b"s", "callers": b"r", "callees": b"e"}[kind]
        return self.ask(code + text(keys) + text(restrictions) + bytes([reverse]))

    def check_sort(self, keys):
        return self.ask(b"k" + text(keys))

    def check_restrictions(self, restrictions):
        return self.ask(b"x" + text(restrictions))


def pstats_listing(path, kind, keys=(), restrictions=(), reverse=False, stats=None):
    """The text that pstats prints for a dump, without the lines that name its file."""
    out = io.StringIO()
    stats = stats or pstats.Stats(path)
    stats.stream, stats.files = out, []
    stats.sort_stats(*keys)
    if reverse:
        stats.reverse_order()
    getattr(stats, "print_" + kind)(*restrictions)
    return out.getvalue()


def random_tree(random, nodes, functions, shape="bushy", file=None, name=None):
    """Parents before children, not in depth-first order, siblings that repeat a function."""
    file = file or (lambda i: random.choice(["/srv/app.c", "/srv/db.c", "src/ä.c", "~"]))
    name = name or (lambda i: random.choice(["f%d", "<built-in function g%d>", "naïve_%d"]) % i)
    keys = [("~", 0, "<request GET />")]
    for i in range(functions):
        where = file(i)
        keys.append((where, 0 if where == "~" else random.randrange(1, 400), name(i)))
    rows = [[0, 0, 1, 0]]
    for i in range(1, nodes):
        if shape == "deep":
            parent = i - 1
        elif shape == "wide":
            parent = 0
        else:
            parent = random.randrange(max(0, i - 50), i) if random.random() < 0.7 else random.randrange(i)
        rows.append([random.randrange(1, functions + 1), parent, random.choice([1, 1, 2, 100000]), 0])
    for row in reversed(rows):
        row[3] += random.choice([0, random.randrange(10), random.randrange(10**7), 10**9 * (shape != "deep")])
        if row is not rows[0]:
            rows[row[1]][3] += row[3]
    return Tree(keys, [tuple(row) for row in rows])


sys.setrecursionlimit(10000)
