#!/usr/bin/python3
"""The access log has a line for each request that was lost with its worker."""
import os
import pathlib
import re
import signal
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import workers  # noqa: E402
import tap  # noqa: E402

FORMATS = {"common": "", "combined": ' "-" "-"'}


class Log:
    """A server with an access log."""

    def __init__(self, **options):
        self.folder = tempfile.TemporaryDirectory(prefix="komori-lost-requests-")
        self.path = pathlib.Path(self.folder.name, "access")
        self.counts = workers.Counts()
        options = {"ACCESS_LOG_FORMAT": "common", **options}
        self.server = workers.start(ACCESS_LOG=str(self.path), COUNTS=self.counts.path, **options)

    def lines(self, count):
        """The lines without their times, once there are so many."""
        def read():
            text = self.path.read_text()
            return text.count("\n") >= count and text
        return re.sub(r"\[.*?\]", "[TIME]", self.server.wait_for(read)).splitlines()

    def hang(self, target):
        """A connection whose request is in its handler."""
        self.counts.clear()
        connection = workers.send(self.server, target)
        self.server.wait_for(lambda: self.counts.holder)
        return connection

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.__exit__()
        self.folder.cleanup()


def lost():
    for name, fields in FORMATS.items():
        with Log(ACCESS_LOG_FORMAT=name) as log:
            tap.same(workers.ask(log.server, '/crash/exit?"'), None, f"{name}: a request whose worker exits")
            tap.same(log.lines(1), ['- - - [TIME] "GET /crash/exit?\\" HTTP/1.1" 502 -' + fields], "is logged with 502")


def timed_out():
    with Log(TIMEOUT="1") as log:
        tap.same(workers.ask(log.server, "/hold"), None, "a request that TIMEOUT ends")
        tap.same(log.lines(1), ['- - - [TIME] "GET /hold HTTP/1.1" 504 -'], "is logged with 504")


def idle():
    with Log() as log:
        worker, = workers.worker_pids(log.server, 1)
        lines = len(log.lines(1))
        os.kill(worker, signal.SIGKILL)
        workers.log_has(log.server, f"worker {worker} killed: SIGKILL; it was serving no request")
        tap.same(log.server.stop(), 0, "a worker that is lost without a request")
        tap.same([line for line in log.lines(lines) if "/pid" not in line], [], "has no line")


def several():
    with Log(THREADS="2", GRACEFUL_TIMEOUT="600") as log:
        with log.hang("/hold?1"), log.hang("/hold?2"):
            os.kill(log.counts.holder, signal.SIGKILL)
            tap.same(sorted(log.lines(2)), [f'- - - [TIME] "GET /hold?{i} HTTP/1.1" 502 -' for i in (1, 2)],
                     "each request of a worker with threads is logged")


def timed_out_on_a_thread():
    """The loop has sent 503 already."""
    with Log(THREADS="1", TIMEOUT="1") as log:
        answer = workers.ask(log.server, "/hold")
        tap.same(answer and answer[0], 503, "a request that times out on a thread")
        workers.log_has(log.server, "a request ran longer than TIMEOUT")
        tap.same(log.server.stop(), 0, "has a response,")
        tap.same([re.sub(r" \d+$", "", line) for line in log.lines(1)],
                 ['127.0.0.1 - - [TIME] "GET /hold HTTP/1.1" 503'], "and one line")


workers.run(lost, timed_out, idle, several, timed_out_on_a_thread)
