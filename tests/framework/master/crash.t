#!/usr/bin/python3
"""Crashes: the log has the profiler's own stack before the worker ends; profile and facts follow, and the
worker ends by its own signal."""
import os
import pathlib
import re
import signal
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import workers  # noqa: E402
import limited  # noqa: E402
import tap  # noqa: E402

CRASHES = [("segv", signal.SIGSEGV, ["write_nowhere"]), ("bus", signal.SIGBUS, ["read_past_file"]),
           ("fpe", signal.SIGFPE, ["divide"]), ("overflow", signal.SIGSEGV, ["overflow"]),
           ("abort", signal.SIGABRT, [])]  # calls that do not return are not recorded


def once(names):
    """Folds calls of a function from itself into one."""
    return [name for i, name in enumerate(names) if i == 0 or names[i - 1] != name]


def described(stack):
    """The functions of a printed stack. A function that called itself many times appears once."""
    return [re.sub(r".*\((\w+)\)(, \d+ times)?$", r"\1", line.strip()) for line in stack.splitlines()]


def source(stack):
    """The program's file as the stack has it."""
    return re.search(r"^    (\S*worker_app\.c):", stack, re.M)[1]


def profiled(server, how, number, innermost):
    worker, = workers.worker_pids(server, 1)
    tap.same(workers.ask(server, f"/crash/{how}"), None, f"{how}: the connection is closed")
    server.wait_for(lambda: workers.ended(worker))
    server.wait_for(lambda: f"'/crash/{how}'" in [path for path, _ in server.reports()])
    by_signal = not workers.OWN_CRASHES or number == signal.SIGABRT
    outcome = f"killed: {number.name} after" if by_signal else "exited with status "
    server.wait_for(lambda: [path for path in server.prof_files() if how in path.name])
    dump = workers.Dump(next(path for path in server.prof_files() if how in path.name))
    tap.ok(dump.facts["outcome"].startswith(outcome), f"{how}: the dump has the end")
    tap.same(dump.facts["route"], "/crash/<how>", f"{how}: the dump has the route")
    tap.diag(dump.facts["outcome"])
    if not by_signal:
        tap.same(dump.stack()[-2:], ["crash", "crash_handler"], f"{how}: the dump has the open functions")
        return
    wanted = [*innermost, "crash", "crash_handler"]
    stack = once(dump.stack())
    tap.same([re.sub(r"<(.*)>", r"{\1}", name) for name in stack],
             [re.sub(r"<(.*)>", r"{\1}", name) for name in wanted], f"{how}: the dump has the open functions")
    line = workers.line_of(workers.APP, "static int crash_handler(")
    text = server.log.read_text()
    told = re.search(rf"^komori: worker {worker} crashed: {number.name}( in \w+)?(?: at \S+:\d+)?, in GET /crash/{how} "
                     rf"\(\d+\.\d s, route /crash/<how>, handler crash_handler at "
                     rf"/\S+/{workers.APP}:{line}\)\n((?:    .*\n)+)", text, re.M)
    tap.ok(told, f"{how}: the log has the request and the handler") or tap.diag(text)
    if told:
        tap.same(described(told[2])[:-1], wanted, f"{how}: the log has the stack")
        tap.ok(re.search(rf"^    \S*worker_app\.c:{line}\(crash_handler\)$", told[2], re.M),
               f"{how}: the stack has file and line")
        if how not in ("abort", "bus"):
            tap.same(told[1], f" in {innermost[0]}", f"{how}: the log has the function that crashed")
        if how == "segv":
            line = workers.line_of(workers.APP, "\t*nowhere = ")
            tap.ok(f" in write_nowhere at {source(told[2])}:{line}, in GET" in text, f"{how}: the log has the line that crashed")


def with_profile():
    with tempfile.TemporaryDirectory() as folder:
        hooks = pathlib.Path(folder, "hooks")
        with workers.start(PROFILE="1", PROFILE_FILENAME="{path}.prof", HOOKS=str(hooks)) as server:
            for row in CRASHES:
                profiled(server, *row)
            server.wait_for(lambda: hooks.exists() and len(hooks.read_text().splitlines()) == 5)
            ends = [line.split("\t") for line in hooks.read_text().splitlines()]
            tap.same([(int(end[3]), int(end[4]) > 0) for end in ends],
                     [(0, True) if workers.OWN_CRASHES and number != signal.SIGABRT
                      else (int(number), False) for _, number, _ in CRASHES],
                     "the worker ends by its own signal")
            tap.same(workers.ask(server, "/pid")[0], 200, "the server still serves")
            tap.same(workers.ask(server, "/crash/exit"), None, "exit: the connection is closed")
            tap.ok(workers.log_has(server, r"exited with status 3, in GET /crash/exit \("),
                   "exit: the log has the status")
            server.wait_for(lambda: [path for path in server.prof_files() if "exit" in path.name])
            dump = workers.Dump(next(path for path in server.prof_files() if "exit" in path.name))
            tap.ok(dump.facts["outcome"].startswith("exited with status 3 after"),
                   "exit: the dump has the status")


def native_stack(server, how, number):
    """The functions and the lines of the stack that is printed without the profiler."""
    worker, = workers.worker_pids(server, 1)
    tap.same(workers.ask(server, f"/crash/{how}"), None, f"{how} without PROFILE: the connection is closed")
    line = workers.line_of(workers.APP, "static int crash_handler(")
    begin = (rf"worker {worker} crashed: {number.name}( in \w+)?(?: at \S+:\d+)?, in GET /crash/{how} "
             rf"\(\d+\.\d s, route /crash/<how>, handler crash_handler at \S+:{line}\)\n")
    tap.ok(workers.log_has(server, begin), f"{how}: the log has the request and the handler")
    server.wait_for(lambda: workers.ended(worker))
    stack = re.search(begin + r"((?:    .*\n)*)", server.log.read_text())[2]
    tap.diag(stack)
    return described(stack.replace("{", "(").replace("}", ")")), stack


def without_profile():
    with workers.start() as server:
        caller = workers.line_of(workers.APP, "\tcrash(km_request_param(")
        for how, number, innermost in [*CRASHES, ("call", signal.SIGSEGV, ["call_nowhere"])]:
            if workers.OWN_CRASHES and number != signal.SIGABRT:
                continue
            functions, stack = native_stack(server, how, number)
            functions = once(functions)
            if how == "overflow":
                tap.same(functions, ["overflow", "..."], f"{how}: the inner end of the stack")
                continue
            if how == "abort":
                tap.same(functions[-2:], ["crash", "crash_handler"], f"{how}: the stack")
            else:
                tap.same(functions, [*innermost, "crash", "crash_handler"], f"{how}: the stack")
            tap.ok(re.search(rf"^    /\S*/{workers.APP}:{caller}\(crash_handler\)$", stack, re.M),
                   f"{how}: with the line of each call")
            if how == "segv":
                line = workers.line_of(workers.APP, "\t*nowhere = ")
                tap.ok(f"{workers.APP}:{line}(write_nowhere)\n" in stack, "the stack has the line that crashed")
        worker, = workers.worker_pids(server, 1)
        server.wait_for(lambda: workers.children(server.process.pid) == [worker])
        log = server.log.read_text()
        status = "0" if workers.OWN_CRASHES else str(int(signal.SIGSEGV))
        tap.same(workers.ask(server, "/crash_child/segv"), (200, status + "\n"),
                 "a crashing child of a handler does not end the worker")
        tap.same((server.worker, re.findall("komori: worker .*", server.log.read_text()[len(log):])),
                 (worker, []), "the master reports nothing for such a child")


def without_sleds():
    if workers.OWN_CRASHES:
        return
    with workers.start(workers.PLAIN, PROFILE="1") as server:
        functions, _ = native_stack(server, "segv", signal.SIGSEGV)
        tap.same(once(functions)[:3], ["write_nowhere", "crash", "crash_handler"],
                 "with PROFILE and a program without sleds, the log still has the stack")


def own_handler():
    os.environ["OWN_HANDLER"] = "1"
    with workers.start() as server:
        del os.environ["OWN_HANDLER"]
        tap.same(workers.ask(server, "/crash/segv"), None, "a program's own handler: the connection is closed")
        tap.ok(workers.log_has(server, "the program's own handler\n"), "the handler runs")
        tap.ok(workers.log_has(server, "exited with status 7, in GET /crash/segv"),
               "the worker exits with the status of the handler")
        tap.same(limited.log_lines(server, "crashed"), [], "the master reports no crash")


workers.run(with_profile, without_profile, without_sleds, own_handler)
