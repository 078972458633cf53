#!/usr/bin/python3
"""`komori stats` prints what Python's pstats prints for the same files, byte for byte."""
# builds: gcc asan

import io
import marshal
import os
import pathlib
import pstats
import random
import subprocess
import sys
import tempfile

tests = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(tests), str(tests / "profiler"), str(tests / "apps/komori")]
import python_dumps  # noqa: E402
import tap  # noqa: E402
import trees  # noqa: E402

KOMORI = os.environ["BUILD"] + "/apps/komori/komori"
SANITIZED = b"__asan_init" in pathlib.Path(KOMORI).read_bytes()  # and slow
KEYS = list(pstats.Stats.sort_arg_dict_default) + ["time,calls", "nfl,cumtime", "tot,cu,f"]
# The value of --limit, and what pstats is given for it.
LIMITS = [("3", 3), ("0", 0), ("0.25", 0.25), ("1e-05", 1e-05), ("built-in|_", "built-in|_"),
          (r"[a-z],?\d*\(", r"[a-z],?\d*\("), ("no such function", "no such function")]
LISTINGS = {"stats": [], "callers": ["--callers"], "callees": ["--callees"]}


def komori(*arguments):
    done = subprocess.run([KOMORI, "stats", *arguments], capture_output=True)
    return done.stdout.decode("utf-8", "surrogateescape") + done.stderr.decode()


def python(paths, listing="stats", sort="", limits=(), strip=False, reverse=False):
    out = io.StringIO()
    stats = pstats.Stats(*paths, stream=out)
    if strip:
        stats.strip_dirs()
    if sort:
        stats.sort_stats(*sort.split(","))
    if reverse:
        stats.reverse_order()
    getattr(stats, "print_" + listing)(*limits)
    return out.getvalue()


def requests():
    """(our options, keywords of python())."""
    for listing, option in LISTINGS.items():
        keys = KEYS if listing == "stats" else ["", "cumtime", "nfl"]
        for key in keys:
            for reverse in (False, True) if listing == "stats" else (False,):
                yield (option + ["--sort", key] * bool(key) + ["--reverse"] * reverse,
                       {"listing": listing, "sort": key, "reverse": reverse})
        for text, limit in LIMITS if listing == "stats" else LIMITS[::4]:
            yield option + [f"--limit={text}"], {"listing": listing, "limits": (limit,)}
        yield (option + ["--sort", "time", "--sort=name", "--limit", "_|<", "--limit", "0.7", "--limit", "9"],
               {"listing": listing, "sort": "time,name", "limits": ("_|<", 0.7, 9)})
        yield option + ["--strip-dirs"], {"listing": listing, "strip": True}
        yield (option + ["--strip-dirs", "--sort", "stdname", "--reverse", "--limit", "20"],
               {"listing": listing, "strip": True, "sort": "stdname", "reverse": True, "limits": (20,)})


def compare(name, paths, every=1):
    """`every` leaves out all but one in so many requests, others for each name."""
    differences = []
    for options, keywords in list(requests())[len(name) % every::every]:
        found, expected = komori(*options, *paths), python(paths, **keywords)
        if found != expected:
            differences.append((options, found, expected))
    if not tap.ok(not differences, name):
        options, found, expected = differences[0]
        tap.diag(f"{len(differences)} listings differ; the first is {options}")
        for left, right in zip(found.split("\n"), expected.split("\n")):
            if left != right:
                tap.diag(f"found:  {left!r}\nwanted: {right!r}")
                break
        else:
            tap.diag(f"found:  {found[-300:]!r}\nwanted: {expected[-300:]!r}")


def our_dumps(folder):
    rng = random.Random(11)
    hostile = ["", "'", "a\nb", "\x1b[2J", "<", "<>", "日本", "\udcff\udc80", "x\udce9", "\U0001f987", "%s%n", "a" * 3000]
    yield "random", trees.random_tree(rng, 3000, 200)
    yield "folders", trees.random_tree(rng, 500, 60, file=lambda i: rng.choice(["/a/x.c", "/b/x.c", "x.c", "/a/b/", "~"]),
                                       name=lambda i: f"f{i}")
    yield "hostile", trees.random_tree(rng, 300, len(hostile) - 1, file=lambda i: rng.choice(hostile),
                                       name=lambda i: hostile[i])
    yield "deep", trees.random_tree(rng, 20000, 9, "deep")
    yield "root alone", trees.Tree([("~", 0, "<profile>")], [(0, 0, 1, 5)])


def collisions(folder):
    """Lines apart from folders agree, so that strip_dirs merges rows, and callers within a row."""
    def numbers(i):
        return (i + 1, i + 2, i / 3, i / 7)

    functions = [(f"/{folder}/{file}.py", 1, name) for folder in "abc" for file in "xy" for name in ("f", "g", "/a/x")]
    rng = random.Random(4)
    stats = {f: (*numbers(i), {c: numbers(i + j) for j, c in enumerate(rng.sample(functions, 9))})
             for i, f in enumerate(functions)}
    stats.update({("jprofile", 0, "profiler"): (1, 1, 0.0, 2.5, {}),
                  ("~", 0, "<top>"): (1, 1, 0.125, -0.0625, {("jprofile", 0, "profiler"): (1, 1, 0.0005, 1e9)}),
                  ("~", -3, "<negative line>"): (0, 2**40, 0.0, -0.0, {("only a caller", 7, "x"): (2, 1, 0.1, 0.2)}),
                  ("", 5, "int times"): (1, 1, 3, 4, {})})
    with open(os.path.join(folder, "collisions.prof"), "wb") as file:
        marshal.dump(stats, file)
    return file.name


def main():
    with tempfile.TemporaryDirectory() as folder:
        paths = {}
        for name, path in [*python_dumps.dump_programs(folder), *python_dumps.dump_flask(folder)]:
            compare(name, [path], every=3 if SANITIZED else 1)
            paths[name] = path
        compare("callers without times", [python_dumps.dump_slow_profiler(folder)])
        compare("equal names in many folders", [collisions(folder)])
        for name, tree in our_dumps(folder):
            path = os.path.join(folder, name + ".prof")
            with trees.Tool(tree) as tool:
                tool.dump(path)
            compare(f"ours, {name}", [path])
            paths[name] = path
        added = [paths["json"], paths["re"], paths["flask.page"], paths["random"], paths["folders"]]
        compare("five files added up", added)
        compare("a file added to itself", [paths["re"]] * 2)
        compare("callers without times added", [os.path.join(folder, "profile.prof")] * 2)
        compare("equal names in many folders added", [os.path.join(folder, "collisions.prof"), paths["folders"]])
    tap.done_testing()


main()
