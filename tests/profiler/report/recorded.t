#!/usr/bin/python3
"""Recordings of many shapes: stats, callers and callees are what pstats prints for the dump."""
import io
import os
import pathlib
import pstats
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
import tap  # noqa: E402

PROGRAM = os.environ["BUILD"] + "/tests/profiler/report/record_shapes"
SHAPES = ("recursion", "mutual", "deep", "callback", "library", "nothing", "paths", "jumps")
# our option, pstats' arguments
SORTS = [("time,calls", ("time", "calls")), ("cumulative", ("cumulative",)), ("nfl", ("nfl",)),
         ("pcalls,stdname", ("pcalls", "stdname")), ("", None)]
RESTRICTIONS = [("", ()), ("2", (2,)), (".5,fib|ping|built", (.5, "fib|ping|built"))]


def expected(path, listing, sort, restrictions):
    text = io.StringIO()
    stats = pstats.Stats(str(path), stream=text)
    stats.files = []
    if sort:
        stats.sort_stats(*sort)
    getattr(stats, listing)(*restrictions)
    return text.getvalue()


def main():
    with tempfile.TemporaryDirectory() as folder:
        for shape in SHAPES:
            for option, sort in SORTS:
                for restriction, arguments in RESTRICTIONS:
                    subprocess.run([PROGRAM, shape, folder, option, restriction], check=True)
                    base = pathlib.Path(folder, shape)
                    for kind in ("stats", "callers", "callees"):
                        tap.same(base.with_suffix("." + kind).read_text(),
                                 expected(base.with_suffix(".prof"), "print_" + kind, sort,
                                          arguments),
                                 f"{shape}: {kind} by '{option}', '{restriction}'")
        stats = pstats.Stats(str(pathlib.Path(folder, "paths.prof")))
        tap.ok(("~", 0, "(other)") in stats.stats, "past the bound there is a row (other)")
    tap.done_testing()


main()
