"""A program under test that serves with PROFILE on, its console and its dumps."""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
import tap  # noqa: E402

RULE = "-" * 80


def children(pid):
    """The child processes of a process; none when it is gone."""
    try:
        text = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [int(child) for child in text.split()]


class Server:
    """`with Server(program, NAME=value...) as server`: options are configuration names."""

    def __init__(self, program, *arguments, **options):
        self.folder = tempfile.mkdtemp(prefix="komori-test-")
        self.dumps = pathlib.Path(self.folder, "dumps")
        self.console = pathlib.Path(self.folder, "console")
        environment = dict(os.environ, KOMORI_PROFILE="1", KOMORI_PORT="0",
                           KOMORI_PROFILE_DIR=str(self.dumps))
        environment.update({"KOMORI_" + name: value for name, value in options.items()})
        self.alone = environment.get("KOMORI_WORKERS") == "0"
        self.log = pathlib.Path(self.folder, "log")
        self.process = subprocess.Popen(
            [program, *arguments], env=environment, stdin=subprocess.DEVNULL,
            stdout=self.console.open("wb"), stderr=self.log.open("wb"))
        self.wait_for_start()

    def wait_for_start(self):
        """Waits for the line that says where it serves."""
        try:
            line = self.wait_for(lambda: re.search(r"http://([0-9.]+):(\d+)", self.log.read_text()))
        except TimeoutError:
            raise RuntimeError("the server did not start: " + self.log.read_text()) from None
        self.host, self.port = line[1], int(line[2])

    def wait_for(self, condition):
        """Returns the value of condition() once it is true."""
        return tap.wait_for(condition)

    def prof_files(self):
        return sorted(self.dumps.glob("*.prof")) if self.dumps.exists() else []

    def reports(self):
        """The frames on the console: (path as printed, table)."""
        text = self.console.read_text(errors="surrogateescape")
        found = re.findall(rf"^{RULE}\nPATH: ([^\n]*)\n(.*?)^{RULE}\n\n", text, re.M | re.S)
        return found

    @property
    def worker(self):
        """The process that serves: the first worker, or the program itself with WORKERS 0."""
        pid = self.process.pid
        found = lambda: [worker for supervisor in children(pid) for worker in children(supervisor)]  # noqa: E731
        return pid if self.alone else self.wait_for(found)[0]

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(tap.BOUND)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.process.returncode

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder)
