#!/usr/bin/python3
"""A program whose workers never start prints no address and exits with status 1; one that has served exits
with 0."""
import pathlib
import signal
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import workers  # noqa: E402
import limited  # noqa: E402
import tap  # noqa: E402

ADDRESS = r" \* worker_app on http://127\.0\.0\.1:\d+/ \(PROFILE off, pid (\d+)\) - Ctrl-C to stop\n"


def broken(folder):
    """A server whose workers fail to start, once two have failed."""
    path = pathlib.Path(folder, "broken")
    path.write_text("fail")
    server = workers.start(BROKEN=str(path))
    workers.log_has(server, "before it served a request, number 2 in a row")
    return server, path


def never():
    for number in signal.SIGTERM, signal.SIGINT:
        with tempfile.TemporaryDirectory() as folder:
            server, _ = broken(folder)
            with server:
                server.process.send_signal(number)
                tap.same((server.process.wait(tap.BOUND), limited.log_lines(server, ADDRESS)), (1, []),
                         f"{number.name}: a program whose workers never started exits with 1 and printed no address")


def late():
    with tempfile.TemporaryDirectory() as folder:
        server, path = broken(folder)
        with server:
            path.unlink()
            tap.ok(workers.log_has(server, ADDRESS), "the address is printed when a worker serves")
            tap.same(limited.log_lines(server, ADDRESS), [str(server.process.pid)], "once, with the pid of the master")
            tap.same(workers.ask(server, "/pid")[0], 200, "the worker serves")
            tap.same(server.stop(), 0, "then the status is 0")


def not_all():
    """One of two workers has ended, and the next one does not start."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "broken")
        with workers.start(WORKERS="2", BROKEN=str(path)) as server:
            workers.worker_pids(server, 2)
            path.write_text("fail")
            workers.ask(server, "/crash/exit")
            workers.log_has(server, "before it served a request, number 1 in a row")
            tap.same(server.stop(), 0, "a program with fewer workers than it wants has served")


def next_program():
    """A new program whose workers do not start."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "broken")
        with workers.start(BROKEN=str(path)) as server:
            worker, = workers.worker_pids(server, 1)
            path.write_text("fail")
            server.process.send_signal(signal.SIGHUP)
            workers.log_has(server, "before it served a request, number 2 in a row")
            tap.same((int(workers.ask(server, "/pid")[1].split()[0]), len(limited.log_lines(server, ADDRESS))),
                     (worker, 1), "the old program serves while workers of the new one do not start")
            server.process.send_signal(signal.SIGHUP)
            path.unlink()
            workers.log_has(server, ADDRESS, 2)
            server.wait_for(lambda: len(workers.supervisors(server.process.pid)) == 1)
            tap.ok(worker not in workers.worker_pids(server, 1), "a second SIGHUP replaces both")
            tap.same(server.stop(), 0, "the status is 0")


workers.run(never, late, not_all, next_program)
