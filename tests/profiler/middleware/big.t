#!/usr/bin/python3
"""Requests with a million paths, with ten million calls, and with more paths than memory is set for."""
import marshal
import os
import pathlib
import re
import sys
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from server import Server  # noqa: E402
import tap  # noqa: E402

PROGRAM = os.environ["BUILD"] + "/tests/profiler/middleware/shapes_app"
MIB = 1 << 20


def peak_memory(server):
    status = pathlib.Path(f"/proc/{server.worker}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024


def record(server, target):
    """The dump of one request: function name -> (nc, cc)."""
    before, printed = len(server.prof_files()), len(server.reports())
    with urllib.request.urlopen(f"http://{server.host}:{server.port}{target}") as response:
        response.read()
    server.wait_for(lambda: len(server.prof_files()) > before and len(server.reports()) > printed)
    newest = max(server.prof_files(), key=lambda path: path.stat().st_mtime_ns)
    with open(newest, "rb") as file:
        stats = marshal.load(file)
        tree = marshal.load(file)
    return {key[2]: (value[1], value[0]) for key, value in stats.items()}, tree


def node_count(tree):
    return len(tree["node_function"]) // 4


def main():
    sanitized = b"__asan_init" in pathlib.Path(PROGRAM).read_bytes()
    with Server(PROGRAM) as server:
        idle = peak_memory(server)
        found, tree = record(server, "/paths/19")
        each = 2 ** 19 - 1
        tap.same((found["left"], found["right"]), ((each, 19), (each, 19)), "a million paths: counts")
        # and the root, the handler, and what it calls
        tap.ok(2 * each < node_count(tree) < 2 * each + 20, "a million paths: each has its node")
        tap.ok("(other)" not in found, "a million paths: none is folded")
        recorded = peak_memory(server) - idle
        tap.diag(f"a million paths: {recorded / MIB:.0f} MiB at most, report and dump included")
        if not sanitized:
            tap.ok(recorded < 256 * MIB, "a million paths: inside the bound, report and dump included")
        found, tree = record(server, "/count/10000000")
        tap.same(found["leaf_00"], (10000000, 10000000), "ten million calls: counts")
        tap.ok(node_count(tree) < 20, "ten million calls: few nodes")

    with Server(PROGRAM, PROFILE_MEMORY="1") as server:
        found, tree = record(server, "/paths/16")
        each = 2 ** 16 - 1
        tap.same((found["left"], found["right"]), ((each, 16), (each, 16)),
                 "past the bound: counts stay exact")
        tap.same(found.get("(other)"), (0, 0), "past the bound: a row (other)")
        tap.ok("(other)" in server.reports()[-1][1], "past the bound: (other) on the console")
        tap.ok(re.search(r"-{80}\n\n[^\n-]*\(other\)", server.console.read_text()),
               "past the bound: a line says so")
        tap.ok(node_count(tree) < MIB // 64, "past the bound: the tree is small")
    tap.done_testing()


main()
