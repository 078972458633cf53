"""What clients of every kind do to apps/echo, and whether the answers are right."""
import random
import re
import socket
import struct
import time

MALFORMED = (
    (b"GET / HTTP/1.1\r\n\r\n", 400),
    (b"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
    (b"BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501),
    (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", 400),
    (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n", 413),
    (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
    (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
    (b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
    (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 40000 + b"\r\n\r\n", 431),
    (b"GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    (b"\x16\x03\x01\x02\x00", 400),
)


class Wrong(Exception):
    """An answer that is not what it must be."""


class Client:
    def __init__(self, address):
        self.socket = socket.create_connection(address, timeout=120)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.got = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data, pieces=1):
        size = max(1, len(data) // pieces)
        for at in range(0, len(data), size):
            self.socket.sendall(data[at:at + size])

    def fill(self):
        more = self.socket.recv(262144)
        if not more:
            raise Wrong("the connection ended early")
        self.got += more

    def answer(self, has_content=True):
        """(status, content) of the next answer."""
        while b"\r\n\r\n" not in self.got:
            self.fill()
        head, _, self.got = self.got.partition(b"\r\n\r\n")
        status = int(head[9:12])
        if status == 100:
            return self.answer(has_content)
        length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
        wanted = int(length[1]) if has_content and length else 0
        while len(self.got) < wanted:
            self.fill()
        content, self.got = self.got[:wanted], self.got[wanted:]
        return status, content

    def expect(self, status, content=None, has_content=True):
        found = self.answer(has_content)
        if found[0] != status or (content is not None and found[1] != content):
            raise Wrong(f"wanted {status} {content!r:.60}, got {found[0]} {found[1]!r:.60}")

    def expect_end(self):
        if self.got or self.socket.recv(4096):
            raise Wrong("bytes behind the last answer")

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


def post(body, chunk=0, fields=b""):
    head = b"POST /soak HTTP/1.1\r\nHost: a\r\n" + fields
    if not chunk:
        return head + b"Content-Length: %d\r\n\r\n" % len(body) + body
    parts = [body[at:at + chunk] for at in range(0, len(body), chunk)]
    framed = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)
    return head + b"Transfer-Encoding: chunked\r\n\r\n" + framed + b"0\r\n\r\n"


HELLO = b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"


def keep_alive(address, rng):
    with Client(address) as client:
        for _ in range(rng.randint(1, 40)):
            body = rng.randbytes(rng.randint(0, 2000))
            client.send(post(body, rng.choice((0, 0, 1 + len(body) // 3))), rng.randint(1, 5))
            client.expect(200, body)
            client.send(HELLO)
            client.expect(200, b"Hello, World!")
    return "keep-alive"


def pipelined(address, rng):
    bodies = [rng.randbytes(rng.randint(0, 300)) for _ in range(rng.randint(2, 48))]
    with Client(address) as client:
        client.send(b"".join(HELLO + post(body) for body in bodies), rng.randint(1, 9))
        for body in bodies:
            client.expect(200, b"Hello, World!")
            client.expect(200, body)
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        client.expect(200, b"")
        client.expect_end()
    return "pipelined"


def upload(address, rng):
    body = rng.randbytes(rng.randint(1, 1000)) * rng.randint(1, 1000)
    with Client(address) as client:
        client.send(post(body, rng.choice((0, 1000, 65536)),
                         rng.choice((b"", b"Expect: 100-continue\r\n"))))
        client.expect(200, body)
    return "uploads"


def head_only(address, rng):
    with Client(address) as client:
        for _ in range(rng.randint(1, 10)):
            client.send(b"HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            client.expect(200, b"", has_content=False)
    return "HEAD"


def malformed(address, rng):
    request, status = rng.choice(MALFORMED)
    with Client(address) as client:
        client.send(HELLO)
        client.expect(200, b"Hello, World!")
        client.send(request + (b"\r\n" if request[:1] == b"\x16" else b""))
        client.expect(status)
        client.expect_end()
    return "malformed"


def abort(address, rng):
    """Goes away at any byte of a request or of its answer."""
    request = post(rng.randbytes(rng.randint(0, 400)) * rng.randint(1, 500), rng.choice((0, 900)))
    client = Client(address)
    with client:
        client.send(request[:rng.randint(1, len(request))])
        if rng.random() < 0.5:
            client.send(HELLO * 5)
        if rng.random() < 0.3:
            client.reset()
    return "aborts"


def slow_reader(address, rng):
    """Asks for more than the socket holds before it reads any of it."""
    body = rng.randbytes(1000) * 1000
    with Client(address) as client:
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        client.send(post(body))
        time.sleep(0.02)
        client.send(HELLO)
        client.expect(200, body)
        client.expect(200, b"Hello, World!")
    return "slow readers"


KINDS = (keep_alive,) * 4 + (pipelined,) * 4 + (upload, head_only, malformed, malformed, abort,
                                                 abort, abort, slow_reader)


def serve_traffic(address, until, seed, counts, wrong):
    """Runs one client after the other until `until()`; counts by kind, and what was wrong."""
    rng = random.Random(seed)
    while not until():
        kind = rng.choice(KINDS)
        try:
            name = kind(address, rng)
            counts[name] = counts.get(name, 0) + 1
        except (BrokenPipeError, ConnectionResetError) as error:
            if kind is not abort:
                wrong.append(f"{kind.__name__}: {error}")
        except (Wrong, OSError) as error:
            wrong.append(f"{kind.__name__}: {error}")
