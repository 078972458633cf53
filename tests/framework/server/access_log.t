#!/usr/bin/python3
"""ACCESS_LOG: every request leaves its line, whatever its outcome."""
# builds: gcc asan
import pathlib
import re
import socket
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import limited  # noqa: E402
import tap  # noqa: E402

HELLO = '"GET /hello HTTP/1.1" 200 13'
# What is sent, whether the client then ends its side, and the lines that it leaves.
ROWS = [
    ("two pipelined", limited.request() * 2, True, [HELLO, HELLO]),
    ("HEAD", limited.request(method="HEAD"), True, ['"HEAD /hello HTTP/1.1" 200 -']),
    ("1.0", b"GET /hello HTTP/1.0\r\n\r\n", True, ['"GET /hello HTTP/1.0" 200 13']),
    ("an echo", limited.request("/x?y=%22", "POST", "Content-Length: 3\r\n") + b"abc", True,
     ['"POST /x?y=%22 HTTP/1.1" 200 3']),
    ("no content", limited.request(method="POST"), True, ['"POST /hello HTTP/1.1" 200 -']),
    ("no HTTP", b"\x16\x03\x01\x1b[2J\r\n", True, [r'"\x16\x03\x01\x1b[2J" 400 16']),
    ("no Host", b"GET /hello HTTP/1.1\r\n\r\n", True, ['"GET /hello HTTP/1.1" 400 16']),
    ("HEAD refused", b"HEAD / HTTP/9.9\r\n\r\n", True, ['"HEAD / HTTP/9.9" 505 -']),
    ("413", limited.request("/x", "POST", "Content-Length: 101\r\n"), True,
     ['"POST /x HTTP/1.1" 413 22']),
    ("413 in chunks", limited.request("/x", "POST", "Transfer-Encoding: chunked\r\n") + b"65\r\n",
     True, ['"POST /x HTTP/1.1" 413 22']),
    ("a slow head", b"GET /slow HTTP/1.1\r\nHost", False, ['"GET /slow HTTP/1.1" 408 20']),
    ("a slow body", limited.request("/x", "POST", "Content-Length: 3\r\n") + b"a", False,
     ['"POST /x HTTP/1.1" 408 20']),
    ("nothing", b"", True, []),
]


def lines_of(text):
    """The lines without the address and the time, which are checked here."""
    found = []
    for line in text.splitlines():
        match = re.fullmatch(r"127\.0\.0\.1 - - \[[^]]+ [+-]\d{4}\] (.*)", line)
        found.append(match[1] if match else "malformed: " + line)
    return found


def main():
    options = {"MAX_BODY": "100", "HEADER_TIMEOUT": "1", "BODY_TIMEOUT": "1"}
    with limited.start(ACCESS_LOG="stdout", ACCESS_LOG_FORMAT="common", **options) as server:
        count = 0
        for name, sent, ends, lines in ROWS:
            with limited.connect(server) as connection:
                connection.sendall(sent)
                if ends:
                    connection.shutdown(socket.SHUT_WR)
                while connection.recv(65536):
                    pass
            server.wait_for(lambda: server.console.read_text().count("\n") >= count + len(lines))
            tap.same(lines_of(server.console.read_text())[count:], lines, name)
            count += len(lines)
        tap.same(server.stop(), 0, "the server exits with 0")
    with limited.start(ACCESS_LOG="stderr", **options) as server:
        with limited.connect(server) as connection:
            connection.sendall(limited.request(fields='User-Agent: "a\xc3\\\r\nReferer: b\r\n'))
            limited.read_answer(connection)
        server.wait_for(lambda: "GET" in server.log.read_text())
        tap.same(lines_of(server.log.read_text())[-1:], [HELLO + r' "b" "\"a\xc3\x83\\"'],
                 "the combined format, on stderr")
        with limited.connect(server) as connection:
            connection.sendall(limited.request("/x", "POST", "Content-Length: 101\r\nUser-Agent: a\r\nReferer: b\r\n"))
            limited.read_answer(connection)
        server.wait_for(lambda: " 413 " in server.log.read_text())
        tap.same(lines_of(server.log.read_text())[-1:], ['"POST /x HTTP/1.1" 413 22 "b" "a"'],
                 "the combined format, for a request that is refused for its size")
    with limited.start(**options) as server:
        limited.ask(server)
        server.stop()
        tap.same((server.console.read_text(), len(limited.log_lines(server, "GET"))), ("", 0),
                 "there is no access log by default")
    tap.done_testing()


main()
