#!/usr/bin/python3
"""Signals to the master under load: a new build replaces the program without a failed request, a broken one does
not; a stop completes responses, a second SIGINT does not; SIGUSR1 reopens logs."""
# builds: gcc asan
import collections
import os
import pathlib
import re
import shutil
import signal
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import workers  # noqa: E402
import limited  # noqa: E402
import tap  # noqa: E402

CLIENTS = 64


class Program:
    """A program file that tests replace."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="komori-reload-")
        self.path = pathlib.Path(self.folder.name, "app")
        self.build(workers.FIRST)

    def build(self, source):
        new = self.path.with_name("new")
        shutil.copy(source, new)
        new.rename(self.path)

    def write(self, script):
        self.path.write_text(script)
        self.path.chmod(0o755)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.folder.cleanup()


def word(server):
    answer = workers.ask(server, "/pid")
    return answer and answer[1].split()[1]


def reload_under_load():
    with Program() as program, workers.start(str(program.path), WORKERS="2") as server:
        master = server.process.pid
        with workers.Load(server, CLIENTS) as load:
            load.wait_for_answers(500)
            old = workers.children(master)
            program.build(workers.SECOND)
            server.process.send_signal(signal.SIGHUP)
            server.wait_for(lambda: all(workers.ended(pid) for pid in old))
            load.spread()  # no client reads a response of theirs any more
            first = load.words["first"]
            load.wait_for_answers(500)
        tap.same(load.failures, [], "SIGHUP: no request fails")
        tap.ok(load.words["second"] >= 500 and load.words["first"] == first,
               "only the new program responds once the old workers have ended")
        tap.same((server.process.poll(), server.process.pid), (None, master), "the process stays the same")
        tap.diag(f"{load.answers} answers: {load.words}")
        several_at_once(server)
        tap.same(server.stop(), 0, "the server exits with 0")


def several_at_once(server):
    """Reloads that come during another one are not lost, and end no process."""
    with workers.Load(server, 8) as load:
        for _ in range(20):
            server.process.send_signal(signal.SIGHUP)
            load.wait_for_answers(20)
        server.wait_for(lambda: len(server.log.read_text().split("Ctrl-C to stop")) > 3)
        load.wait_for_answers(100)
        server.wait_for(lambda: len(workers.children(server.process.pid)) == 2 and
                        len(workers.supervisors(server.process.pid)) == 1)
    tap.same(load.failures, [], "SIGHUP twenty times at once: no request fails")
    tap.same(server.process.poll(), None, "the master stays")


def broken_program():
    with Program() as program, workers.start(str(program.path)) as server:
        worker, = workers.worker_pids(server, 1)
        program.build("/bin/false")
        server.process.send_signal(signal.SIGHUP)
        tap.ok(workers.log_has(server, f"{program.path} does not start: exited with status 1; the old program keeps running\n"), "the log reports a program that exits")
        program.path.write_text("no program\n")
        workers.log_has(server, "the old program keeps running")
        server.process.send_signal(signal.SIGHUP)
        tap.ok(workers.log_has(server, "cannot run .*: Exec format error"), "the log reports a program that does not run")
        workers.log_has(server, "the old program keeps running", 2)
        program.path.unlink()
        server.process.send_signal(signal.SIGHUP)
        tap.ok(workers.log_has(server, "cannot run .*: No such file"), "the log reports a program that is missing")
        workers.log_has(server, "the old program keeps running", 3)
        program.write("#!/bin/sh\nulimit -c 0\nkill -ABRT $$\n")
        server.process.send_signal(signal.SIGHUP)
        tap.ok(workers.log_has(server, f"{program.path} does not start: killed: SIGABRT; the old program keeps running\n"), "the log reports a program that a signal ends")
        workers.log_has(server, "the old program keeps running", 4)
        tap.same((word(server), server.worker), ("first", worker), "the old program still serves")
        program.build(workers.SECOND)
        server.process.send_signal(signal.SIGHUP)
        server.wait_for(lambda: word(server) == "second")
        tap.ok(True, "a reload starts a program that works")


def by_itself():
    with Program() as program, workers.start(str(program.path), RELOAD="1") as server:
        tap.same(word(server), "first", "--reload: the program serves")
        program.build(workers.SECOND)
        server.wait_for(lambda: word(server) == "second")
        tap.ok(True, "--reload starts a new build")


def end_of_all_processes_under_load():
    """As a service manager does it, which signals all processes."""
    end_under_load(all_processes=True)


def end_under_load(all_processes=False):
    with workers.start(WORKERS="2") as server:
        with workers.Load(server, CLIENTS) as load:
            load.wait_for_answers(500)
            load.may_end = True
            pids = workers.children(server.process.pid) if all_processes else []
            for pid in [*pids, server.process.pid]:
                os.kill(pid, signal.SIGTERM)
            status = server.process.wait(tap.BOUND)
        name = "SIGTERM to all of its processes" if all_processes else "SIGTERM"
        tap.same(load.failures, [], f"{name}: each accepted request gets a response")
        tap.same(status, 0, f"{name}: the status is 0")
        tap.diag(f"{load.unaccepted} connections were never accepted")


def end_with_request_under_way():
    for number in (signal.SIGINT, signal.SIGTERM):
        counts = workers.Counts()
        with workers.start(COUNTS=counts.path) as server:
            with workers.send(server, "/wait") as connection:
                server.wait_for(lambda: counts.holder)
                workers.ask_until_refused(server, lambda: server.process.send_signal(number))
                counts.go()
                tap.same(limited.read_answer(connection), (200, f"{counts.holder} first\n".encode()),
                         f"{number.name}: the response under way is completed")
            tap.same(server.process.wait(tap.BOUND), 0, f"{number.name}: and the status is 0")


def end_with_many_waiting():
    """The kernel has made their connections, and no worker has accepted them."""
    with workers.start() as server:
        worker, = workers.worker_pids(server, 1)
        os.kill(worker, signal.SIGSTOP)
        waiting = [workers.send(server, "/pid") for _ in range(300)]
        server.process.terminate()
        os.kill(worker, signal.SIGCONT)
        answers = collections.Counter(status_of(connection) for connection in waiting)
        tap.same(dict(answers), {200: len(waiting)},
                 "SIGTERM: clients that wait to be accepted get responses")
        tap.same(server.process.wait(tap.BOUND), 0, "SIGTERM: the status is 0")


def status_of(connection):
    try:
        with connection:
            answer = limited.read_answer(connection)
    except ConnectionError:
        return None
    return answer and answer[0]


def end_after_reload():
    """The new program's workers have the sockets of the old one open."""
    counts = workers.Counts()
    with workers.start(COUNTS=counts.path) as server:
        old, = workers.worker_pids(server, 1)
        server.process.send_signal(signal.SIGHUP)
        server.wait_for(lambda: workers.ended(old))
        with workers.send(server, "/wait") as connection:
            server.wait_for(lambda: counts.holder)
            workers.ask_until_refused(server, server.process.terminate)
            tap.ok(True, "SIGTERM after SIGHUP: connections are refused while a response is under way")
            counts.go()
            answer = limited.read_answer(connection)
            tap.ok(answer and answer[0] == 200, "SIGTERM after SIGHUP: the response is completed")
        tap.same(server.process.wait(tap.BOUND), 0, "SIGTERM after SIGHUP: the status is 0")


def interrupted_twice():
    counts = workers.Counts()
    with workers.start(PROFILE="1", GRACEFUL_TIMEOUT="600", COUNTS=counts.path) as server:
        with workers.send(server, "/hold?steps=3"):
            server.wait_for(lambda: counts.holder)
            server.process.send_signal(signal.SIGINT)
            server.wait_for(lambda: limited.open_sockets(server, server.process.pid) == 0)
            tap.same(server.process.poll(), None, "SIGINT waits for a handler that hangs")
            begin = workers.now()
            server.process.send_signal(signal.SIGINT)
            tap.same(server.process.wait(tap.BOUND), 130, "a second SIGINT does not wait")
            tap.diag(f"after {(workers.now() - begin) / 1e9:.3f} s")
        text = server.console.read_text()
        tap.ok(re.search(r"killed: SIGKILL after .*\n    .*\(hold\)\n", text),
               "the request that hung leaves its profile")
        tap.ok(workers.ended(counts.holder), "no worker is left")


def logs():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        files = [folder / "access", folder / "profiles"]
        with workers.start(WORKERS="2", PROFILE="1", ACCESS_LOG=str(files[0]),
                           PROFILE_STREAM=str(files[1])) as server:
            workers.worker_pids(server, 2)
            old = [path.rename(folder / (path.name + ".1")) for path in files]
            server.process.send_signal(signal.SIGUSR1)
            server.wait_for(lambda: all(path.exists() for path in files))
            # Both workers have opened them, once both descriptors lead there.
            def opened():
                held = [set(limited.links(pid)) for pid in workers.children(server.process.pid)]
                return all({str(path) for path in files} <= paths and
                           not {str(path) for path in old} & paths for paths in held)
            server.wait_for(opened)
            sizes = [path.stat().st_size for path in old]
            workers.worker_pids(server, 2)
            server.wait_for(lambda: all(path.stat().st_size for path in files))
            tap.ok("GET /pid" in files[0].read_text(), "SIGUSR1 reopens the access log")
            tap.ok("PATH: '/pid'" in files[1].read_text(), "SIGUSR1 reopens the file of profiles")
            os.kill(server.worker, signal.SIGKILL)
            tap.same([path.stat().st_size for path in old], sizes, "the old files do not change")


workers.run(reload_under_load, broken_program, by_itself, end_under_load, end_of_all_processes_under_load,
            end_with_request_under_way, end_with_many_waiting, end_after_reload, interrupted_twice, logs)
