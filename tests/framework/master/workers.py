"""A master and its workers, seen from outside; constant load; dumps of lost requests."""
import asyncio
import marshal
import mmap
import os
import pathlib
import re
import socket
import struct
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "server"))
import limited  # noqa: E402
import tap  # noqa: E402
from server import RULE, Server, children as child_processes  # noqa: E402,F401

BUILD = pathlib.Path(os.environ["BUILD"])
FIRST = str(BUILD / "tests/framework/master/worker_app_first")
SECOND = str(BUILD / "tests/framework/master/worker_app_second")
PLAIN = str(BUILD / "tests/framework/master/worker_app_plain")  # compiled without sleds
PLANNER = str(BUILD / "apps/planner/planner")
# A sanitizer ends a process by itself at SIGSEGV, SIGBUS and SIGFPE, with a status of its own.
SANITIZED = re.search(r"^KOMORI_SANITIZE:\w+=(.+)$", (BUILD / "CMakeCache.txt").read_text(), re.M)
OWN_CRASHES = SANITIZED and re.search("address|thread|memory", SANITIZED[1])


class NotUnderThreadSanitizer(Exception):
    """ThreadSanitizer does not support the stores that patch code (PROFILE), and delays signals in a loop without
    calls."""


THREAD_SANITIZED = SANITIZED and "thread" in SANITIZED[1]


class Unready(Server):
    """A server whose workers do not start, so that no line says where it serves."""

    def __init__(self, program, **options):
        self.host = "127.0.0.1"
        with socket.socket() as unused:
            unused.bind((self.host, 0))
            self.port = unused.getsockname()[1]
        super().__init__(program, **{"PORT": str(self.port), **options})

    def wait_for_start(self):
        self.wait_for(lambda: self.log.stat().st_size)


def start(program=FIRST, **options):
    """A Server, by default without PROFILE."""
    options = {"PROFILE": "0", **options}
    if options["PROFILE"] == "1" and THREAD_SANITIZED:
        raise NotUnderThreadSanitizer
    is_broken = os.path.exists(options.get("BROKEN", ""))
    return (Unready if is_broken else Server)(program, **options)


def run(*scenarios):
    for scenario in scenarios:
        try:
            scenario()
        except NotUnderThreadSanitizer:
            tap.ok(True, f"{scenario.__name__} # SKIP not under ThreadSanitizer")
    tap.done_testing()


# --- processes ---

def supervisors(master):
    return child_processes(master)


def children(master):
    """The workers of all programs under a master, and the processes that report them."""
    return [worker for supervisor in supervisors(master) for worker in child_processes(supervisor)]


def state(pid):
    """The letter of ps; "" when there is no such process."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def ended(pid):
    return state(pid) in ("", "Z")


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def log_has(server, pattern, count=1):
    """Waits until that many lines of the log match."""
    return server.wait_for(lambda: len(limited.log_lines(server, pattern)) >= count)


def ask(server, target):
    """(status, text) of the response to one request; None when the connection ended without one."""
    try:
        with limited.connect(server) as connection:
            connection.sendall(limited.request(target, fields="Connection: close\r\n"))
            answer = limited.read_answer(connection)
    except ConnectionError:
        return None
    return answer and (answer[0], answer[1].decode())


def send(server, target):
    """A connection on which a request for the target was sent."""
    connection = limited.connect(server)
    connection.sendall(limited.request(target))
    return connection


def ask_until_refused(server, stop):
    """Calls stop(), and waits until connections are refused."""
    stop()

    def refused():
        try:
            limited.connect(server).close()
        except ConnectionRefusedError:
            return True
        except ConnectionResetError:
            pass  # it was in the queue when the socket was closed
        return False

    server.wait_for(refused)


def worker_pids(server, count):
    """The workers, once all of them have served a request."""
    pids = set()

    def found():
        answer = ask(server, "/pid")
        pids.add(int(answer[1].split()[0]))
        pids.intersection_update(children(server.process.pid))
        return len(pids) == count and pids

    return server.wait_for(found)


# --- counts of the handlers themselves ---

class Counts:
    """The file COUNTS of worker_app."""

    names = ("steps", "turns", "before_hold_ns", "in_hold_ns", "holder", "go")

    def __init__(self):
        self.file = tempfile.NamedTemporaryFile(prefix="komori-counts-")
        self.file.truncate(4096)
        self.map = mmap.mmap(self.file.fileno(), 4096)
        self.path = self.file.name

    def __getattr__(self, name):
        return struct.unpack_from("=Q", self.map, 8 * self.names.index(name))[0]

    def go(self):
        struct.pack_into("=Q", self.map, 8 * self.names.index("go"), 1)

    def clear(self):
        self.map[:48] = bytes(48)


# --- dumps ---

class Dump:
    """A .prof of a request, as docs/prof-format.md has it."""

    def __init__(self, path):
        with open(path, "rb") as file:
            rows, self.tree = marshal.load(file), marshal.load(file)
        self.rows = {key[2]: row for key, row in rows.items()}
        self.facts = self.tree["facts"]

    def column(self, key, size=4):
        data = self.tree[key]
        return struct.unpack(f"<{len(data) // size}{'IQ'[size == 8]}", data)

    def stack(self):
        """The functions that were open, innermost first; the root is not among them."""
        functions, parents = self.column("node_function"), self.column("node_parent")
        node, names = self.tree["open_node"], []
        while node:
            names.append(self.tree["functions"][functions[node]][2])
            node = parents[node]
        return names

    def calls(self, name):
        return self.rows[name][1] if name in self.rows else 0

    def seconds(self, name):
        return self.rows[name][3]


# --- constant load ---

class Load:
    """Clients that send requests for the target all the time, each on one connection until a response closes it. A
    request without a whole response is a failure. Once `may_end` is set, a client leaves when its connection is
    refused, and `unaccepted` counts connections that end before their first response: the kernel had made them, but
    the server may not have accepted them."""

    def __init__(self, server, clients, target="/pid", pause=0.0):
        self.server, self.target, self.pause = server, target, pause
        self.answers, self.words = 0, {}
        self.failures = []  # (pid of the worker if it is known, what happened)
        self.unaccepted = 0
        self.may_end = self.stopping = False
        self.moving = set()  # clients that are to take another connection
        self.pids = [None] * clients  # of the workers, for connections on which one has responded
        self.thread = threading.Thread(target=lambda: asyncio.run(self.run()))
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.stopping = True
        self.thread.join()

    async def run(self):
        await asyncio.gather(*(self.client(i) for i in range(len(self.pids))))

    async def client(self, index):
        while not self.stopping:
            self.pids[index] = None
            try:
                await asyncio.wait_for(self.talk(index), tap.BOUND)
            except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError) as error:
                if self.may_end and self.pids[index] is None:
                    self.unaccepted += not isinstance(error, ConnectionRefusedError)
                    return
                self.failures.append((self.pids[index], repr(error)))
                await asyncio.sleep(0.01)

    async def talk(self, index):
        reader, writer = await asyncio.open_connection(self.server.host, self.server.port)
        try:
            while not self.stopping:
                writer.write(limited.request(self.target))
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])
                text = (await reader.readexactly(length)).decode()
                pid, _, word = text.strip().partition(" ")
                if index not in self.moving:
                    self.pids[index] = int(pid) if pid.isdigit() else 0
                self.answers += 1
                self.words[word] = self.words.get(word, 0) + 1
                if not head.startswith(b"HTTP/1.1 200"):
                    self.failures.append((self.pids[index], head.decode()))
                if b"connection: close" in head.lower() or index in self.moving:
                    self.moving.discard(index)
                    return
                await asyncio.sleep(self.pause)
        finally:
            writer.transport.abort()

    def wait_for_answers(self, count):
        goal = self.answers + count
        self.server.wait_for(lambda: self.answers >= goal)

    def spread(self):
        """Waits until a living worker has served each client, and not one worker all of them."""
        def done():
            if not all(pid and not ended(pid) for pid in self.pids):
                return False
            if len(set(self.pids)) == 1:
                self.moving.update(range(len(self.pids)))
                self.pids[:] = [None] * len(self.pids)
                return False
            return True

        self.server.wait_for(done)


def now():
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC)


def line_of(program, text):
    """The number of the line in the program's source that begins so."""
    source = pathlib.Path(__file__).resolve().parents[3] / program
    lines = source.read_text().splitlines()
    return next(i for i, line in enumerate(lines, 1) if line.startswith(text))


APP = "tests/framework/master/worker_app.c"
