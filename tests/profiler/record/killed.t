#!/usr/bin/python3
"""A process killed at any instant of a recording: what is recovered equals what it counted itself."""
import io
import marshal
import os
import pathlib
import pstats
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
import tap  # noqa: E402

PROGRAM = os.environ["BUILD"] + "/tests/profiler/record/kill_rounds"
ROUNDS = {"leaves": 100, "recursion": 100, "library": 100, "paths": 100, "jumps": 100,
          "past-the-bound": 100, "signals": 60}


def read_noted(path):
    counts, stack = {}, []
    for line in path.read_text().splitlines():
        word, value = line.split()
        if word == "open":
            stack.append(value)
        else:
            counts[word] = int(value)
    return counts, stack


def short(label):
    return label[label.rfind("(") + 1:-1] if label.endswith(")") else label


def tree_stack(tree):
    """Ancestors of the open node, innermost first."""
    columns = [struct.unpack(f"<{len(tree[key]) // 4}I", tree[key]) for key in ("node_function", "node_parent")]
    node, found = tree["open_node"], []
    while True:
        found.append(tree["functions"][columns[0][node]][2])
        if node == 0:
            return found
        node = columns[1][node]


def faults(folder, number, shape):
    """Yields what is wrong with one recovered recording."""
    path = folder / f"{number}.prof"
    counts, noted = read_noted(folder / f"{number}.noted")
    with open(path, "rb") as file:
        rows, tree = marshal.load(file), marshal.load(file)
    recorded = {name: numbers[1] for (_, _, name), numbers in rows.items()}
    more = sum(recorded.get(name, 0) - count for name, count in counts.items())
    # A call is recorded before it notes itself; a handler may come between the two.
    handlers = shape == "signals"
    if not 0 <= more <= 1 + handlers or any(recorded.get(name, 0) < count for name, count in counts.items()):
        yield f"counts {recorded}, by hand {counts}"
    if shape == "library" and not 0 <= recorded["<built-in function getppid>"] - counts["leaf"] <= 1:
        yield f"getppid {recorded}"

    stack = []
    for line in (folder / f"{number}.stack").read_text().splitlines():
        name, _, times = line.strip().removesuffix(" times").partition(", ")
        stack += [short(name)] * int(times or 1)
    if stack and stack.pop() != "{profile}":
        yield f"stack without a root: {stack}"
    if stack:  # the shape's own function is not counted
        stack.pop()
    if shape == "library" and stack and stack[0].startswith("{"):
        stack.pop(0)
    outer, longer = min((stack, noted), (noted, stack), key=lambda pair: len(pair[0]))
    if shape == "jumps":  # frames that a longjmp left behind may still be there
        outer, longer = noted[1:], stack
    if not handlers and (outer != longer[len(longer) - len(outer):]
                         or (shape != "jumps" and len(longer) - len(outer) > 1)):
        yield f"stack {stack}, by hand {noted}"
    in_tree = [name for name in tree_stack(tree)[:-2] if name != "(other)" and "built-in" not in name]
    if in_tree != stack[len(stack) - len(in_tree):]:
        yield f"open node {in_tree}, stack {stack}"

    total = rows["~", 0, "<profile>"][3]
    own = sum(numbers[2] for numbers in rows.values())
    if abs(own - total) > 1e-9 * max(1, len(rows)) + 1e-6 * total:
        yield f"own times {own}, total {total}"
    if any(numbers[2] < -1e-12 or numbers[3] > total * 1.0000001 for numbers in rows.values()):
        yield f"times {rows}"
    out = io.StringIO()
    stats = pstats.Stats(str(path), stream=out)
    stats.files = []
    stats.sort_stats("calls", "nfl").print_stats()
    if out.getvalue() != (folder / f"{number}.stats").read_text():
        yield f"pstats prints {out.getvalue()}"


def main():
    for shape, rounds in ROUNDS.items():
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            subprocess.run([PROGRAM, shape, str(rounds), name], check=True)
            wrong = [f"round {number}: {fault}" for number in range(rounds)
                     for fault in faults(folder, number, shape)]
            if not tap.ok(not wrong, f"{shape}: {rounds} of {rounds} recovered"):
                tap.diag("\n".join(wrong[:5])[:4000])
    tap.done_testing()


main()
