#!/usr/bin/python3
"""TIMEOUT: the master ends the worker of a request that takes too long, and reports its profile and facts; streams
of short pulls, and debugged workers, go on."""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import workers  # noqa: E402
import limited  # noqa: E402
import tap  # noqa: E402

ITEMS = ",".join(map(str, range(1, 25)))
LIMIT = 1  # second: TIMEOUT
COARSE = 0.1  # seconds: reports have one digit, of a clock with ticks
# Traces without stopping, until its standard input ends.
TRACER = """
import ctypes, sys
PTRACE_SEIZE = 0x4206
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long] * 4
print(libc.ptrace(PTRACE_SEIZE, int(sys.argv[1]), 0, 0), flush=True)
sys.stdin.read()
"""


class Asking:
    """A request that is sent when this is made."""

    def __init__(self, server, target):
        self.sent = time.monotonic()
        self.answer = workers.ask(server, target)

    def may_have_taken(self, seconds):
        """Whether it may have ended after so many seconds. Call it once the log reports the end."""
        return LIMIT <= float(seconds) <= time.monotonic() - self.sent + COARSE


def planner():
    with tempfile.TemporaryDirectory() as folder:
        events = pathlib.Path(folder, "events")
        begin = time.time()
        with workers.start(workers.PLANNER, PROFILE="1", TIMEOUT=str(LIMIT),
                           ON_EVENT=f"cat >>{events}") as server:
            tap.same(workers.ask(server, "/healthz"), (200, "ok\n"), "planner: it responds")
            worker = server.worker
            plans = Asking(server, f"/plans?items={ITEMS}")
            tap.same(plans.answer, None, "planner: the client sees its connection closed")
            tap.same(workers.ask(server, "/healthz"), (200, "ok\n"), "the next request gets a response")
            tap.ok(workers.ended(worker), "the worker has ended")
            server.wait_for(lambda: events.exists() and events.read_text().endswith("\n"))
            server.wait_for(lambda: len(server.reports()) == 3)
            check_table(server, worker, plans)
            check_event(events.read_text(), worker, begin, plans)
            tap.ok(workers.log_has(server, rf"a request ran longer than TIMEOUT and worker {worker} is "
                                   r"replaced, in GET /plans\?items=1,2,.*, route /plans, handler plans"),
                   "the log reports the request")


def check_table(server, worker, plans):
    text = server.console.read_text(errors="replace")
    table = next(table for path, table in server.reports() if path == "'/plans'")
    rows = re.findall(r"^ *(\d+)(?:/(\d+))? .*\((\w+)\)$", table, re.M)
    expand = [row for row in rows if row[2] == "expand"]
    tap.ok(expand and int(expand[0][0]) > 1000 and expand[0][1] == "1",
           "the table has all calls of the function that did not end, one of them primitive")
    tap.ok("{request GET /plans}" in table, "the table has the request")
    end = re.search(rf"^{workers.RULE}\n\nkilled: SIGKILL after (\d+\.\d) s; open then, innermost first:\n"
                    r"(    .*\(heaviest\)\n)?    .*\(expand\), \d+ times\n    .*\(plan_by_trying\)\n(    .*\(respond\)\n)?"
                    r"    .*\(plans\)\n", text, re.M)
    tap.ok(end and plans.may_have_taken(end[1]), "below the table are the open functions")
    dump = workers.Dump(next(path for path in server.prof_files()
                             if path.name.startswith("GET.plans")))
    calls = [name for name in dump.stack() if name != "heaviest"]
    tap.same((calls[0], dump.facts["query"], dump.tree["pid"]),
             ("expand", f"items={ITEMS}", worker), "the dump has the open functions")
    tap.same(str(dump.calls("expand")), expand[0][0], "the dump has the same count")


def check_event(text, worker, begin, plans):
    event = json.loads(text)
    request = event.pop("request")
    handler = request.pop("handler")
    tap.ok(begin <= event.pop("time") <= time.time(), "the event has the time of the end")
    tap.ok(plans.may_have_taken(request.pop("elapsed")), "the event has the duration of the request")
    reason = re.fullmatch(r"killed: SIGKILL after (\d+\.\d) s", event.pop("reason"))
    tap.ok(reason and plans.may_have_taken(reason[1]), "the event has the reason")
    tap.same(event, {"event": "request_timeout", "pid": worker, "app": "planner", "signal": 9,
                     "exit_status": None}, "the event has the worker")
    tap.same(request, {"method": "GET", "target": f"/plans?items={ITEMS}", "route": "/plans"},
             "the event has the request")
    tap.ok(handler.pop("file").endswith("/apps/planner/main.c"), "the event has the file of the handler")
    tap.same(handler, {"function": "plans",
                       "line": workers.line_of("apps/planner/main.c", "static int plans(")},
             "the event has its function and line")


def read_all(connection):
    answer = b""
    while more := connection.recv(65536):
        answer += more
    return answer


def long_for_good_reason():
    with workers.start(TIMEOUT="2") as limit, workers.start(TIMEOUT="0") as without:
        worker, = workers.worker_pids(limit, 1)
        with limited.connect(limit) as stream, workers.send(without, "/sleep?ms=1500") as slow:
            stream.sendall(limited.request("/stream?chunks=42&pause=50",
                                           fields="Connection: close\r\n"))
            tap.same(read_all(stream).count(b"chunk\n"), 42,
                     "a stream of short pulls may last longer than TIMEOUT")
            tap.same(limited.read_answer(slow), (200, b"slept\n"), "TIMEOUT 0 sets no limit")
        tap.same((limit.worker, limited.log_lines(limit, "komori: .*")), (worker, []),
                 "no worker is lost")


def without_profile():
    with workers.start(TIMEOUT=str(LIMIT)) as server:
        worker, = workers.worker_pids(server, 1)
        hold = Asking(server, "/hold?steps=5")
        tap.same(hold.answer, None, "without PROFILE, TIMEOUT ends the worker too")
        line = workers.line_of(workers.APP, "static int hold_after_steps(")
        told = (rf"a request ran longer than TIMEOUT and worker {worker} is replaced, in GET "
                rf"/hold\?steps=5 \((\d+\.\d) s, route /hold, handler hold_after_steps at "
                rf"/\S+/{workers.APP}:{line}\)\n")
        workers.log_has(server, told)
        tap.ok(hold.may_have_taken(limited.log_lines(server, told)[0]), "the log has the handler")


def traced():
    counts = workers.Counts()
    with workers.start(TIMEOUT=str(LIMIT), COUNTS=counts.path) as server:
        worker, = workers.worker_pids(server, 1)
        with subprocess.Popen([sys.executable, "-c", TRACER, str(worker)], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True) as tracer:
            if tracer.stdout.readline() != "0\n":
                tap.ok(True, "a worker that is debugged # SKIP tracing is forbidden here")
                return
            with workers.send(server, "/hold"):
                tap.ok(workers.log_has(server, f"worker {worker} is being debugged: TIMEOUT waits"),
                       "TIMEOUT waits while a worker is debugged")
                tap.ok(not workers.ended(worker), "the worker lives")
                tracer.stdin.close()
                server.wait_for(lambda: workers.ended(worker))
        tap.same(len(limited.log_lines(server, "is being debugged")), 1, "the log says so once")
        tap.ok(workers.log_has(server, "ran longer than TIMEOUT"), "TIMEOUT holds once the debugger has gone")


workers.run(planner, long_for_good_reason, without_profile, traced)
