#!/usr/bin/python3
# builds: gcc
"""The layers of docs/architecture.md hold: a folder includes only from the folders that its CMakeLists.txt names
after USES, folders and files form no circle, and each folder compiles its own sources and nothing else."""
import collections
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import tap  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent
PUBLIC = [ROOT / "framework/include", ROOT / "profiler/include"]


def short(folder):
    """framework/server/loop is server/loop, as after USES."""
    return re.sub(r"^(framework|profiler)/", "", str(folder))


def read_folder(cmake):
    """(sources, uses) of the komori_folder(...) in a CMakeLists.txt, or None."""
    call = re.search(r"komori_folder\(([^)]*)\)", cmake.read_text())
    if not call:
        return None
    words = call.group(1).split()
    parts = collections.defaultdict(list)
    key = "SOURCES"
    for word in words:
        if word in ("USES", "LINKS"):
            key = word
        else:
            parts[key].append(word)
    return parts["SOURCES"], set(parts["USES"])


def sources_below():
    for top in ("framework", "profiler"):
        for path in sorted((ROOT / top).rglob("*")):
            if path.suffix in (".c", ".h", ".S"):
                yield path


def included(path):
    """The project's files that `path` includes."""
    for name in re.findall(r'^#\s*include [<"]([^>"]+)[>"]', path.read_text(errors="replace"), re.M):
        for base in [ROOT, *PUBLIC]:
            if (base / name).is_file():
                yield base / name
                break


def circles(graph):
    """The members of each circle of a graph, by Tarjan's strongly connected components."""
    index, low, stack, found = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in graph[node]:
            if other not in index:
                visit(other)
            if other in stack:
                low[node] = min(low[node], low[other])
        if low[node] == index[node]:
            ring = []
            while not ring or ring[-1] != node:
                ring.append(stack.pop())
            if len(ring) > 1 or node in graph[node]:
                found.append(sorted(map(str, ring)))

    sys.setrecursionlimit(10000)
    for node in list(graph):
        if node not in index:
            visit(node)
    return found


folders = {}
for cmake in sorted(ROOT.glob("framework/**/CMakeLists.txt")) + sorted(ROOT.glob("profiler/**/CMakeLists.txt")):
    read = read_folder(cmake)
    if read:
        folders[cmake.parent] = read

upward, elsewhere = [], []
files = collections.defaultdict(set)
for path in sources_below():
    for other in included(path):
        # A unit is a header with its source: what one includes, the other does as well.
        unit, other_unit = path.with_suffix(""), other.with_suffix("")
        if unit != other_unit:
            files[unit.relative_to(ROOT)].add(other_unit.relative_to(ROOT))
        if path.parent in folders and other.parent in folders and path.parent != other.parent and \
                short(other.parent.relative_to(ROOT)) not in folders[path.parent][1]:
            upward.append(f"{path.relative_to(ROOT)} includes {other.relative_to(ROOT)}")
for folder, (sources, _) in folders.items():
    for source in sources:
        if "/" in source and not source.startswith("${"):
            elsewhere.append(f"{folder.relative_to(ROOT)} compiles {source}")
    for path in folder.iterdir():
        if path.suffix in (".c", ".S") and path.name not in sources:
            elsewhere.append(f"{folder.relative_to(ROOT)} does not compile its {path.name}")
# Nor does anybody else compile them.
for cmake in ROOT.rglob("CMakeLists.txt"):
    if "build" not in cmake.relative_to(ROOT).parts[0]:
        for name in re.findall(r"\$\{PROJECT_SOURCE_DIR\}/((?:framework|profiler)/\S+\.c)\b", cmake.read_text()):
            elsewhere.append(f"{cmake.relative_to(ROOT)} compiles {name}")

arrows = {short(folder.relative_to(ROOT)): uses for folder, (_, uses) in folders.items()}
tap.ok(len(arrows) >= 20, f"{len(arrows)} folders say what they use")
tap.same([name for uses in arrows.values() for name in uses if name not in arrows], [], "which are folders")
tap.same(sorted(upward), [], "no file includes from a folder that its own does not use")
tap.same(circles(collections.defaultdict(set, arrows)), [], "folders form no circle")
tap.same(circles(files), [], "files form no circle")
tap.same(sorted(elsewhere), [], "each folder compiles its own sources, and nobody else does")
tap.done_testing()
