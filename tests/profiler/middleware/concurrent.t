#!/usr/bin/python3
"""32 profiled requests at once on one worker: every dump opens, and none holds another's calls."""
import concurrent.futures
import marshal
import os
import pathlib
import re
import socket
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from server import Server  # noqa: E402
import tap  # noqa: E402

PROGRAM = os.environ["BUILD"] + "/tests/profiler/middleware/shapes_app"
CLIENTS = 32


def open_slowly(server, target):
    """A connection that sends a request and does not read the response yet."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect((server.host, server.port))
    connection.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    return connection


def read_all(connection):
    response = b""
    while more := connection.recv(65536):
        response += more
    connection.close()
    return response


def main():
    with Server(PROGRAM, PROFILE_FILENAME="{path}.prof", PROFILE_STREAM="off") as server:
        # Long streams that their readers hold up, so that all are under way at the same time: chunks
        # for well over what sockets and the server hold.
        chunks = {f"/stream/{2000 + i}": 2000 + i for i in range(CLIENTS)}
        connections = {target: open_slowly(server, target) for target in chunks}
        early = len(server.prof_files())
        with concurrent.futures.ThreadPoolExecutor(CLIENTS) as readers:
            responses = dict(zip(connections, readers.map(read_all, connections.values())))
        for target, response in responses.items():
            count = len(re.findall(rb"chunk \d+ *\n", response))
            tap.same(count, chunks[target], f"{target}: all chunks")
        tap.same(early, 0, "no stream was done before it was read")
        server.wait_for(lambda: len(server.prof_files()) == CLIENTS)
        for target, expected in chunks.items():
            path = server.dumps / f"{target.strip('/').replace('/', '.')}.prof"
            with open(path, "rb") as file:
                stats = marshal.load(file)
            found = {key[2]: value[1] for key, value in stats.items()}
            tap.same((found["make_chunk"], found["next_chunk"], found["close_stream"],
                      found["streamed"]), (expected, expected + 1, 1, 1),
                     f"{target}: its calls and no others")
    tap.done_testing()


main()
