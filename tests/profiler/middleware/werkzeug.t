#!/usr/bin/python3
"""The frame around the table is what Werkzeug's ProfilerMiddleware prints for the same path."""
# builds: gcc
import http.client
import io
import os
import pathlib
import re
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from server import Server  # noqa: E402

try:
    from werkzeug.middleware.profiler import ProfilerMiddleware
except ImportError:
    print("1..0 # SKIP python3-werkzeug is not installed")
    sys.exit(0)
import tap  # noqa: E402

PROGRAM = os.environ["BUILD"] + "/tests/profiler/middleware/shapes_app"
# As file systems and we see them: bytes that are not UTF-8 are surrogates.
PATHS = ["/any/x", "/any/it's", '/any/it\'s "both"', "/any/back\\slash", "/any/\x1b[31m\t\n\x7f",
         "/any/\u63a8\u6e2c \xe9", "/any/\u202e\xad\u200b\U0001f987\U000e0001", "/any/\udcff\udcc3",
         "/nowhere/\u3000"]
NUMBERS = re.compile(r"[0-9]+")


def by_werkzeug(path):
    """Its report without the rows, all numbers as #."""
    text = io.StringIO()

    def application(environ, start_response):
        start_response("200 OK", [])
        return [b""]

    wrapped = ProfilerMiddleware(application, stream=text, restrictions=(1,))
    list(wrapped({"PATH_INFO": path, "REQUEST_METHOD": "GET"}, lambda *_: None))
    return text.getvalue()


def without_rows(report):
    lines = report.split("\n")
    row = next(i for i, line in enumerate(lines) if line.startswith("   ncalls")) + 1
    del lines[row]
    return [lines[1]] + [NUMBERS.sub("#", line) for line in lines[:1] + lines[2:]]


def main():
    with Server(PROGRAM, PROFILE_RESTRICTIONS="1") as server:
        seen = 0
        for path in PATHS:
            connection = http.client.HTTPConnection(server.host, server.port, timeout=tap.BOUND)
            connection.request("GET", urllib.parse.quote(os.fsencode(path)))
            connection.getresponse().read()
            connection.close()
            server.wait_for(lambda: len(server.reports()) > seen)
            with open(server.console, errors="surrogateescape", newline="") as console:
                ours = console.read()
            frame = re.compile("(?:^|(?<=\n\n))-{80}\nPATH: ")
            starts = [match.start() for match in frame.finditer(ours)]
            ours = ours[starts[-1]:]
            # Ours has a call or more: one line "List reduced" in both, or in none.
            theirs = [line for line in without_rows(by_werkzeug(path)) if "List reduced" not in line]
            found = [line for line in without_rows(ours) if "List reduced" not in line]
            tap.same(found, theirs, f"the frame for {path!a}")
            seen = len(server.reports())
    tap.done_testing()


main()
