#!/usr/bin/python3
"""Workers that cannot start are started more and more slowly, and say why; workers are replaced after
MAX_REQUESTS without anybody noticing."""
import os
import pathlib
import signal
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import workers  # noqa: E402
import limited  # noqa: E402
import tap  # noqa: E402

DELAYS = [0.1, 0.2, 0.4, 0.8]


class Starting:
    """A server whose workers' starts are counted, and can be made to go wrong."""

    def __init__(self, how=None, **options):
        self.folder = tempfile.TemporaryDirectory(prefix="komori-starts-")
        self.broken = pathlib.Path(self.folder.name, "broken")
        self.file = pathlib.Path(self.folder.name, "starts")
        if how:
            self.broken.write_text(how)
        self.server = workers.start(BROKEN=str(self.broken), STARTS=str(self.file), **options)

    def starts(self):
        """(pid, seconds) of each."""
        lines = self.file.read_text().splitlines() if self.file.exists() else []
        return [(int(pid), int(ns) * 1e-9) for pid, ns in map(str.split, lines)]

    def gaps(self, count, after=0):
        """The seconds between so many starts, from the one with that index on."""
        self.server.wait_for(lambda: len(self.starts()) >= after + count + 1)
        times = [seconds for _, seconds in self.starts()][after:after + count + 1]
        return [later - earlier for earlier, later in zip(times, times[1:])]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.stop()
        self.folder.cleanup()


def slower_and_slower(gaps):
    """No delay is shorter than it is to be: then no more than one fork a delay was made."""
    tap.diag("gaps: " + ", ".join(f"{gap:.3f}" for gap in gaps))
    return all(gap >= delay for gap, delay in zip(gaps, DELAYS))


def hook_fails(starting):
    server = starting.server
    tap.ok(slower_and_slower(starting.gaps(4)), "a hook that fails: the starts are put off")
    tap.ok(workers.log_has(server, r"the hook of km_on_worker_start returned 42\n", 4), "the log says so")
    for number, delay in enumerate(DELAYS, 1):
        tap.ok(workers.log_has(server, "exited with status 1 before it served a request, number "
                               rf"{number} in a row; the next one starts in {delay} s\n"),
               f"and what comes next, number {number}")
    tap.same(limited.log_lines(server, ".*serving no request.*"), [], "once")
    starting.broken.unlink()
    tap.same(workers.ask(server, "/pid")[0], 200, "when the reason is gone it serves")


def hook_crashes(starting):
    server = starting.server
    tap.ok(slower_and_slower(starting.gaps(3)), "a hook that crashes: the starts are put off")
    pid = starting.starts()[0][0]
    if workers.OWN_CRASHES:
        tap.ok(workers.log_has(server, rf"worker {pid} exited with status \d+ before it served a request"),
               "the crash is logged")
    else:
        tap.ok(workers.log_has(server, rf"worker {pid} crashed: SIGSEGV in write_nowhere at \S+:\d+; it was serving "
                               "no request\n"), "the crash is logged")
    starting.broken.unlink()
    tap.same(workers.ask(server, "/pid")[0], 200, "when the reason is gone it serves")


def hook_fails_late(starting):
    server = starting.server
    tap.ok(workers.log_has(server, "exited with status 1 before it served a request, number 2 in a "
                           r"row; the next one starts in 0\.2 s\n"),
           "a hook that fails after more than a second counts too")


def others_are_well(starting):
    """Those that serve say nothing of the one that cannot."""
    server = starting.server
    one, other = workers.worker_pids(server, 2)
    server.wait_for(lambda: workers.now() * 1e-9 - starting.starts()[1][1] > 1.1)
    starting.broken.write_text("fail")
    os.kill(one, signal.SIGKILL)
    # Two before; the third follows at once because the worker before it had been of use.
    tap.ok(slower_and_slower(starting.gaps(4, after=2)),
           "a worker that cannot start beside one that serves: the starts are put off")
    tap.same(int(workers.ask(server, "/pid")[1].split()[0]), other, "the other one serves")


def max_requests():
    with workers.start(WORKERS="2", MAX_REQUESTS="50", MAX_REQUESTS_JITTER="20") as server:
        seen = set()
        with workers.Load(server, 8) as load:
            for _ in range(40):
                load.wait_for_answers(50)
                seen.update(pid for pid in load.pids if pid)
        tap.same(load.failures, [], "MAX_REQUESTS: no request fails")
        tap.ok(len(seen) >= 10, "and the workers change")
        tap.diag(f"{load.answers} answers, {len(seen)} workers seen")
        tap.same(limited.log_lines(server, "komori: .*"), [], "and no loss is reported")


def graceful_timeout_behind_a_slow_handler():
    """GRACEFUL_TIMEOUT counts from the stop, and not from when the loop went into the last handler."""
    with workers.start(MAX_REQUESTS="1", GRACEFUL_TIMEOUT="2") as server, \
            limited.connect(server) as upload:
        upload.sendall(limited.request("/pid", "POST", "Content-Length: 3\r\n") + b"ab")
        with workers.send(server, "/sleep?ms=2500") as last:
            tap.same(limited.read_answer(last), (200, b"slept\n"), "the last request of a worker")
        time.sleep(0.3)  # its end wakes the loop, which looks at its timers
        upload.sendall(b"c")
        answer = limited.read_answer(upload)
        tap.same(answer and answer[0], 405, "one that was under way is answered behind it")


def crowded():
    counts = workers.Counts()
    with workers.start(MAX_REQUESTS="1", THREADS="1", TIMEOUT="0", GRACEFUL_TIMEOUT="600",
                       COUNTS=counts.path) as server:
        held = []
        for _ in range(4):
            counts.clear()
            held.append(workers.send(server, "/hold?steps=1"))
            server.wait_for(lambda: counts.holder and limited.open_sockets(server, counts.holder) == 1)
        tap.ok(workers.log_has(server, "no worker can be started: 4 old ones still finish their requests"),
               "when all places are taken by workers on their way out the log says so")
        os.kill(counts.holder, signal.SIGKILL)
        tap.same(workers.ask(server, "/pid")[0], 200, "until one has ended")
        for connection in held:
            connection.close()
        server.process.send_signal(signal.SIGINT)
        server.wait_for(lambda: limited.open_sockets(server, server.process.pid) == 0)
        server.process.send_signal(signal.SIGINT)
        tap.same((server.process.wait(60), len(limited.log_lines(server, ".*no worker can be started.*"))), (130, 2),
                 "which it says each time")


def starts_that_fail():
    with Starting("fail") as fails, Starting("segv") as crashes, Starting("late") as late, \
            Starting(WORKERS="2") as mixed:
        hook_fails(fails)
        hook_crashes(crashes)
        hook_fails_late(late)
        others_are_well(mixed)


workers.run(starts_that_fail, max_requests, graceful_timeout_behind_a_slow_handler, crowded)
