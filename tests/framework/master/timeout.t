#!/usr/bin/python3
"""TIMEOUT: a request that takes too long loses its worker, and its profile and facts are reported; what
takes long for a good reason goes on."""
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
COARSE = 0.1  # seconds: one digit is printed, of a clock with ticks
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
        """Whether it may have been ended after so many seconds. Asked once its end is reported."""
        return LIMIT <= float(seconds) <= time.monotonic() - self.sent + COARSE


def planner():
    with tempfile.TemporaryDirectory() as folder:
        events = pathlib.Path(folder, "events")
        begin = time.time()
        with workers.start(workers.PLANNER, PROFILE="1", TIMEOUT=str(LIMIT),
                           ON_EVENT=f"cat >>{events}") as server:
            tap.same(workers.ask(server, "/healthz"), (200, "ok\n"), "planner: it serves")
            worker = server.worker
            plans = Asking(server, f"/plans?items={ITEMS}")
            tap.same(plans.answer, None, "planner: the client sees its connection closed")
            tap.same(workers.ask(server, "/healthz"), (200, "ok\n"), "the next request has a response")
            tap.ok(workers.ended(worker), "the worker is gone")
            server.wait_for(lambda: events.exists() and events.read_text().endswith("\n"))
            server.wait_for(lambda: len(server.reports()) == 3)
            check_table(server, worker, plans)
            check_event(events.read_text(), worker, begin, plans)
            tap.ok(workers.log_has(server, rf"a request ran longer than TIMEOUT and worker {worker} is "
                                   r"replaced, in GET /plans\?items=1,2,.*, route /plans, handler plans"),
                   "the log has its line")


def check_table(server, worker, plans):
    text = server.console.read_text(errors="replace")
    table = next(table for path, table in server.reports() if path == "'/plans'")
    rows = re.findall(r"^ *(\d+)(?:/(\d+))? .*\((\w+)\)$", table, re.M)
    expand = [row for row in rows if row[2] == "expand"]
    tap.ok(expand and int(expand[0][0]) > 1000 and expand[0][1] == "1",
           "the table has all calls of the function that did not end, one of them primitive")
    tap.ok("{request GET /plans}" in table, "and the request")
    end = re.search(rf"^{workers.RULE}\n\nkilled: SIGKILL after (\d+\.\d) s; open then, innermost first:\n"
                    r"(    .*\(heaviest\)\n)?    .*\(expand\), \d+ times\n    .*\(plan_by_trying\)\n(    .*\(answer\)\n)?"
                    r"    .*\(plans\)\n", text, re.M)
    tap.ok(end and plans.may_have_taken(end[1]), "below it stands what was open")
    dump = workers.Dump(next(path for path in server.prof_files()
                             if path.name.startswith("GET.plans")))
    calls = [name for name in dump.stack() if name != "heaviest"]
    tap.same((calls[0], dump.facts["query"], dump.tree["pid"]),
             ("expand", f"items={ITEMS}", worker), "the dump has it too")
    tap.same(str(dump.calls("expand")), expand[0][0], "with the same count")


def check_event(text, worker, begin, plans):
    event = json.loads(text)
    request = event.pop("request")
    handler = request.pop("handler")
    tap.ok(begin <= event.pop("time") <= time.time(), "the event has the time of the end")
    tap.ok(plans.may_have_taken(request.pop("elapsed")), "and the time that the request took")
    reason = re.fullmatch(r"killed: SIGKILL after (\d+\.\d) s", event.pop("reason"))
    tap.ok(reason and plans.may_have_taken(reason[1]), "and the reason")
    tap.same(event, {"event": "request_timeout", "pid": worker, "app": "planner", "signal": 9,
                     "exit_status": None}, "and the worker")
    tap.same(request, {"method": "GET", "target": f"/plans?items={ITEMS}", "route": "/plans"},
             "and the request")
    tap.ok(handler.pop("file").endswith("/apps/planner/main.c"), "and the file of the handler")
    tap.same(handler, {"function": "plans",
                       "line": workers.line_of("apps/planner/main.c", "static int plans(")},
             "with its function and line")


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
            tap.same(limited.read_answer(slow), (200, b"slept\n"), "TIMEOUT 0 has no limit")
        tap.same((limit.worker, limited.log_lines(limit, "komori: .*")), (worker, []),
                 "and nothing is lost")


def without_profile():
    with workers.start(TIMEOUT=str(LIMIT)) as server:
        worker, = workers.worker_pids(server, 1)
        hold = Asking(server, "/hold?steps=5")
        tap.same(hold.answer, None, "without PROFILE it is killed too")
        line = workers.line_of(workers.APP, "static int hold_after_steps(")
        told = (rf"a request ran longer than TIMEOUT and worker {worker} is replaced, in GET "
                rf"/hold\?steps=5 \((\d+\.\d) s, route /hold, handler hold_after_steps at "
                rf"/\S+/{workers.APP}:{line}\)\n")
        workers.log_has(server, told)
        tap.ok(hold.may_have_taken(limited.log_lines(server, told)[0]), "and the log says where it was")


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
                       "the limit of a worker that is debugged is suspended")
                tap.same(workers.state(worker), "R", "and it lives")
                tracer.stdin.close()
                server.wait_for(lambda: workers.ended(worker))
        tap.same(len(limited.log_lines(server, "is being debugged")), 1, "which is logged once")
        tap.ok(workers.log_has(server, "ran longer than TIMEOUT"), "until the debugger leaves")


workers.run(planner, long_for_good_reason, without_profile, traced)
