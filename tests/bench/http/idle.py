#!/usr/bin/env python3
"""How much memory of a server an idle connection takes: all are held at once, each after one answer.

usage: idle.py [-n CONNECTIONS] [-o NAME]... ECHO [NAME=PROGRAM...]

Counts what the server's processes have resident and to themselves (Private_Dirty); the kernel's own
buffers are the same for every server.
"""
import argparse
import os
import resource
import selectors
import socket
import sys
import time

import quiet
import servers

REQUEST = b"GET /hello HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
GOAL = 320
AT_ONCE = 256
SPARE_DESCRIPTORS = 200


def ask(sockets):
    """Sends one request on each and waits for the answers. Returns how many came."""
    answered = 0
    with selectors.DefaultSelector() as waiting:
        for client in sockets:
            client.sendall(REQUEST)
            waiting.register(client, selectors.EVENT_READ, bytearray())
        while waiting.get_map():
            events = waiting.select(5)
            for key, _ in events:
                got = key.fileobj.recv(4096)
                key.data.extend(got)
                if not got or key.data.endswith(b"Hello, World!"):
                    answered += bool(got)
                    waiting.unregister(key.fileobj)
            if not events:
                break
    return answered


def open_all(server, count):
    clients, answered = [], 0
    while len(clients) < count:
        some = [socket.create_connection(("127.0.0.1", server.port), 5)
                for _ in range(min(AT_ONCE, count - len(clients)))]
        clients += some
        answered += ask(some)
    return clients, answered


def measure(server, count):
    clients, _ = open_all(server, 1)
    before = server.private_bytes()
    more, answered = open_all(server, count)
    time.sleep(0.2)
    taken = (server.private_bytes() - before) / count
    for client in clients + more:
        client.close()
    return taken, answered


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n")[0])
    parser.add_argument("-n", dest="count", type=int, default=10000)
    parser.add_argument("-o", dest="only", action="append")
    parser.add_argument("echo")
    parser.add_argument("peers", nargs="*")
    options = parser.parse_args()
    servers.raise_descriptor_limit(options.count + 2 * SPARE_DESCRIPTORS)
    count = min(options.count, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - SPARE_DESCRIPTORS)
    found = [servers.Server("komori", [options.echo, "--port", "{port}"])]
    found += [server for server in servers.find(dict(peer.split("=", 1) for peer in options.peers))
              if not server.name.startswith("gunicorn")]  # sync: closes behind each answer
    if options.only:
        found = [server for server in found if server.name in options.only]
    print(f"{count} idle connections, bytes of the server's memory each (goal: {GOAL})")
    for server in found:
        try:
            if not server.start(min(os.sched_getaffinity(0))):
                print(f"  {server.name} does not start: left out\n{server.log()}")
                continue
            taken, answered = measure(server, count)
            missing = f", {count - answered} got no answer" if answered < count else ""
            print(f"  {server.name:16} {taken:8.0f}{missing}", flush=True)
        finally:
            server.stop()
    print(quiet.describe())
    return 0


sys.exit(main())
