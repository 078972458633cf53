#!/usr/bin/python3
"""Workers of a program that was replaced (SIGHUP) while they served: their requests are limited, finished and
reported as before, and nothing is left when the last worker has ended."""
# builds: gcc asan
import json
import os
import pathlib
import re
import signal
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import workers  # noqa: E402
import limited  # noqa: E402
import tap  # noqa: E402

CLIENTS = 64
SHORT_CALL = 10_000_000  # nanoseconds, as framework/master has it
RELOADS = 6
SLACK = 0.02  # seconds: the master reads a clock with ticks


def reload(server, count=1):
    """Returns when the new program runs, `count` reloads after the first start."""
    server.process.send_signal(signal.SIGHUP)
    workers.log_has(server, "Ctrl-C to stop", count + 1)


class Old:
    """A server with a request of the program that is replaced next."""

    def __init__(self, target, **options):
        self.folder = tempfile.TemporaryDirectory(prefix="komori-old-programs-")
        self.counts = workers.Counts()
        self.hook_calls = pathlib.Path(self.folder.name, "hooks")
        self.events = pathlib.Path(self.folder.name, "events")
        self.server = workers.start(COUNTS=self.counts.path, HOOKS=str(self.hook_calls),
                                    ON_EVENT=f"cat >>{self.events}", **options)
        self.profiled = options.get("PROFILE") == "1"
        self.connection, self.worker = self.hang(target)

    def hang(self, target):
        """(connection, worker that serves it). The request began after `sent`, its handler's function no
        more than `late` seconds later."""
        self.counts.clear()
        self.sent = time.monotonic()
        connection = workers.send(self.server, target)
        self.server.wait_for(lambda: self.counts.holder)
        self.late = time.monotonic() - self.sent
        return connection, self.counts.holder

    def new_worker(self, *others):
        """The worker that serves once the old ones take no connection: with PROFILE a loop goes on beside
        the handler, and closes its listening socket when it stops."""
        def closed():
            return all(limited.open_sockets(self.server, pid) <= 1 for pid in (self.worker, *others))
        if self.profiled:
            self.server.wait_for(closed)
        return int(workers.ask(self.server, "/pid")[1].split()[0])

    def hooks(self, count):
        """(hook, pid, reason) of each call."""
        self.server.wait_for(lambda: self.hook_calls.exists() and
                             self.hook_calls.read_text().count("\n") >= count)
        return [tuple(line.split("\t")[:3]) for line in self.hook_calls.read_text().splitlines()]

    def event(self):
        self.server.wait_for(lambda: self.events.exists() and self.events.read_text().endswith("\n"))
        return json.loads(self.events.read_text())

    def dump(self, name):
        def found():
            return [path for path in self.server.prof_files() if name in path.name]
        return workers.Dump(self.server.wait_for(found)[0])

    def settled(self, count=1):
        """Waits until one supervisor and so many workers are left."""
        master = self.server.process.pid
        self.server.wait_for(lambda: len(workers.children(master)) == count and
                             len(workers.supervisors(master)) == 1 and
                             not any(map(workers.ended, workers.children(master))))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()
        self.server.__exit__()
        self.folder.cleanup()


def ended_early(pid, sent, limit):
    """Whether it has ended before the TIMEOUT of a request that was sent then."""
    return workers.ended(pid) and time.monotonic() - sent < limit


def end_of(connection):
    """Reads until the connection ends."""
    try:
        return connection.recv(65536)
    except ConnectionResetError:
        return b""


def timeout():
    with Old("/hold?steps=7", PROFILE="1", TIMEOUT="2", GRACEFUL_TIMEOUT="600") as old:
        reload(old.server)
        other = old.new_worker()
        tap.ok(other != old.worker and not ended_early(old.worker, old.sent, 2),
               "the new program serves while a worker of the old one hangs")
        tap.same(end_of(old.connection), b"", "which ends at its TIMEOUT")
        most = time.monotonic() - old.sent
        tap.ok(workers.log_has(old.server, f"a request ran longer than TIMEOUT and worker {old.worker} "
                               r"is replaced, in GET /hold\?steps=7 \(\d+\.\d s, route /hold, handler "
                               "hold_after_steps at "), "the log has its line")
        dump = old.dump("hold")
        most = time.monotonic() - old.sent  # the profile ends when the master notices the end of the worker
        tap.same((dump.stack(), dump.calls("step"), dump.tree["pid"]),
                 (["hold", "hold_after_steps"], 7, old.worker), "its profile is written")
        tap.ok(re.fullmatch(r"killed: SIGKILL after \d+\.\d s", dump.facts["outcome"]), "the profile has the outcome")
        tap.ok(2 - old.late - SLACK <= dump.seconds("hold") <= most + SLACK, "the profile has the time in the handler")
        reason = dump.facts["outcome"]
        tap.same(old.hooks(2), [("timeout", str(old.worker), reason), ("lost", str(old.worker), reason)],
                 "both hooks run")
        tap.same([path for path, _ in old.server.reports()].count("'/hold'"), 1,
                 "its table is printed once")
        event = old.event()
        tap.same((event["event"], event["pid"], event["request"]["target"]),
                 ("request_timeout", old.worker, "/hold?steps=7"), "ON_EVENT's command gets the event")
        old.settled()
        tap.same(workers.children(old.server.process.pid), [other], "nothing but the new worker is left")
        tap.same(old.server.stop(), 0, "and the program exits with 0")


def crash():
    with Old("/crash/segv?wait=1", PROFILE="1") as old:
        reload(old.server)
        old.counts.go()
        tap.same(end_of(old.connection), b"", "a worker of the old program crashes")
        dump = old.dump("crash.segv")
        if workers.OWN_CRASHES:
            tap.ok(dump.facts["outcome"].startswith("exited with status"), "is reported with its end")
        else:
            tap.ok(workers.log_has(
                old.server, rf"worker {old.worker} crashed: SIGSEGV in write_nowhere at \S+:\d+, in GET "
                r"/crash/segv\?wait=1 \(.*\n    .*\(write_nowhere\)\n    .*\(crash\)\n    "
                r".*\(crash_handler\)\n"), "prints the stack")
            tap.same(dump.stack(), ["write_nowhere", "crash", "crash_handler"], "and is reported")
        tap.same([call[:2] for call in old.hooks(1)], [("lost", str(old.worker))], "once")
        old.settled()
        tap.same(workers.ask(old.server, "/pid")[0], 200, "the new program serves")


def kill():
    with Old("/hold?steps=5", PROFILE="1") as old:
        reload(old.server)
        os.kill(old.worker, signal.SIGKILL)
        dump = old.dump("hold")
        tap.same((dump.stack(), dump.calls("step")), (["hold", "hold_after_steps"], 5),
                 "an old worker that is killed leaves its profile")
        tap.ok(workers.log_has(old.server, rf"worker {old.worker} killed: SIGKILL, in GET /hold\?steps=5 "),
               "and its line")
        tap.same(limited.log_lines(old.server, "the next one starts"), [], "no worker takes its place")
        old.settled()


def without_interruption():
    with Old("/doze?ms=1500") as old:
        # Calls shorter than SHORT_CALL may be woken.
        old.server.wait_for(lambda: workers.now() - old.counts.in_hold_ns > 2 * SHORT_CALL)
        reload(old.server)
        tap.same(limited.read_answer(old.connection), (200, b"slept\n"),
                 "a handler that sleeps is not woken, and responds")
        old.settled()
        tap.same((old.hook_calls.exists(), limited.log_lines(old.server, "komori: worker.*")), (False, []),
                 "its worker's end is no loss")


def graceful_timeout():
    with Old("/hold?steps=3", TIMEOUT="0", GRACEFUL_TIMEOUT="1") as old:
        reload(old.server)
        tap.same(end_of(old.connection), b"", "what takes longer than GRACEFUL_TIMEOUT ends")
        tap.ok(workers.log_has(old.server, f"worker {old.worker} is killed: it did not stop within GRACEFUL_TIMEOUT"),
               "which the log has")
        tap.same([call[:2] for call in old.hooks(1)], [("lost", str(old.worker))], "and is reported")
        old.settled()


def again_while_some_finish():
    """Three programs: a worker of the first hangs, one of the second finishes, and the third serves."""
    with Old("/hold?steps=2", PROFILE="1", TIMEOUT="4", GRACEFUL_TIMEOUT="600") as old:
        reload(old.server)
        old.new_worker()
        sent = old.sent
        waiting, second = old.hang("/wait")
        reload(old.server, 2)
        third = old.new_worker(second)
        tap.same(len({old.worker, second, third}), 3, "a second SIGHUP while old workers finish")
        tap.same((ended_early(old.worker, sent, 4), workers.ended(second), workers.ended(third)), (False,) * 3,
                 "ends none of them")
        old.counts.go()
        tap.same(limited.read_answer(waiting), (200, f"{second} first\n".encode()),
                 "the second program's request is finished")
        old.server.wait_for(lambda: workers.ended(second))
        tap.same(end_of(old.connection), b"", "the request of the first program ends at its TIMEOUT")
        tap.same(old.dump("hold").stack(), ["hold", "hold_after_steps"], "its profile is written")
        tap.same([call[:2] for call in old.hooks(2)],
                 [("timeout", str(old.worker)), ("lost", str(old.worker))], "reported once")
        old.settled()
        tap.same(workers.children(old.server.process.pid), [third], "only the worker of the third program is left")
        waiting.close()


def end_while_some_finish():
    for number, status, seconds in (signal.SIGTERM, 0, "1"), (signal.SIGINT, 130, "600"):
        with Old("/hold?steps=2", PROFILE="1", TIMEOUT="0", GRACEFUL_TIMEOUT=seconds) as old:
            reload(old.server)
            old.server.process.send_signal(number)
            if number == signal.SIGINT:
                old.server.wait_for(
                    lambda: limited.open_sockets(old.server, old.server.process.pid) == 0)
                old.server.process.send_signal(number)
            tap.same(old.server.process.wait(tap.BOUND), status, f"{number.name} while an old worker hangs")
            tap.same((workers.ended(old.worker), old.dump("hold").stack()),
                     (True, ["hold", "hold_after_steps"]), "writes the profile of its request")


def master_killed():
    if workers.THREAD_SANITIZED:
        raise workers.NotUnderThreadSanitizer
    with Old("/hold?steps=1", GRACEFUL_TIMEOUT="1", PROFILE="0") as old:
        reload(old.server)
        old.new_worker()
        master = old.server.process.pid
        pids = workers.children(master) + workers.supervisors(master)
        tap.same(len(pids), 4, "two workers and their supervisors")
        old.server.process.kill()
        old.server.process.wait(tap.BOUND)
        old.server.wait_for(lambda: all(map(workers.ended, pids)))
        tap.ok(True, "all of them end when the master is killed")


def supervisor_killed():
    with Old("/wait", GRACEFUL_TIMEOUT="600") as old:
        reload(old.server)
        old.new_worker()
        first, second = workers.supervisors(old.server.process.pid)
        os.kill(first, signal.SIGKILL)
        tap.ok(workers.log_has(old.server, f"process {first}, which supervised workers, was lost: killed: SIGKILL"),
               "the log has the loss of an old supervisor")
        old.counts.go()
        tap.same(limited.read_answer(old.connection), (200, f"{old.worker} first\n".encode()),
                 "its worker finishes its request")
        old.server.wait_for(lambda: workers.ended(old.worker))
        old.settled()
        os.kill(second, signal.SIGKILL)
        tap.ok(workers.log_has(old.server, f"process {second}, which supervised workers, was lost: killed: SIGKILL"),
               "the log has the loss of the supervisor that serves")
        workers.log_has(old.server, "Ctrl-C to stop", 3)
        tap.same(workers.ask(old.server, "/pid")[0], 200, "the program serves again")
        old.settled()
        tap.same(old.server.stop(), 0, "and exits with 0")


def program_that_is_gone():
    with tempfile.TemporaryDirectory() as folder:
        program = pathlib.Path(folder, "app")
        program.symlink_to(workers.FIRST)
        with workers.start(str(program), PROFILE="1", TIMEOUT="2") as server:
            master = server.process.pid
            worker, = workers.worker_pids(server, 1)
            before = workers.descriptors(master)
            program.unlink()
            server.process.send_signal(signal.SIGHUP)
            tap.ok(workers.log_has(server, "cannot run .*: No such file or directory"),
                   "a program that cannot be run")
            workers.log_has(server, "the old program keeps running")
            tap.same((workers.children(master), len(workers.supervisors(master)), workers.descriptors(master)),
                     ([worker], 1, before), "leaves everything as it was")
            tap.same(workers.ask(server, "/hold?steps=1"), None, "TIMEOUT holds")
            tap.same(len(workers.Dump(server.wait_for(
                lambda: [path for path in server.prof_files() if "hold" in path.name])[0]).stack()), 2,
                     "and the profile of what it ends is written")


def many_times():
    """What each reload leaves in the master."""
    counts, measured = workers.Counts(), []
    with workers.start(COUNTS=counts.path, PROFILE="1", PROFILE_STREAM="off",
                       PROFILE_FILENAME="{path}.{time:.6f}.prof") as server:
        master = server.process.pid

        def holds():
            return [path for path in server.prof_files() if path.name.startswith("hold")]

        for count in range(1, RELOADS + 1):
            counts.clear()
            with workers.send(server, "/hold?steps=1"):
                server.wait_for(lambda: counts.holder)
                reload(server, count)
                server.wait_for(lambda: limited.open_sockets(server, counts.holder) == 1)
                workers.ask(server, "/pid")
                os.kill(counts.holder, signal.SIGKILL)
                server.wait_for(lambda: len(holds()) == count)
                server.wait_for(lambda: len(workers.children(master)) == 1 and
                                len(workers.supervisors(master)) == 1)
            measured.append(workers.descriptors(master))
        tap.same(set(measured), {measured[0]}, f"{RELOADS} reloads leave no descriptor in the master")
        tap.same(len(holds()), RELOADS, "and no profile is lost")


def logs():
    """SIGUSR1 reaches old supervisors, which report their workers on PROFILE_STREAM."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "profiles")
        with Old("/hold?steps=1", PROFILE="1", PROFILE_STREAM=str(path)) as old:
            reload(old.server)
            old.new_worker()
            before = path.rename(folder + "/profiles.1")
            old.server.process.send_signal(signal.SIGUSR1)

            def opened():
                master = old.server.process.pid
                pids = workers.children(master) + workers.supervisors(master)
                held = [link for pid in pids for link in limited.links(pid)]
                return held.count(str(path)) == 4 and str(before) not in held
            old.server.wait_for(opened)
            os.kill(old.worker, signal.SIGKILL)
            old.server.wait_for(lambda: "PATH: '/hold'" in path.read_text())
            tap.ok("/hold" not in before.read_text(), "SIGUSR1: the profile of an old worker goes to the new file")


def profiled_load():
    with workers.start(WORKERS="2", PROFILE="1", PROFILE_STREAM="off") as server:
        with workers.Load(server, CLIENTS) as load:
            load.wait_for_answers(500)
            for count in range(1, 4):
                old = workers.children(server.process.pid)
                reload(server, count)
                server.wait_for(lambda: all(map(workers.ended, old)))
                load.wait_for_answers(500)
        tap.same(load.failures, [], f"SIGHUP three times, {CLIENTS} connections, PROFILE: no request fails")
        tap.diag(f"{load.answers} answers")
        tap.same(limited.log_lines(server, "komori: (?!SIGHUP: ).*"), [], "and nothing is reported")


workers.run(timeout, crash, kill, without_interruption, graceful_timeout, again_while_some_finish,
            end_while_some_finish, master_killed, supervisor_killed, program_that_is_gone, many_times,
            logs, profiled_load)
