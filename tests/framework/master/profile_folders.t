#!/usr/bin/python3
"""Private folders of profiles that a killed program left are removed by the next one; others stay."""
import fcntl
import os
import pathlib
import signal
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import workers  # noqa: E402
import limited  # noqa: E402
import tap  # noqa: E402

PREFIX = "komori-profiles-"


def start(folder, **options):
    """A server whose private folder is made in `folder`."""
    before = os.environ.get("TMPDIR")
    os.environ["TMPDIR"] = folder
    try:
        return workers.start(PROFILE="1", PROFILE_DIR="", PROFILE_STREAM="off", **options)
    finally:
        if before is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = before


def found(folder):
    return {path.name for path in pathlib.Path(folder).iterdir()}


def is_unlocked(folder):
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def kill_all(server, folder):
    """Kills all processes, so that none removes the folder. A thread may outlive the end of its process."""
    master = server.process.pid
    pids = [master, *workers.supervisors(master), *workers.children(master)]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    server.process.wait(tap.BOUND)
    server.wait_for(lambda: all(map(is_unlocked, pathlib.Path(folder).iterdir())))


def killed():
    for count in "1", "0":
        with tempfile.TemporaryDirectory() as folder:
            with start(folder, WORKERS=count) as server:
                workers.ask(server, "/pid")
                server.wait_for(lambda: [*pathlib.Path(folder).glob("*/*.prof")])
                kill_all(server, folder)
            left = found(folder)
            tap.same(len(left), 1, f"WORKERS {count}: a program that is killed leaves its folder")
            with start(folder) as server:
                own = found(folder)
                tap.same((len(own), own & left), (1, set()), "which the next one removes")
                tap.same(server.stop(), 0, "that ends well")
            tap.same(found(folder), set(), "and removes its own")


def in_use():
    with tempfile.TemporaryDirectory() as folder, start(folder) as first:
        own = found(folder)
        with start(folder, WORKERS="0") as second:
            tap.same(len(found(folder)), 2, "a folder of a program that runs stays")
            tap.same(second.stop(), 0, "also when another one ends")
        tap.same(found(folder), own, "which removes its own alone")
        os.kill(first.process.pid, signal.SIGHUP)
        workers.log_has(first, "Ctrl-C to stop", 2)
        first.wait_for(lambda: len(workers.supervisors(first.process.pid)) == 1)
        with start(folder) as second:
            tap.same((second.stop(), found(folder)), (0, own), "and after a reload")


def master_killed():
    """The supervisor of a new program keeps the folder while it finishes requests, and removes it."""
    counts = workers.Counts()
    with tempfile.TemporaryDirectory() as folder, start(folder, COUNTS=counts.path) as first:
        own = found(folder)
        os.kill(first.process.pid, signal.SIGHUP)
        workers.log_has(first, "Ctrl-C to stop", 2)
        first.wait_for(lambda: len(workers.supervisors(first.process.pid)) == 1)
        supervisor, = workers.supervisors(first.process.pid)
        with workers.send(first, "/wait") as connection:
            first.wait_for(lambda: counts.holder)
            first.process.kill()
            first.process.wait(tap.BOUND)
            with start(folder) as second:
                tap.same(second.stop(), 0, "a program starts while one whose master was killed finishes a request")
            tap.same(found(folder), own, "and leaves the folder")
            counts.go()
            tap.same(limited.read_answer(connection)[0], 200, "the request is finished")
        first.wait_for(lambda: workers.ended(supervisor))
        tap.same(found(folder), set(), "then the folder is gone")


def others():
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        open_one, link, longer, file, target = (root / name for name in (
            PREFIX + "public", PREFIX + "linked", PREFIX + "longer0", PREFIX + "nofold", "target"))
        for path, mode in (open_one, 0o755), (longer, 0o700), (target, 0o700):
            path.mkdir()
            path.chmod(mode)
            (path / "kept").write_text("")
        link.symlink_to(target)
        file.write_text("")
        before = sorted(root.rglob("*"))
        with start(folder) as server:
            tap.same(server.stop(), 0, "a program starts beside similar names")
        tap.same(sorted(root.rglob("*")), before, "and removes nothing that is not a private folder of profiles")


workers.run(killed, in_use, master_killed, others)
