#!/usr/bin/python3
"""More clients than descriptors: the server serves all of them and does not spin."""
# builds: gcc asan
import os
import pathlib
import resource
import signal
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import limited  # noqa: E402
import tap  # noqa: E402

SHORTAGE = r"cannot accept more than \d+ connections for now: [^\n]*"
CPU = 0.2  # of a second, in each: a spinning loop takes nearly all of it


def crowd(server, count):
    """The responses to `count` clients at once, each of which keeps its connection until all have one, and the most
    sockets that the server had open."""
    answers, until, most = [], threading.Event(), 0

    def visit():
        try:
            with limited.connect(server) as connection:
                connection.sendall(limited.request())
                answers.append(limited.read_answer(connection))
                until.wait(tap.BOUND)
        except OSError as error:
            answers.append(error)

    threads = [threading.Thread(target=visit) for _ in range(count)]
    for thread in threads:
        thread.start()

    def all_answered():
        nonlocal most
        most = max(most, limited.open_sockets(server))
        return len(answers) == count

    server.wait_for(all_answered)
    until.set()
    for thread in threads:
        thread.join()
    return answers, most


def check_crowd(server, what, clients):
    """The server serves all clients of a crowd that keep their connections, at a low cost."""
    logged = len(limited.log_lines(server, SHORTAGE))
    began, cpu = time.monotonic(), limited.cpu_seconds(server)
    answers, most = crowd(server, clients)
    took, cpu = time.monotonic() - began, limited.cpu_seconds(server) - cpu
    tap.same(answers.count((200, b"Hello, World!")), clients, f"{what}: each client gets a response")
    tap.ok(cpu < 0.5 + CPU * took, f"{what}: the server does not spin")
    lines = len(limited.log_lines(server, SHORTAGE)) - logged
    tap.ok(1 <= lines <= took + 2, f"{what}: the log says so once a second at most")
    tap.diag(f"at most {most} sockets, {took:.1f} s, CPU {cpu:.2f} s, {lines} lines")
    return most


def coarse():
    return time.clock_gettime(6)  # CLOCK_MONOTONIC_COARSE, by which connections are idle


def check_room_at_the_stop():
    """A stop makes room for one more client."""
    with limited.start(MAX_CONNECTIONS="1") as server:
        while coarse() % 1 > 0.3:
            time.sleep(0.01)
        with limited.connect(server) as idle, limited.connect(server) as waits:
            idle.sendall(limited.request())
            limited.read_answer(idle)
            evictable = int(coarse()) + 2
            waits.sendall(limited.request())
            while coarse() < evictable:
                time.sleep(0.0005)
            os.kill(server.process.pid, signal.SIGTERM)
            tap.same(limited.read_answer(waits), (200, b"Hello, World!"), "a stop that makes room: the waiting client gets a response")
        tap.same(server.process.wait(tap.BOUND), 0, "the server exits with 0")


def main():
    with limited.start(shell="ulimit -n 64") as server:
        most = check_crowd(server, "64 descriptors", 120)
        tap.ok(most <= 49, "64 descriptors: a quarter is left for the application")
        # Fewer than the server counts on: now accept itself fails.
        resource.prlimit(server.worker, resource.RLIMIT_NOFILE, (40, 64))
        check_crowd(server, "EMFILE", 70)
        tap.ok(limited.log_lines(server, "Too many open files"), "EMFILE: the line has the reason")
        tap.same(server.stop(), 0, "EMFILE: the server exits with 0")
    with limited.start(MAX_CONNECTIONS="4") as server:
        answers, most = crowd(server, 4)
        tap.same((answers.count((200, b"Hello, World!")), limited.log_lines(server, SHORTAGE)), (4, []),
                 "MAX_CONNECTIONS: four clients have room, and the log says nothing")
        answers, most = crowd(server, 8)
        tap.same(answers.count((200, b"Hello, World!")), 8, "MAX_CONNECTIONS: each client gets a response")
        tap.same(most, 5, "MAX_CONNECTIONS: four sockets at a time, and the one that listens")
    check_room_at_the_stop()
    tap.done_testing()


main()
