#!/usr/bin/python3
"""A user's middleware works inside the profiler and around it; inside, it is profiled."""
import os
import pathlib
import sys
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from server import Server  # noqa: E402
import tap  # noqa: E402

PROGRAM = os.environ["BUILD"] + "/tests/profiler/middleware/order_app"


def main():
    for order, profiled in (("timing-inside", True), ("timing-outside", False)):
        with Server(PROGRAM, order, PROFILE="0") as server:
            with urllib.request.urlopen(f"http://{server.host}:{server.port}/") as response:
                timing = response.headers["Server-Timing"]
                tap.same(response.read(), b"answer\n", f"{order}: the response")
            tap.ok(timing and timing.startswith("app;dur="), f"{order}: the header")
            server.wait_for(server.reports)
            (_, table), = server.reports()
            tap.ok("(answer)" in table, f"{order}: the handler is profiled")
            # Its start_response is called by the application, so it is there in both.
            tap.ok("(start_response)" in table, f"{order}: so is what the application calls")
            tap.same("(call)" in table, profiled, f"{order}: and what lies inside, only that")
    tap.done_testing()


main()
