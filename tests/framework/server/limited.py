"""A server under test, seen from outside: its cost, its descriptors and its log."""
import fcntl
import os
import pathlib
import re
import socket
import sys
import termios

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "profiler/middleware"))
from server import Server  # noqa: E402
import tap  # noqa: E402

ECHO = os.environ["BUILD"] + "/apps/echo/echo"


def start(program=ECHO, shell="", **options):
    """A Server without profiler, started behind the shell commands (ulimit and the like)."""
    options = {"PROFILE": "0", **options}
    return Server("/bin/bash", "-c", shell + '\nexec "$0"', program, **options)


def cpu_seconds(server):
    fields = pathlib.Path(f"/proc/{server.worker}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_memory(server):
    """The most KiB that were resident."""
    status = pathlib.Path(f"/proc/{server.worker}/status").read_text()
    return int(re.search(r"VmHWM:\s*(\d+)", status)[1])


def links(pid):
    """The targets of the descriptors of a process; none when it has ended."""
    folder, found = f"/proc/{pid}/fd", []
    try:
        names = os.listdir(folder)
    except (FileNotFoundError, ProcessLookupError):
        return []
    for name in names:
        try:
            found.append(os.readlink(f"{folder}/{name}"))
        except (FileNotFoundError, ProcessLookupError):
            pass  # closed meanwhile
    return found


def open_sockets(server, pid=None):
    """The number of sockets of the worker, or of another process."""
    return sum(link.startswith("socket:") for link in links(pid or server.worker))


def log_lines(server, pattern):
    return re.findall(pattern, server.log.read_text(errors="replace"))


def connect(server):
    return socket.create_connection((server.host, server.port), timeout=tap.BOUND)


def wait_until_delivered(connection):
    """Returns when the peer's kernel has all bytes that were sent on this connection."""
    tap.wait_for(lambda: fcntl.ioctl(connection, termios.TIOCOUTQ, bytes(4)) == bytes(4))


def request(target="/hello", method="GET", fields=""):
    return f"{method} {target} HTTP/1.1\r\nHost: a\r\n{fields}\r\n".encode()


def read_answer(connection):
    """Reads one response with Content-Length: (status, content); None when the connection ended first."""
    got = b""
    while b"\r\n\r\n" not in got:
        more = connection.recv(65536)
        if not more:
            return None
        got += more
    head, _, content = got.partition(b"\r\n\r\n")
    length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])
    while len(content) < length:
        more = connection.recv(65536)
        if not more:
            return None
        content += more
    return int(head.split()[1]), content


def ask(server, target="/hello"):
    """The status of one request on a connection of its own."""
    with connect(server) as connection:
        connection.sendall(request(target, fields="Connection: close\r\n"))
        answer = read_answer(connection)
        return answer and answer[0]
