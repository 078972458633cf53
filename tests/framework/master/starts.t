#!/usr/bin/python3
"""The master delays starts of workers that cannot start, more and more; it replaces workers after MAX_REQUESTS
without a failed request."""
# builds: gcc asan
import os
import pathlib
import signal
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import workers  # noqa: E402
import limited  # noqa: E402
import tap  # noqa: E402

DELAYS = [0.1, 0.2, 0.4, 0.8]


class Starting:
    """A server that counts the starts of its workers, and whose workers can be made to fail."""

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
    """No delay is shorter than it should be, so the master forks once a delay."""
    tap.diag("gaps: " + ", ".join(f"{gap:.3f}" for gap in gaps))
    return all(gap >= delay for gap, delay in zip(gaps, DELAYS))


def hook_fails(starting):
    server = starting.server
    tap.ok(slower_and_slower(starting.gaps(4)), "a hook that fails: starts are delayed more and more")
    tap.ok(workers.log_has(server, r"the hook of km_on_worker_start returned 42\n", 4), "the log reports the hook")
    for number, delay in enumerate(DELAYS, 1):
        tap.ok(workers.log_has(server, "exited with status 1 before it served a request, number "
                               rf"{number} in a row; the next one starts in {delay} s\n"),
               f"the log reports the next start, number {number}")
    tap.same(limited.log_lines(server, ".*serving no request.*"), [], "the log reports each worker once")
    starting.broken.unlink()
    tap.same(workers.ask(server, "/pid")[0], 200, "once the cause is gone, a worker serves")


def hook_crashes(starting):
    server = starting.server
    tap.ok(slower_and_slower(starting.gaps(3)), "a hook that crashes: starts are delayed more and more")
    pid = starting.starts()[0][0]
    if workers.OWN_CRASHES:
        tap.ok(workers.log_has(server, rf"worker {pid} exited with status \d+ before it served a request"),
               "the log reports the crash")
    else:
        tap.ok(workers.log_has(server, rf"worker {pid} crashed: SIGSEGV in write_nowhere at \S+:\d+; it was serving "
                               "no request\n"), "the log reports the crash")
    starting.broken.unlink()
    tap.same(workers.ask(server, "/pid")[0], 200, "once the cause is gone, a worker serves")


def hook_fails_late(starting):
    server = starting.server
    tap.ok(workers.log_has(server, "exited with status 1 before it served a request, number 2 in a "
                           r"row; the next one starts in 0\.2 s\n"),
           "a hook that fails after more than a second delays starts too")


def others_are_well(starting):
    """Workers that serve do not end the delays of one that cannot start."""
    server = starting.server
    one, other = workers.worker_pids(server, 2)
    starting.broken.write_text("fail")
    os.kill(one, signal.SIGKILL)
    # Two before; the third follows at once because the worker before it had served.
    tap.ok(slower_and_slower(starting.gaps(4, after=2)),
           "a worker that cannot start beside one that serves: starts are delayed more and more")
    tap.same(int(workers.ask(server, "/pid")[1].split()[0]), other, "the other worker serves")


def max_requests():
    with workers.start(WORKERS="2", MAX_REQUESTS="50", MAX_REQUESTS_JITTER="20") as server:
        seen = set()
        with workers.Load(server, 8) as load:
            for _ in range(40):
                load.wait_for_answers(50)
                seen.update(pid for pid in load.pids if pid)
        tap.same(load.failures, [], "MAX_REQUESTS: no request fails")
        tap.ok(len(seen) >= 10, "MAX_REQUESTS: workers are replaced")
        tap.diag(f"{load.answers} answers, {len(seen)} workers seen")
        tap.same(limited.log_lines(server, "komori: .*"), [], "MAX_REQUESTS: the log reports no loss")


def graceful_timeout_behind_a_slow_handler():
    """GRACEFUL_TIMEOUT counts from the stop, and not from when the loop went into the last handler."""
    with workers.start(MAX_REQUESTS="1", GRACEFUL_TIMEOUT="3") as server:
        worker = server.worker
        server.wait_for(lambda: limited.open_sockets(server, worker) == 1)
        upload = limited.connect(server)
        upload.sendall(limited.request("/pid", "POST", "Content-Length: 3\r\n") + b"ab")
        server.wait_for(lambda: limited.open_sockets(server, worker) == 2)
        with workers.send(server, "/sleep?ms=3200") as last:
            tap.same(limited.read_answer(last), (200, b"slept\n"), "a slow request is the last one of a worker")
        server.wait_for(lambda: workers.state(worker) == "S")  # the loop has looked at its timers
        upload.sendall(b"c")
        answer = limited.read_answer(upload)
        tap.same(answer and answer[0], 405, "the request that was under way gets a response after it")
        upload.close()


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
               "when leaving workers take all slots, the log says so")
        os.kill(counts.holder, signal.SIGKILL)
        tap.same(workers.ask(server, "/pid")[0], 200, "a worker starts when one of them has ended")
        # The worker that answered leaves as well, and the master does not look at what leaves after a stop.
        tap.ok(workers.log_has(server, "no worker can be started", 2), "then the log says so again")
        for connection in held:
            connection.close()
        server.process.send_signal(signal.SIGINT)
        server.wait_for(lambda: limited.open_sockets(server, server.process.pid) == 0)
        server.process.send_signal(signal.SIGINT)
        tap.same(server.process.wait(tap.BOUND), 130, "a second SIGINT ends the workers that are left")


def starts_that_fail():
    with Starting("fail") as fails, Starting("segv") as crashes, Starting("late") as late, \
            Starting(WORKERS="2") as mixed:
        hook_fails(fails)
        hook_crashes(crashes)
        hook_fails_late(late)
        others_are_well(mixed)


workers.run(starts_that_fail, max_requests, graceful_timeout_behind_a_slow_handler, crowded)
