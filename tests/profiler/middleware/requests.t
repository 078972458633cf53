#!/usr/bin/python3
"""Every request leaves a table and a dump, and the table is what pstats prints for the dump."""
import io
import marshal
import os
import pathlib
import pstats
import re
import socket
import stat
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from server import Server  # noqa: E402
import tap  # noqa: E402

PROGRAM = os.environ["BUILD"] + "/tests/profiler/middleware/shapes_app"


def ask(server, head):
    """Sends the bytes of a request and returns all that comes back until the server closes."""
    with socket.create_connection((server.host, server.port), tap.BOUND) as connection:
        connection.sendall(head + b"Host: x\r\nConnection: close\r\n\r\n")
        response = b""
        while True:
            try:
                more = connection.recv(65536)
            except ConnectionResetError:
                return response
            if not more:
                return response
            response += more


def get(target, method="GET"):
    return f"{method} ".encode() + target + b" HTTP/1.1\r\n"


def pstats_text(path, sort, restrictions):
    text = io.StringIO()
    stats = pstats.Stats(str(path), stream=text)
    stats.files = []  # a live profile has no line for its file
    stats.sort_stats(*sort)
    stats.print_stats(*restrictions)
    return text.getvalue()


def counts(path):
    """Function name -> (nc, cc) of a dump."""
    with open(path, "rb") as file:
        return {key[2]: (value[1], value[0]) for key, value in marshal.load(file).items()}


# name, request, status line's number, PATH as Python prints it, calls by hand
SHAPES = [
    ("recursion", get(b"/fib/12"), 200, "'/fib/12'",
     {"fib": (465, 1), "recursion": (1, 1), "<request GET /fib/<int:n>>": (1, 1)}),
    ("mutual recursion", get(b"/mutual"), 200, "'/mutual'", {"ping": (51, 1), "pong": (50, 1)}),
    ("deep", get(b"/deep"), 200, "'/deep'", {"dive": (5001, 1)}),
    ("wide", get(b"/wide"), 200, "'/wide'",
     {f"leaf_{i}{k}": (3, 3) for i in range(6) for k in range(8)}),
    ("library calls only", get(b"/library"), 200, "'/library'",
     {"<built-in function random>": (1000, 1000), "<built-in function strtol>": (10, 10),
      "<built-in function km_textf>": (1, 1)}),
    ("streamed", get(b"/stream/30"), 200, "'/stream/30'",
     {"next_chunk": (31, 31), "make_chunk": (30, 30), "close_stream": (1, 1)}),
    ("stream that breaks", get(b"/broken"), 200, "'/broken'",
     {"broken_chunk": (3, 3), "next_chunk": (2, 2), "close_stream": (1, 1)}),
    ("error", get(b"/error"), 500, "'/error'", {"error": (1, 1), "fib": (15, 1)}),
    ("empty handler", get(b"/empty"), 500, "'/empty'", {"empty": (1, 1)}),
    ("HEAD", get(b"/fib/5", "HEAD"), 200, "'/fib/5'", {"fib": (15, 1)}),
    ("no such page", get(b"/nowhere"), 404, "'/nowhere'", {"<request GET (no route)>": (1, 1)}),
    ("wrong method", get(b"/empty", "PUT"), 405, "'/empty'", {"<request PUT /empty>": (1, 1)}),
    ("OPTIONS", get(b"/empty", "OPTIONS"), 204, "'/empty'", {"<request OPTIONS /empty>": (1, 1)}),
    ("UTF-8 path", get(b"/any/%E6%8E%A8%E6%B8%AC%20%C3%A9"), 200, repr("/any/推測 é"),
     {"any_path": (1, 1)}),
    ("quotes in the path", get(b"/any/it's%22"), 200, repr("/any/it's\""), {"any_path": (1, 1)}),
    ("escape sequences in the path", get(b"/any/%1B%5B2J%E2%80%AE%C2%9B"), 200,
     repr("/any/\x1b[2J\u202e\x9b"), {"any_path": (1, 1)}),
    ("a path that is no UTF-8", get(b"/any/%FF%C3"), 200, repr("/any/\udcff\udcc3"),
     {"any_path": (1, 1)}),
    ("a very long path", get(b"/any/" + b"long/" * 400), 200, repr("/any/" + "long/" * 400),
     {"any_path": (1, 1)}),
    ("a path that climbs", get(b"/any/..%2F..%2Fetc%2Fpasswd"), 200, None, {"any_path": (1, 1)}),
]

SETTINGS = [
    ({}, ("time", "calls"), ()),
    ({"PROFILE_SORT": "cumtime,name", "PROFILE_RESTRICTIONS": "5"}, ("cumtime", "name"), (5,)),
    ({"PROFILE_SORT": "nfl", "PROFILE_RESTRICTIONS": ".5,(leaf|fib|request)"}, ("nfl",),
     (.5, "(leaf|fib|request)")),
]


def check_shape(server, shape, sort, restrictions):
    name, request, status, path, expected = shape
    known, printed = set(server.prof_files()), len(server.reports())
    response = ask(server, request)
    try:
        server.wait_for(lambda: len(server.reports()) > printed
                        and len(server.prof_files()) > len(known))
    except TimeoutError:
        tap.ok(False, f"{name}: table and dump")
        return
    (dump,) = set(server.prof_files()) - known
    shown_path, table = server.reports()[-1]
    tap.same(response.split(b" ")[1:2], [str(status).encode()], f"{name}: status")
    if path:
        tap.same(shown_path, path, f"{name}: path on the console")
    found = counts(dump)
    tap.same({key: found.get(key) for key in expected}, expected, f"{name}: hand counts")
    tap.same(table, pstats_text(dump, sort, restrictions),
             f"{name}: the table is pstats' ({', '.join(sort)})")
    mode = stat.S_IMODE(dump.stat().st_mode)
    tap.ok(mode == 0o600 and len(dump.name.encode()) <= 255 and dump.parent == server.dumps,
           f"{name}: private file with a short name in its folder")


def main():
    for options, sort, restrictions in SETTINGS:
        with Server(PROGRAM, **options) as server:
            for shape in SHAPES:
                check_shape(server, shape, sort, restrictions)
            tap.same(server.stop(), 0, "SIGTERM ends it well")
            noise = [line for line in server.log.read_text().splitlines() if "http://" not in line]
            tap.same([re.match(r"komori: (GET \S+): ", line)[1] for line in noise],
                     ["GET /broken", "GET /error", "GET /empty"],
                     "a line on standard error for what failed, and no other")
    tap.done_testing()


main()
