#!/usr/bin/python3
"""THREADS: which requests wait for which, what TIMEOUT and a stop do to running handlers, and their profiles."""
# builds: gcc clang asan tsan
import concurrent.futures
import contextlib
import os
import pathlib
import re
import select
import signal
import socket
import struct
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "master"))
import workers  # noqa: E402
import limited  # noqa: E402
import tap  # noqa: E402

PROGRAM = os.environ["BUILD"] + "/tests/framework/server/threads_app"
TURN = 0.05  # seconds: more than KM_LOOP_TURN_NS, after which a loop serves others


@contextlib.contextmanager
def start(**options):
    """A Server; what a sanitizer finds in any of its processes is on its log."""
    with workers.Server(PROGRAM, **{"PROFILE": "0", **options}) as server:
        yield server
        server.stop()
        if workers.SANITIZED:
            found = limited.log_lines(server, r"(?s)(?:WARNING|ERROR): \w+Sanitizer.*|.*runtime error.*")
            tap.same(found, [], "no sanitizer has found anything")


class Gates:
    """The FIFOs of threads_app. None is full, and none is at its end, before this object is."""

    def __init__(self, *names):
        self.folder = tempfile.TemporaryDirectory(prefix="komori-gates-")
        self.fds = {}
        for name in names:
            os.mkfifo(f"{self.folder.name}/{name}")
            self.fds[name] = os.open(f"{self.folder.name}/{name}", os.O_RDWR | os.O_NONBLOCK)
        os.environ["GATES"] = self.folder.name

    def open(self, name, byte=b".", times=1):
        os.write(self.fds[name], byte * times)

    def started(self):
        path = pathlib.Path(self.folder.name, "started")
        return path.stat().st_size if path.exists() else 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for fd in self.fds.values():
            os.close(fd)
        self.folder.cleanup()


@contextlib.contextmanager
def fed(gates, name):
    """Opens the gate again and again, so that no pull of a stream behind it takes long."""
    enough = threading.Event()

    def feed():
        while not enough.wait(0.05):
            gates.open(name)

    thread = threading.Thread(target=feed)
    thread.start()
    try:
        yield
    finally:
        enough.set()
        thread.join()


def send_waiters(server, gates, count, target="/wait?gate=a", method="GET"):
    """So many connections, whose handlers run when this returns."""
    goal = gates.started() + count
    connections = [limited.connect(server) for _ in range(count)]
    for connection in connections:
        connection.sendall(limited.request(target, method))
    server.wait_for(lambda: gates.started() == goal)
    return connections


def read_all(connection):
    """(what came, "end" or "reset")."""
    answer = b""
    try:
        while more := connection.recv(65536):
            answer += more
    except ConnectionResetError:
        return answer, "reset"
    return answer, "end"


def catch_up(server):
    """Returns when the loop has read all that was sent before: it refuses this request by itself, in its turn."""
    with limited.connect(server) as connection:
        connection.sendall(b"GET /no/Host HTTP/1.1\r\n\r\n")
        limited.read_answer(connection)


def readable(connection):
    return bool(select.select([connection], [], [], tap.BOUND)[0])


def unanswered(connections):
    return select.select(connections, [], [], 0)[0] == []


def worker_of(server):
    return int(workers.ask(server, "/healthz")[1])


# --- which requests wait for which ---

def responsive():
    """THREADS=4 has five threads: while four handlers wait there is one for what comes, in its order."""
    with Gates("a") as gates, start(THREADS="4") as server:
        asleep = send_waiters(server, gates, 4)
        answers = [workers.ask(server, path) for path in ["/healthz"] + ["/count/3"] * 50]
        tap.ok(all(one and one[0] == 200 for one in answers) and unanswered(asleep),
               "while four handlers wait, /healthz is served at once, and fifty other requests")
        asleep += send_waiters(server, gates, 1)
        waiting = [workers.send(server, path) for path in ("/wait?gate=a", "/healthz")]
        catch_up(server)
        tap.ok(unanswered(asleep + waiting) and gates.started() == 5, "behind five handlers requests wait")
        gates.open("a", times=6)
        tap.same([limited.read_answer(one)[0] for one in asleep + waiting], [200] * 7,
                 "all of them get their responses in the end")
        tap.same(gates.started(), 6, "each handler runs once")
        for one in asleep + waiting:
            one.close()


def in_order():
    """A connection's next request begins when the one before has been answered."""
    with Gates("a", "b") as gates, start(THREADS="4") as server:
        with limited.connect(server) as connection:
            connection.sendall(limited.request("/wait?gate=a") + limited.request("/count/3") +
                               limited.request("/wait?gate=b"))
            server.wait_for(lambda: gates.started() == 1)
            gates.open("b")
            tap.ok(unanswered([connection]), "pipelined responses wait for the first")
            gates.open("a")
            answers = b""
            while answers.count(b"waited\n") < 2:
                answers += connection.recv(65536)
            tap.same(re.findall(rb"\r\n\r\n(.*)\n", answers), [b"waited", b"3 1", b"waited"],
                     "pipelined responses come in order; wsgi.multithread is 1")


def without_threads():
    """One client sends six slow requests at once, and another one a quick request."""
    with Gates("a") as gates, start() as server, limited.connect(server) as connection:
        connection.sendall(limited.request("/wait?gate=a") * 6)
        server.wait_for(lambda: gates.started() == 1)
        other = workers.send(server, "/healthz")
        limited.wait_until_delivered(other)
        time.sleep(TURN)
        gates.open("a")
        tap.ok(readable(connection),
               "THREADS=0: a pipelined response does not wait for the handler of the next one")
        for turn in range(2, 5):
            server.wait_for(lambda: gates.started() == turn)
            time.sleep(TURN)
            gates.open("a")
        tap.ok(readable(other),
               "THREADS=0: other clients are served before all requests of one client")
        gates.open("a", times=2)
        answers = b""
        while answers.count(b"waited\n") < 6:
            answers += connection.recv(65536)
        tap.same(gates.started(), 6, "each handler runs once")
        other.close()


def stream_without_threads():
    with Gates("a") as gates, start() as server, \
            workers.send(server, "/stream?gate=a") as stream:
        read_chunk(stream)
        other = workers.send(server, "/healthz")
        limited.wait_until_delivered(other)
        for _ in range(4):
            time.sleep(TURN)
            gates.open("a")
            read_chunk(stream)
        tap.ok(readable(other),
               "THREADS=0: other clients are served between two chunks of a slow stream")
        gates.open("a", b"x")
        answer = b""
        while not answer.endswith(b"\r\n0\r\n\r\n"):
            answer += b"\r\n" + stream.recv(65536)
        tap.ok(True, "the stream ends")
        other.close()


# --- time-outs ---

def timeout():
    with Gates("hung", "more", "other") as gates, tempfile.NamedTemporaryFile() as log, \
            start(THREADS="4", TIMEOUT="3", PROFILE="1", ACCESS_LOG=log.name) as server:
        worker = worker_of(server)
        # All within TIMEOUT: when the first is late the worker takes no more.
        head, begun, other = (limited.connect(server) for _ in range(3))
        hung, = send_waiters(server, gates, 1, "/wait?gate=hung")
        head.sendall(limited.request("/wait?gate=more", "HEAD"))
        begun.sendall(limited.request("/stream?gate=more"))
        other.sendall(limited.request("/stream?gate=other"))
        with fed(gates, "other"):
            tap.same(limited.read_answer(hung), (503, b"503 Service Unavailable\n"),
                     "a request that takes too long gets 503")
            answer, end = read_all(head)
            tap.ok(answer.startswith(b"HTTP/1.1 503 ") and answer.endswith(b"\r\n\r\n") and end == "end",
                   "HEAD gets 503 without content")
            answer, end = read_all(begun)
            tap.ok(answer.endswith(b"\r\n6\r\nchunk\n\r\n") and end == "reset",
                   "a response that has begun is reset")
        gates.open("hung")
        gates.open("other", b"..x")
        answer, end = read_all(other)
        tap.ok(answer.endswith(b"6\r\nchunk\n\r\n0\r\n\r\n") and end == "end",
               "another response of the same worker is completed")
        tap.ok(server.wait_for(lambda: workers.ended(worker)), "the worker ends")
        tap.ok(workers.ask(server, "/healthz")[1] != f"{worker}\n", "a new worker replaces it")
        tap.ok(workers.log_has(
            server, rf"a request ran longer than TIMEOUT and worker {worker} is replaced, in GET "
            r"/wait\?gate=hung \(\d+\.\d s, route /wait, handler waiter at "),
               "the log reports the first request, though its handler returned")
        for connection in hung, head, begun, other:
            connection.close()
        lines = re.findall(r'"(\S+ /[sw]\S+) HTTP/1.1" (\d+ \S+)', pathlib.Path(log.name).read_text())
        chunks = answer.count(b"chunk\n")
        tap.same(sorted(lines), [("GET /stream?gate=more", "200 6"),
                                 ("GET /stream?gate=other", f"200 {6 * chunks}"),
                                 ("GET /wait?gate=hung", "503 24"), ("HEAD /wait?gate=more", "503 -")],
                 "the access log has each request once")
        check_dumps(server)


def check_dumps(server):
    """Five requests of the lost worker, one of its successor."""
    server.wait_for(lambda: len(server.prof_files()) == 6)
    dumps = [workers.Dump(path) for path in server.prof_files()]
    found = {f"{dump.facts['method']} {dump.facts['path']}?{dump.facts['query']}": dump
             for dump in dumps}
    for name in "HEAD /wait?gate=more", "GET /stream?gate=more":
        tap.ok(found[name].facts["outcome"].startswith("killed: SIGKILL"),
               f"{name}: the profile has the outcome")
        tap.ok("wait_at" in found[name].stack()[:2], f"{name}: the profile has the open functions")
    tap.same((found["GET /stream?gate=other"].facts["outcome"],
              found["GET /wait?gate=hung"].facts["outcome"]), ("finished", "finished"),
             "handlers that returned have the outcome finished")


def coming_back():
    """A handler comes back after it was given up, while the worker finishes something else."""
    with Gates("hung", "other") as gates, \
            start(THREADS="2", TIMEOUT="1", PROFILE="1", GRACEFUL_TIMEOUT="600") as server:
        worker = worker_of(server)
        other = limited.connect(server)
        other.sendall(limited.request("/stream?gate=other"))
        with fed(gates, "other"):
            read_chunk(other)
            hung, = send_waiters(server, gates, 1, "/wait?gate=hung")
            readable(hung)
            gates.open("hung")
            server.wait_for(lambda: len(server.prof_files()) == 2)
        gates.open("other", b"x")
        tap.ok(read_all(other)[0].endswith(b"\r\n0\r\n\r\n"), "other requests of the worker are completed")
        tap.ok(server.wait_for(lambda: workers.ended(worker)), "then the worker ends")
        hung.close()
        other.close()


def moving():
    """The chunks of two streams come from one thread and the other."""
    with Gates("a", "b") as gates, start(THREADS="2", TIMEOUT="2") as server:
        streams = {gate: workers.send(server, f"/stream?gate={gate}") for gate in "ab"}
        for connection in streams.values():
            read_chunk(connection)
        for _ in range(4):
            for gate, connection in streams.items():
                gates.open(gate)
                read_chunk(connection)
        gates.open("b", b"x")
        tap.ok(workers.log_has(server, r"is replaced, in GET /stream\?gate=a \("),
               "the log names a stream that moved to another thread")
        for connection in streams.values():
            connection.close()


def read_chunk(connection):
    answer = b""
    while not answer.endswith(b"chunk\n\r\n"):
        answer += connection.recv(65536)


def after_the_client_left():
    """The client of a handler that hangs is gone, and so is that of one which comes back."""
    with Gates("hung", "a") as gates, tempfile.NamedTemporaryFile() as log, \
            start(THREADS="2", TIMEOUT="1", ACCESS_LOG=log.name) as server:
        worker = worker_of(server)
        back, = send_waiters(server, gates, 1)
        back.close()
        gates.open("a")
        hung, = send_waiters(server, gates, 1, "/wait?gate=hung")
        hung.close()
        server.wait_for(lambda: workers.ended(worker))
        tap.ok(workers.log_has(server, f"worker {worker} is replaced, in GET /wait.gate=hung"),
               "TIMEOUT ends a handler whose client has left")
        tap.same(re.findall(r'"GET (/w\S+) HTTP/1.1" ', pathlib.Path(log.name).read_text()),
                 ["/wait?gate=a", "/wait?gate=hung"], "the access log has both requests")


# --- requests that wait for a thread ---

def lines_of(log):
    return sorted(re.findall(r'"GET (/w\S+) HTTP/1.1" (\d+ \S+)', pathlib.Path(log.name).read_text()))


def waiting_too_long():
    """Each handler runs for less than TIMEOUT, and behind two of them that is over."""
    with Gates("a", "b") as gates, tempfile.NamedTemporaryFile() as log, \
            start(THREADS="1", TIMEOUT="8", ACCESS_LOG=log.name) as server:
        worker = worker_of(server)
        first = send_waiters(server, gates, 2)
        second = [workers.send(server, "/wait?gate=b") for _ in range(2)]
        catch_up(server)
        third = workers.send(server, "/wait?gate=b")
        time.sleep(4)
        gates.open("a", times=2)
        tap.same([limited.read_answer(one) for one in first], [(200, b"waited\n")] * 2, "two handlers end")
        tap.same(limited.read_answer(third), (503, b"503 Service Unavailable\n"),
                 "a request that waits for a thread longer than TIMEOUT gets 503")
        gates.open("b", times=2)
        tap.same([limited.read_answer(one) for one in second], [(200, b"waited\n")] * 2,
                 "those that have a thread do not")
        tap.same((gates.started(), worker_of(server)), (4, worker),
                 "the handler of that request was not called, and the worker stays")
        tap.same(limited.log_lines(server, "komori: .*"), [], "nothing is logged")
        tap.same(lines_of(log), [("/wait?gate=a", "200 7")] * 2 + [("/wait?gate=b", "200 7")] * 2 +
                 [("/wait?gate=b", "503 24")],
                 "the access log has each")
        for connection in first + second + [third]:
            connection.close()


def waiting_in_vain():
    with Gates("hung") as gates, start(THREADS="2", TIMEOUT="2", GRACEFUL_TIMEOUT="600") as server:
        worker = worker_of(server)
        hung = send_waiters(server, gates, 3, "/wait?gate=hung")
        waiting = [workers.send(server, "/wait?gate=hung") for _ in range(3)]
        tap.same([limited.read_answer(one) for one in hung + waiting],
                 [(503, b"503 Service Unavailable\n")] * 6,
                 "requests that wait for threads of which all hang get 503 with them")
        tap.same(gates.started(), 3, "without their handlers")
        tap.ok(server.wait_for(lambda: workers.ended(worker)), "and the worker ends")
        workers.log_has(server, "is replaced, in GET")
        server.stop()
        tap.same(len(limited.log_lines(server, "is replaced, in GET")), 1, "which is reported once")
        for connection in hung + waiting:
            connection.close()


def leaving_while_waiting():
    for options in {"THREADS": "1"}, {"PROFILE": "1"}:
        if options.get("PROFILE") and workers.THREAD_SANITIZED:
            continue
        with Gates("a") as gates, tempfile.NamedTemporaryFile() as log, \
                start(ACCESS_LOG=log.name, **options) as server:
            name = " ".join(options)
            threads = 2 if options.get("THREADS") else 1
            runs = send_waiters(server, gates, threads)
            for connection in runs:
                connection.shutdown(socket.SHUT_WR)
            leaves, breaks, stays = (workers.send(server, f"/wait?gate=a&{i}") for i in range(3))
            catch_up(server)  # what is reset before it is read was never a request
            leaves.close()
            reset(breaks)
            server.wait_for(lambda: len(lines_of(log)) == 2)
            tap.same(lines_of(log), [("/wait?gate=a&0", "499 -"), ("/wait?gate=a&1", "499 -")],
                     f"{name}: clients that leave while they wait for a thread are noticed")
            gates.open("a", times=threads + 1)
            tap.same([limited.read_answer(one) for one in runs], [(200, b"waited\n")] * threads,
                     f"{name}: one that has shut its side gets the response of a handler that runs")
            tap.same(limited.read_answer(stays), (200, b"waited\n"), f"{name}: one that stays gets its own")
            tap.same(gates.started(), threads + 1, f"{name}: and no handler ran for those that left")
            for connection in runs + [stays]:
                connection.close()


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def leaving_while_it_runs():
    with Gates("a") as gates, start(THREADS="1") as server:
        worker = worker_of(server)
        server.wait_for(lambda: limited.open_sockets(server, worker) == 1)
        runs, = send_waiters(server, gates, 1)
        tap.same(limited.open_sockets(server, worker), 2, "a connection is open while its handler runs")
        reset(runs)
        server.wait_for(lambda: limited.open_sockets(server, worker) == 1)
        tap.ok(True, "a connection that is reset is closed")
        gates.open("a")
        tap.same([workers.ask(server, "/healthz") for _ in range(3)], [(200, f"{worker}\n")] * 3,
                 "no other client gets its response")


# --- the profiler ---

def profiled():
    counts = range(200)
    with Gates() as _, start(THREADS="4", PROFILE="1", PROFILE_STREAM="off",
                            PROFILE_FILENAME="{path}.prof") as server:
        with concurrent.futures.ThreadPoolExecutor(8) as clients:
            answers = list(clients.map(lambda i: workers.ask(server, f"/count/{i}"), counts))
        tap.same(answers, [(200, f"{i} 1\n") for i in counts],
                 "200 requests of 8 clients are answered, with wsgi.multithread 1")
        server.wait_for(lambda: len(server.prof_files()) == len(counts))
        dumps = [workers.Dump(server.dumps / f"count.{i}.prof") for i in counts]
        tap.same([(dump.calls("step"), dump.calls("count"), dump.facts["outcome"]) for dump in dumps],
                 [(i, 1, "finished") for i in counts], "each dump has its own calls and no others")


# --- ends ---

def reported_at_its_end():
    """The report of a request does not wait for the handler of the next one."""
    for threads in "0", "1", "2":
        with Gates("a", "b") as gates, start(THREADS=threads, PROFILE="1", TIMEOUT="600") as server:
            count = max(1, int(threads)) + (threads != "0")
            began = time.monotonic()
            first, = send_waiters(server, gates, 1)
            others = [workers.send(server, "/wait?gate=b") for _ in range(count)]
            for connection in others:
                limited.wait_until_delivered(connection)
            gates.open("a")
            tap.same(limited.read_answer(first)[0], 200, f"THREADS={threads}: the first of several requests gets its response")
            dumps = server.wait_for(server.prof_files)
            most = time.monotonic() - began
            tap.ok(unanswered(others), "it is reported while the other handlers hang")
            tap.ok(workers.Dump(dumps[0]).facts["elapsed"] <= most + 0.01, "the report has its duration")
            gates.open("b", times=count)
            for connection in others:
                tap.same(limited.read_answer(connection)[0], 200, "the other requests end as well")


def stopping():
    for count in "1", "0":
        with Gates("a") as gates, start(THREADS="2", WORKERS=count) as server:
            asleep = send_waiters(server, gates, 3)
            asleep.append(workers.send(server, "/wait?gate=a"))
            workers.ask_until_refused(
                server, lambda: server.process.send_signal(signal.SIGTERM))
            gates.open("a", times=4)
            tap.same([limited.read_answer(one) for one in asleep], [(200, b"waited\n")] * 4,
                     f"WORKERS {count}: what runs and what waits is answered after SIGTERM")
            for one in asleep:
                one.close()
            tap.same(server.process.wait(tap.BOUND), 0, "the program exits with 0")


def hanging():
    with Gates("a") as gates, start(THREADS="2", GRACEFUL_TIMEOUT="1") as server:
        worker = worker_of(server)
        asleep, = send_waiters(server, gates, 1)
        server.process.send_signal(signal.SIGTERM)
        tap.same(read_all(asleep)[0], b"", "the stop does not wait for a handler that hangs")
        tap.same(server.process.wait(tap.BOUND), 0, "the program exits with 0")
        tap.ok(workers.log_has(server, rf"worker {worker} killed: SIGKILL, in GET /wait\?gate=a "
                               r"\(\d+\.\d s, route /wait, handler waiter at "), "the log reports the handler")
        asleep.close()
    with Gates("a") as gates, start(THREADS="2", GRACEFUL_TIMEOUT="1", WORKERS="0") as server:
        asleep, = send_waiters(server, gates, 1)
        server.process.send_signal(signal.SIGTERM)
        tap.same((server.process.wait(tap.BOUND), read_all(asleep)[0]), (1, b""),
                 "without a master it exits with 1")
        tap.ok(workers.log_has(server, "handlers that did not end in time: 1"), "the log says why")
        asleep.close()


def crashing():
    if workers.OWN_CRASHES:
        tap.ok(True, "a crash in a thread # SKIP the sanitizer's own")
        return
    with Gates() as _, start(THREADS="2", PROFILE="1") as server:
        worker = worker_of(server)
        tap.same(workers.ask(server, "/crash"), None, "a handler crashes in its thread")
        tap.ok(workers.log_has(server, rf"worker {worker} crashed: SIGSEGV in write_nowhere at \S+:\d+, in GET "
                               r"/crash \(\d+\.\d s, route /crash, handler crash at "), "the log reports it")
        server.wait_for(lambda: len(server.prof_files()) == 2)
        dump = next(dump for dump in map(workers.Dump, server.prof_files())
                    if dump.facts["path"] == "/crash")
        tap.same(dump.stack(), ["write_nowhere", "crash"], "the dump has its stack")
    with Gates() as _, start(THREADS="2") as server:
        tap.same(workers.ask(server, "/crash"), None, "a handler crashes without PROFILE")
        tap.ok(workers.log_has(server, r"crashed: SIGSEGV .*, in GET /crash .*\n    \S+:\d+\(write_nowhere\)\n"
                               r"    \S+:\d+\(crash\)\n"), "the log has the stack of the thread")


workers.run(responsive, in_order, reported_at_its_end, without_threads, stream_without_threads, timeout, coming_back, moving,
            after_the_client_left, waiting_too_long, waiting_in_vain, leaving_while_waiting,
            leaving_while_it_runs, profiled, stopping, hanging, crashing)
