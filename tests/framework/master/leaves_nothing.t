#!/usr/bin/python3
"""A server leaves no process, file, shared memory or port behind, however it ends. While it runs, lost workers cost
the master nothing."""
# builds: gcc asan
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

DEATHS = 50


def left_in(*folders):
    return sorted(str(path) for folder in folders for path in pathlib.Path(folder).glob("**/*"))


def ours(folder):
    """Shared memory by our name; other programs have some too."""
    return [name for name in os.listdir(folder) if "komori" in name]


def check_nothing_left(name, server, pids, folder):
    try:
        server.wait_for(lambda: all(workers.ended(pid) for pid in pids))
    except TimeoutError:
        pass
    tap.same([pid for pid in pids if not workers.ended(pid)], [], f"{name}: no process is left")
    tap.same((left_in(folder), ours("/dev/shm")), ([], []), f"{name}: no file is left")
    with workers.start(PORT=str(server.port)) as again:
        tap.same(workers.ask(again, "/pid")[0], 200, f"{name}: the port is free at once")


def after_the_end(how):
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TMPDIR"] = folder
        try:
            server = workers.start(PROFILE="1", WORKERS="3", PROFILE_DIR="")
        finally:
            del os.environ["TMPDIR"]
        with server:
            pids = {*workers.worker_pids(server, 3), *workers.supervisors(server.process.pid)}
            os.kill(server.process.pid, how)
            server.process.wait(tap.BOUND)
            check_nothing_left(how.name, server, pids, folder)


def hanging_handler():
    if workers.THREAD_SANITIZED:
        raise workers.NotUnderThreadSanitizer
    counts = workers.Counts()
    with tempfile.TemporaryDirectory() as folder, \
            workers.start(COUNTS=counts.path, GRACEFUL_TIMEOUT="1") as server:
        with workers.send(server, "/hold"):
            server.wait_for(lambda: counts.holder)
            begin = workers.now()
            server.process.kill()
            server.process.wait(tap.BOUND)
            try:
                server.wait_for(lambda: workers.ended(counts.holder))
            except TimeoutError:
                os.kill(counts.holder, signal.SIGKILL)
                raise
            seconds = (workers.now() - begin) / 1e9
        tap.ok(seconds >= 1.5, "SIGKILL of the master: a handler that hangs has GRACEFUL_TIMEOUT to end")
        tap.diag(f"ended after {seconds:.2f} s")
        check_nothing_left("SIGKILL while a handler hangs", server, [counts.holder], folder)


def port_while_a_report_runs():
    with tempfile.TemporaryDirectory() as folder:
        begun = pathlib.Path(folder, "begun")
        gate = pathlib.Path(folder, "gate")
        os.mkfifo(gate)
        with workers.start(ON_EVENT=f"echo >{begun}; read line <{gate}") as server:
            worker, = workers.worker_pids(server, 1)
            os.kill(worker, signal.SIGKILL)
            server.wait_for(begun.exists)
            worker, = workers.worker_pids(server, 1)
            server.process.kill()
            server.process.wait(tap.BOUND)
            server.wait_for(lambda: workers.ended(worker))
            with workers.start(PORT=str(server.port)) as again:
                tap.same(workers.ask(again, "/pid")[0], 200,
                         "SIGKILL of the master: the port is free while a command runs")
            gate.write_text("\n")


def request_under_way():
    counts = workers.Counts()
    with workers.start(COUNTS=counts.path) as server:
        with workers.send(server, "/wait") as connection:
            server.wait_for(lambda: counts.holder)
            server.process.kill()
            server.process.wait(tap.BOUND)
            counts.go()
            tap.same(limited.read_answer(connection), (200, f"{counts.holder} first\n".encode()),
                     "SIGKILL of the master: a worker completes its response")


def memory(pid):
    """KiB that are its own."""
    return int(re.search(r"RssAnon:\s*(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1])


def settled(server, count):
    """Waits until the master has workers and no other child."""
    server.wait_for(lambda: len(workers.children(server.process.pid)) == count and not any(
        workers.state(pid) == "Z" for pid in workers.children(server.process.pid)))


def zombies(server):
    """Children that stay zombies."""
    children = workers.children(server.process.pid)
    dead = [pid for pid in children if workers.state(pid) == "Z"]
    try:
        server.wait_for(lambda: not any(workers.state(pid) == "Z" for pid in dead))
    except TimeoutError:
        return dead
    return []


def worker_deaths():
    counts = workers.Counts()
    with workers.start(PROFILE="1", PROFILE_STREAM="off", PROFILE_DIR="", COUNTS=counts.path) as server:
        master, measured, stayed = server.process.pid, [], []
        for death in range(DEATHS):
            counts.clear()
            with workers.send(server, "/hold?steps=10"):
                server.wait_for(lambda: counts.holder)
                os.kill(counts.holder, signal.SIGKILL)
            stayed += zombies(server)
            if death >= 9:
                settled(server, 1)
                measured.append((workers.descriptors(master), memory(master)))
        tap.same({count for count, _ in measured}, {measured[0][0]},
                 f"the master has as many descriptors after {DEATHS} lost workers as after 10")
        grown = measured[-1][1] - measured[0][1]
        tap.ok(grown < 256, "its memory does not grow")
        tap.diag(f"{measured[0][0]} descriptors, {grown} KiB more")
        tap.same(stayed, [], "no worker stays a zombie")
        tap.same(server.stop(), 0, "the server exits with 0")


def ends():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGKILL):
        after_the_end(number)


workers.run(ends, hanging_handler, port_while_a_report_runs, request_under_way,
            worker_deaths)
