"""Makes profiles, exports them, and reads them with pstats and the documented reader."""

import cProfile
import os
import pathlib
import pstats
import re
import subprocess
import sys
import tempfile
import textwrap

TESTS = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TESTS), str(TESTS / "profiler")]
import tap  # noqa: E402
import trees  # noqa: E402

KOMORI = os.environ["BUILD"] + "/apps/komori/komori"
RECORD = os.environ["BUILD"] + "/tests/profiler/report/record_shapes"
folder = tempfile.TemporaryDirectory()
documented = {}
exec(re.search(r"```python\n(.*?)```", (TESTS.parent / "docs/prof-format.md").read_text(), re.S).group(1), documented)

# Names that mean something to one format or another. One each: "\udcff" is a lone byte.
HOSTILE = [
    'a "quoted" name',
    "two\nlines\r\n",
    "\x01\x1b[31m\x7f",
    "</script><b>",
    "naïve_日本_\U0001f987",
    "\udcff\udc80 bytes",
    "semi;colon",
    "ends in 123",
    "(3) looks like a number",
    "back\\slash\\",
    "a,b,'c'",
    "=1+1",
    "calls=1 2",
    "x" * 5000,
    "<angled>",
    "%s%n{}",
    "::std::vector<int>::f(int)",
    " spaces ",
]


def path(name):
    return os.path.join(folder.name, name)


def dump(tree, name="a.prof"):
    with trees.Tool(tree) as tool:
        tool.dump(path(name))
    return path(name)


def record(shape):
    subprocess.run([RECORD, shape, folder.name, "", ""], check=True)
    return path(shape + ".prof")


def python_profile():
    """A dump of Python's own: it has no call tree."""
    recorder = cProfile.Profile()
    recorder.runcall(textwrap.fill, textwrap.__doc__ * 50)
    recorder.dump_stats(path("python.prof"))
    return path("python.prof")


def export(profile, form, *options):
    """The bytes it wrote, and its lines on standard error."""
    done = subprocess.run([KOMORI, "export", profile, "--to", form, *options], capture_output=True)
    if done.returncode:
        raise RuntimeError(f"{form}: {done.returncode}: {done.stderr}")
    return done.stdout, done.stderr.decode()


def export_file(profile, form, name):
    export(profile, form, "-o", path(name))
    return path(name)


def nanoseconds(seconds):
    return round(seconds * 1e9)


def rows(profile):
    """pstats' numbers: (file, line, name): (calls, primitive calls, tottime, cumtime), times in nanoseconds."""
    return {
        key: (nc, cc, nanoseconds(tt), nanoseconds(ct))
        for key, (cc, nc, tt, ct, _) in pstats.Stats(profile).stats.items()
    }


def paths(profile):
    """[functions from the root, calls, own nanoseconds, total nanoseconds], by the documented reader."""
    _, tree, root = documented["read_prof"](profile)
    scale, found, pending = tree["seconds_per_tick"] * 1e9, [], [(root, ())]
    while pending:
        node, above = pending.pop()
        here = above + (node["function"],)
        own = node["ticks"] - sum(child["ticks"] for child in node["children"])
        found.append((here, node["calls"], own * scale, node["ticks"] * scale))
        pending += [(child, here) for child in node["children"]]
    return found


def frame(function):
    """A function in a collapsed stack."""
    file, line, name = function
    if (file, line) != ("~", 0):
        return f"{name} ({file}:{line})"
    return "{" + name[1:-1] + "}" if name.startswith("<") and name.endswith(">") else name


def by_name(numbers, column):
    """One column of rows(), summed by name, for tools without files."""
    sums = {}
    for (_, _, name), row in numbers.items():
        sums[name] = sums.get(name, 0) + row[column]
    return sums


def near(found, wanted, slack):
    """Both have the same keys, and values no further apart than `slack`."""
    return found.keys() == wanted.keys() and all(abs(found[key] - wanted[key]) <= slack for key in wanted)


def same_numbers(found, wanted, name, slack=0):
    if not tap.ok(near(found, wanted, slack), name):
        for key in sorted(set(found) | set(wanted), key=str):
            if key not in found or key not in wanted or not near({key: found[key]}, {key: wanted[key]}, slack):
                tap.diag(f"{key!r:.100}: found {found.get(key)}, wanted {wanted.get(key)}")


def unique_tree(random, nodes, functions, **options):
    """Unique names, so that tools without files distinguish them."""
    return trees.random_tree(random, nodes, functions, name=lambda i: f"f{i}", **options)


def hostile_tree(random, nodes=300):
    return trees.random_tree(
        random,
        nodes,
        len(HOSTILE),
        name=lambda i: HOSTILE[i],
        file=lambda i: ["~", "/srv/a.c", HOSTILE[-i], '/srv/ü "x"\n.c'][i % 4],
    )
