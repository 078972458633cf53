#!/usr/bin/python3
"""Workers share bursts of connections, also when one of them is busy. tests/framework/server/connection/acceptor.c tests the
rule."""
# builds: gcc asan
import contextlib
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import workers  # noqa: E402
import limited  # noqa: E402
import tap  # noqa: E402

WORKERS, CLIENTS, BURST = 4, 64, 16
# A worker that has more connections gives way for a millisecond. A worker gets nothing only when it is late by
# that for three of four bursts, and more than half only when all others are.
LATE_NS = 3_000_000
ROUNDS = 20


def held(server, pids):
    return [limited.open_sockets(server, pid) for pid in pids]


def waited(pids):
    """The nanoseconds that each process has waited for a processor; 0 where the kernel does not count them."""
    files = [pathlib.Path(f"/proc/{pid}/schedstat") for pid in pids]
    return [int(file.read_text().split()[1]) if file.exists() else 0 for file in files]


def bursts(server, pids, before):
    """Opens all connections; returns how many each worker has taken."""
    clients = []

    def taken():
        counts = [now - had for now, had in zip(held(server, pids), before)]
        asleep = all(workers.state(pid) == "S" for pid in pids)
        return sum(counts) == len(clients) and asleep and counts

    with contextlib.ExitStack() as stack:
        while len(clients) < CLIENTS:
            clients += [stack.enter_context(limited.connect(server)) for _ in range(BURST)]
            counts = server.wait_for(taken)
        tap.diag(f"connections: {counts}")
        for client in clients:
            client.sendall(limited.request("/pid"))
        answers = [limited.read_answer(client) for client in clients]
        tap.ok(all(answer and answer[0] == 200 for answer in answers), "all clients get responses")
    return counts


def idle(server, pids):
    """Waits until workers have no connection: each has one socket, which listens."""
    alone = [1] * len(pids)
    server.wait_for(lambda: held(server, pids) == alone)
    return alone


def all_idle():
    with workers.start(WORKERS=str(WORKERS)) as server:
        pids = sorted(workers.worker_pids(server, WORKERS))
        for _ in range(ROUNDS):
            before = waited(pids)
            counts = bursts(server, pids, idle(server, pids))
            late = max(now - then for now, then in zip(waited(pids), before))
            if late < LATE_NS:
                break
        name = "each of four workers has some of 64 connections, none more than half"
        if late < LATE_NS:
            tap.ok(min(counts) > 0 and max(counts) <= CLIENTS // 2, name)
        else:
            tap.ok(True, name + " # SKIP they waited for processors each time")


def one_busy():
    counts = workers.Counts()
    with workers.start(WORKERS="2", TIMEOUT="0", GRACEFUL_TIMEOUT="1", COUNTS=counts.path) as server:
        pids = sorted(workers.worker_pids(server, 2))
        before = idle(server, pids)
        with limited.connect(server) as holding:
            holding.sendall(limited.request("/hold"))
            server.wait_for(lambda: counts.holder)
            before = held(server, pids)
            tap.same(sorted(bursts(server, pids, before)), [0, CLIENTS],
                     "while one worker is busy, the other accepts all connections")


workers.run(all_idle, one_busy)
