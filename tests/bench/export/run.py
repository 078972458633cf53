#!/usr/bin/env python3
"""What an export of a tree of a million nodes takes, in each format: seconds and peak memory.

usage: run.py KOMORI TREE_TOOL [NODES] [ROUNDS]
"""
import os
import random
import subprocess
import sys
import tempfile
import time

FORMATS = ("callgrind", "pprof", "collapsed", "speedscope", "chrome", "csv", "json", "pstats")

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../profiler"))


def make_profile(tree_tool, path, nodes):
    os.environ["BUILD"] = os.path.join(os.path.dirname(tree_tool), "../..")
    import trees

    tree = trees.random_tree(random.Random(1), nodes, 2000)
    with trees.Tool(tree) as tool:
        tool.dump(path)


def run(command):
    """Seconds, and the peak of resident memory in MiB."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command} ended with {process.returncode}")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def main():
    komori, tree_tool = sys.argv[1:3]
    nodes = int(sys.argv[3]) if len(sys.argv) > 3 else 1_000_000
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 3
    with tempfile.TemporaryDirectory() as folder:
        profile, out = os.path.join(folder, "a.prof"), os.path.join(folder, "out")
        # In a process of its own: what a process has used counts as used by those that it starts.
        maker = os.fork()
        if maker == 0:
            make_profile(tree_tool, profile, nodes)
            os._exit(0)
        if os.waitpid(maker, 0)[1]:
            sys.exit("no profile was made")
        print(
            f"{nodes} nodes, a .prof of {os.path.getsize(profile) / 2**20:.0f} MiB;" f" the fastest of {rounds} runs\n"
        )
        print(f"{'':12}{'seconds':>10}{'peak MiB':>10}{'file MiB':>10}")
        for name in FORMATS:
            runs = [run([komori, "export", profile, "--to", name, "-o", out]) for _ in range(rounds)]
            size = os.path.getsize(out) / 2**20
            print(
                f"{name:12}{min(seconds for seconds, _ in runs):10.2f}"
                f"{max(memory for _, memory in runs):10.0f}{size:10.1f}"
            )
        seconds, memory = min(run([komori, "tree", profile]) for _ in range(rounds))
        print(f"{'(tree)':12}{seconds:10.2f}{memory:10.0f}")
        seconds, memory = min(run([komori, "diff", profile, profile, "--by", "path"]) for _ in range(rounds))
        print(f"{'(diff)':12}{seconds:10.2f}{memory:10.0f}")


main()
