#!/usr/bin/python3
"""Bodies above BODY_MEMORY arrive whole, memory stays flat, and nothing is left behind."""
# builds: gcc asan
import os
import pathlib
import re
import socket
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import limited  # noqa: E402
import tap  # noqa: E402

PROGRAM = os.environ["BUILD"] + "/tests/framework/server/transfer_app"
MIB = 1 << 20
LARGE = 48 * MIB
BLOCK = bytes(range(251)) * 261  # 64 KiB and a little, of no power of two
NO_STORE = "cannot store the body of a request: "


def fnv(blocks):
    """Of the short bodies only: Python is slow at it."""
    total = 14695981039346656037
    for byte in b"".join(blocks):
        total = (total ^ byte) * 1099511628211 & (1 << 64) - 1
    return total


def blocks_of(size):
    whole, rest = divmod(size, len(BLOCK))
    yield from [BLOCK] * whole
    yield BLOCK[:rest]


def upload(server, target, size, chunked=False):
    """The answer to a body of that size; None when the connection ended without one."""
    with limited.connect(server) as connection:
        fields = "Transfer-Encoding: chunked\r\n" if chunked else f"Content-Length: {size}\r\n"
        connection.sendall(limited.request(target, "POST", fields + "Connection: close\r\n"))
        try:
            for block in blocks_of(size):
                if chunked and block:
                    block = b"%x\r\n%s\r\n" % (len(block), block)
                connection.sendall(block)
            if chunked:
                connection.sendall(b"0\r\n\r\n")
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused early
        return limited.read_answer(connection)


def descriptors(server):
    return len(os.listdir(f"/proc/{server.worker}/fd"))


def descriptors_at_rest(server):
    """Those of a server without connections. A connection's file is closed after its socket, and before
    another request is answered."""
    server.wait_for(lambda: limited.open_sockets(server) == 1)
    limited.ask(server)
    server.wait_for(lambda: limited.open_sockets(server) == 1)
    return descriptors(server)


def check_large(server):
    upload(server, "/pieces", 100000)
    before, files = limited.peak_memory(server), descriptors_at_rest(server)
    plain = upload(server, "/pieces", LARGE)
    chunked = upload(server, "/pieces", LARGE, chunked=True)
    tap.same(plain and plain[1].split()[0], b"%d" % LARGE, "a large body arrives")
    tap.same(chunked, plain, "a large chunked body arrives")
    grown = limited.peak_memory(server) - before
    tap.ok(grown < 4096, "memory stays flat")
    tap.diag(f"{LARGE // MIB} MiB: {grown} KiB more")
    tap.same(upload(server, "/whole", LARGE), plain, "km_request_body has all of it")
    tap.same(descriptors_at_rest(server), files, "no descriptor is left open")


def check_bounds(server):
    for size in (0, 1, 65535, 65536, 65537, 131072):
        wanted = (200, b"%d %d" % (size, fnv(blocks_of(size))))
        for target in ("/pieces", "/whole"):
            tap.same(upload(server, target, size), wanted, f"{size} bytes, {target}")


def check_together(server):
    """Two bodies that arrive in turns do not mix."""
    size = 300000
    bodies = [bytes([65 + i]) * size for i in range(2)]
    connections = [limited.connect(server) for _ in bodies]
    for connection in connections:
        connection.sendall(limited.request("/whole", "POST", f"Content-Length: {size}\r\n"))
    for at in range(0, size, 50000):
        for connection, body in zip(connections, bodies):
            connection.sendall(body[at:at + 50000])
    for connection, body in zip(connections, bodies):
        tap.same(limited.read_answer(connection), (200, b"%d %d" % (size, fnv([body]))),
                 "two bodies at a time")
        connection.close()


def check_abort(server):
    files = descriptors_at_rest(server)
    connection = limited.connect(server)
    connection.sendall(limited.request("/pieces", "POST", f"Content-Length: {LARGE}\r\n"))
    connection.sendall(BLOCK * 16)
    server.wait_for(lambda: descriptors(server) == files + 2)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    connection.close()
    tap.same(descriptors_at_rest(server), files, "the file of a client that leaves is closed")


def main():
    with tempfile.TemporaryDirectory() as folder:
        with limited.start(PROGRAM, f"export TMPDIR={folder}", MAX_BODY=str(LARGE)) as server:
            check_large(server)
            check_bounds(server)
            check_together(server)
            check_abort(server)
            tap.same(os.listdir(folder), [], "no file has a name")
            tap.same(upload(server, "/pieces", LARGE + 1)[0], 413, "MAX_BODY holds")
            tap.same(upload(server, "/pieces", LARGE + len(BLOCK), chunked=True)[0], 413,
                     "MAX_BODY holds for chunks")
            with limited.connect(server) as connection:
                connection.sendall(limited.request("/child"))
                ignored = int(re.search(rb"SigIgn:\s*(\w+)", limited.read_answer(connection)[1])[1],
                              16)
            tap.same(ignored & (1 << 12 | 1 << 24), 0, "children have SIGPIPE and SIGXFSZ as usual")
            tap.same(server.stop(), 0, "the server exits with 0")
    # A limit on files fails a write as a full disk does.
    with limited.start(PROGRAM, "ulimit -f 1024", MAX_BODY=str(LARGE)) as server:
        files = descriptors_at_rest(server)
        tap.same(upload(server, "/pieces", MIB - 1)[0], 200, "a body that fits on the disk")
        for _ in range(5):
            answer = upload(server, "/pieces", 2 * MIB)
        tap.same(answer and answer[0], 507, "a full disk is a 507")
        tap.same(upload(server, "/pieces", 100)[0], 200, "the server still serves")
        tap.ok(server.wait_for(lambda: descriptors_at_rest(server) == files), "the server has all its descriptors")
        tap.ok(1 <= len(limited.log_lines(server, NO_STORE + "File too large")) <= 5,
               "the log says so")
    with limited.start(PROGRAM, "export TMPDIR=/nowhere") as server:
        tap.same(upload(server, "/pieces", 100000)[0], 500, "a missing folder is a 500")
        tap.ok(limited.log_lines(server, NO_STORE + "No such file"), "the log says so, too")
        tap.same(upload(server, "/pieces", 1000)[0], 200, "small bodies need no folder")
    tap.done_testing()


main()
