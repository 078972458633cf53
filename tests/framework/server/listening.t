#!/usr/bin/python3
"""HOST and PORT: each place where a server can listen, what it leaves behind, and its message when it cannot
listen."""
# builds: gcc asan
import os
import pathlib
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import limited  # noqa: E402
import tap  # noqa: E402

PROGRAM = os.environ["BUILD"] + "/tests/framework/server/environ_app"
USED = "komori: LISTEN_FDS has %s: HOST and PORT have no effect\n"


class Started:
    """The program behind the shell commands, listening at `urls`, or ended with what it printed."""

    def __init__(self, host, port="0", shell="", fds=(), **options):
        environment = {**os.environ, "KOMORI_HOST": host, "KOMORI_PORT": port}
        environment.update({"KOMORI_" + name: value for name, value in options.items()})
        self.log = tempfile.NamedTemporaryFile()
        self.console = tempfile.NamedTemporaryFile()
        self.process = subprocess.Popen(
            ["/bin/bash", "-c", shell + '\nexec "$0"', PROGRAM], env=environment, pass_fds=fds,
            stdin=subprocess.DEVNULL, stdout=self.console, stderr=self.log)
        tap.wait_for(lambda: self.process.poll() is not None or " * environ on" in self.printed())
        line = re.search(r" \* environ on (.*) \(PROFILE off, pid", self.printed())
        self.urls = line[1].split(" and ") if line else []

    def printed(self):
        return pathlib.Path(self.log.name).read_text()

    def stop(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(tap.BOUND)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop(signal.SIGKILL)


def curl(url, *options):
    return subprocess.run(["curl", "-sS", "--max-time", str(tap.BOUND), "--noproxy", "*", *options, url],
                          capture_output=True, text=True).stdout


def port_of(url):
    return url.rstrip("/").rpartition(":")[2]


def refuses(family, address):
    with socket.socket(family) as connection:
        return connection.connect_ex(address) != 0


def bound(family, host):
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((host, 0))
    listening.listen()
    return listening


def has_ipv6():
    try:
        bound(socket.AF_INET6, "::1").close()
        return True
    except OSError:
        return False


IPV6 = has_ipv6()


def check_fails(name, line, *arguments, **options):
    """One line that says why, and exit status 1."""
    with Started(*arguments, **options) as server:
        if server.urls:
            server.stop()
        found = (server.process.wait(tap.BOUND), server.printed())
        if not tap.ok(found[0] == 1 and re.fullmatch(f"komori: {line}\n", found[1]), name):
            tap.diag(found)


def check_addresses():
    with Started("127.0.0.1") as server:
        [url] = server.urls
        port = port_of(url)
        tap.same(url, f"http://127.0.0.1:{port}/", "an address")
        tap.ok(re.fullmatch(rf"127.0.0.1 {port} '127.0.0.1' '\d+' 127.0.0.1:{port}", curl(url)),
               "its environ")
        check_fails("a port in use",
                    rf"cannot listen on 127\.0\.0\.1:{port}: Address already in use; stop what "
                    "listens there, or choose another PORT", "127.0.0.1", port)
        with socket.create_connection(("127.0.0.1", int(port))) as connection:
            connection.sendall(limited.request("/"))
            limited.read_answer(connection)
            tap.same(server.stop(), 0, "the program exits with 0 with a connection open")
        tap.ok(refuses(socket.AF_INET, ("127.0.0.1", int(port))), "connections are refused afterwards")
    with Started("127.0.0.1", port) as server:
        tap.same(server.urls, [url], "the port can be used again at once")
    if not IPV6:
        return
    with Started("::1") as server:
        [url] = server.urls
        tap.ok(re.fullmatch(r"http://\[::1\]:\d+/", url), "an IPv6 address")
        tap.ok(curl(url).startswith(f"::1 {port_of(url)} '::1' "), "its environ")
    with Started("::") as server:
        port = port_of(server.urls[0])
        tap.ok(" '127.0.0.1' " in curl(f"http://127.0.0.1:{port}/"), ":: takes IPv4 clients")
        tap.ok(" '::1' " in curl(f"http://[::1]:{port}/"), "and IPv6 clients")


def check_localhost():
    with Started("localhost") as server:
        port = port_of(server.urls[0])
        wanted = [f"http://127.0.0.1:{port}/"] + [f"http://[::1]:{port}/"] * IPV6
        tap.same(server.urls, wanted, "localhost is both loopback addresses, with one port")
        tap.same([" '127.0.0.1' " in curl(server.urls[0]), " '::1' " in curl(server.urls[-1])],
                 [True, IPV6], "both respond")
        tap.same(server.stop(), 0, "the program exits with 0")
        places = [(socket.AF_INET, "127.0.0.1")] + [(socket.AF_INET6, "::1")] * IPV6
        tap.ok(all(refuses(family, (host, int(port))) for family, host in places),
               "neither is left")
    if IPV6:
        with bound(socket.AF_INET6, "::1") as other:
            port = other.getsockname()[1]
            check_fails("one of two in use",
                        rf"cannot listen on \[::1\]:{port} \(localhost\): Address already in use.*",
                        "localhost", str(port))


def check_bad_hosts():
    check_fails("no such host", r"cannot listen on a{64}:5000: .+; HOST is a name or an address of "
                "this machine, without scheme, brackets and port, or unix:PATH, or fd://N", "a" * 64, "5000")
    check_fails("another machine's address", r"cannot listen on 192\.0\.2\.1:0: Cannot assign "
                "requested address; HOST must be an address of this machine", "192.0.2.1")
    least = int(pathlib.Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text())
    if least > 1:
        shell = 'set -- setpriv --bounding-set=-net_bind_service "$0"; exec "$@"'
        check_fails("no permission", r"cannot listen on 127\.0\.0\.1:1: Permission denied; low "
                    "ports need root or CAP_NET_BIND_SERVICE, others do not", "127.0.0.1", "1",
                    shell=shell if os.getuid() == 0 else "")


def check_unix(folder):
    path = f"{folder}/app.sock"
    host = f"unix:{path}"
    with Started(host, shell="umask 027", ACCESS_LOG="stdout",
                 ACCESS_LOG_FORMAT="common") as server:
        tap.same(server.urls, [host], "a Unix socket")
        tap.same(curl("http://a.test/", "--unix-socket", path), "localhost 80 '' '' a.test",
                 "its environ")
        tap.same(stat.filemode(os.stat(path).st_mode), "srwxr-x---", "its mode follows umask")
        check_fails("a live one", f"cannot listen on {host}: already in use; stop what listens "
                    "there, or choose another path", host)
        tap.same(curl("http://a/", "--unix-socket", path), "localhost 80 '' '' a",
                 "the first server still serves")
        tap.same(server.stop(), 0, "the program exits with 0")
        tap.ok(not os.path.exists(path), "its file is removed")
        tap.ok(re.match(r"- - - \[[^]]+\] \"GET / HTTP/1.1\" 200 ",
                        pathlib.Path(server.console.name).read_text()),
               "the access log has no address for its clients")
    with Started(host) as server:
        server.stop(signal.SIGKILL)
        tap.ok(os.path.exists(path), "a killed server leaves its file")
    tap.wait_for(lambda: refuses(socket.AF_UNIX, path))  # its workers notice
    with Started(host) as server:
        tap.same(curl("http://a/", "--unix-socket", path), "localhost 80 '' '' a",
                 "the next server replaces it")
        os.rename(path, path + ".old")
        with Started(host) as successor:
            server.stop()
            tap.same(curl("http://a/", "--unix-socket", path), "localhost 80 '' '' a",
                     "a server leaves its successor's file alone")
            successor.stop()


def check_bad_paths(folder):
    path = f"{folder}/file"
    for make in (lambda: pathlib.Path(path).write_text("kept"), lambda: os.mkdir(path),
                 lambda: os.symlink("/nowhere", path)):
        make()
        check_fails("a path that is taken",
                    f"cannot listen on unix:{path}: the file there is not a socket",
                    f"unix:{path}")
        before = os.lstat(path)
        tap.ok(stat.S_IFMT(before.st_mode) != stat.S_IFSOCK, "the file stays")
        shutil.rmtree(path) if stat.S_ISDIR(before.st_mode) else os.unlink(path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
        other.bind(path)
        check_fails("a datagram socket", f"cannot listen on unix:{path}: already in use; .*",
                    f"unix:{path}")
    tap.ok(os.path.exists(path), "the datagram socket stays")
    long = folder + "/" + "x" * (107 - len(folder) - 1)
    check_fails("a long path", f"cannot listen on unix:{long}x: the path of a socket has 1 to 107 "
                "bytes, this one has 108", f"unix:{long}x")
    with Started(f"unix:{long}") as server:
        tap.same(server.urls, [f"unix:{long}"], "the longest path")
        server.stop()
        tap.ok(not os.path.exists(long), "the longest path is removed, too")
    check_fails("no path", "cannot listen on unix:: the path of a socket has .*", "unix:")
    check_fails("no folder", f"cannot listen on unix:{folder}/none/a: No such file or directory",
                f"unix:{folder}/none/a")


def check_descriptors(folder):
    with bound(socket.AF_INET, "127.0.0.1") as given:
        given.setblocking(True)
        port = given.getsockname()[1]
        with Started(f"fd://{given.fileno()}", "1", fds=[given.fileno()]) as server:
            tap.same(server.urls, [f"http://127.0.0.1:{port}/"], "an inherited socket")
            given.close()
            tap.ok(curl(server.urls[0]).startswith(f"127.0.0.1 {port} '127.0.0.1' "), "an inherited socket serves")
            tap.same(server.stop(), 0, "the program exits with 0")
            tap.ok(refuses(socket.AF_INET, ("127.0.0.1", int(port))), "it is closed at the end")
    with socket.socket(socket.AF_UNIX) as given:
        path = f"{folder}/given.sock"
        given.bind(path)
        given.listen()
        with Started(f"fd://{given.fileno()}", fds=[given.fileno()]) as server:
            tap.same(server.urls, [f"unix:{path}"], "an inherited Unix socket")
            tap.same(curl("http://a/", "--unix-socket", path), "localhost 80 '' '' a", "an inherited Unix socket serves")
            server.stop()
        tap.ok(os.path.exists(path), "the file of an inherited socket stays")
    opened = "; the program that starts this one must open it"
    check_fails("nothing there", "cannot listen on fd://99: Bad file descriptor" + opened,
                "fd://99")
    check_fails("a file", "cannot listen on fd://0: it is not a socket" + opened, "fd://0")
    for text in ("", "x", "-1", "3x", "4294967299"):
        check_fails("no number", f"cannot listen on fd://{text}: a descriptor is a decimal number",
                    f"fd://{text}")
    for kind, why in ((socket.SOCK_STREAM, "it does not listen"),
                      (socket.SOCK_DGRAM, "it is not a stream socket of TCP or of a path")):
        with socket.socket(socket.AF_INET, kind) as given:
            given.bind(("127.0.0.1", 0))
            check_fails(why, f"cannot listen on fd://{given.fileno()}: {why}{opened}",
                        f"fd://{given.fileno()}", fds=[given.fileno()])


def check_activation(folder):
    with bound(socket.AF_INET, "127.0.0.1") as first, socket.socket(socket.AF_UNIX) as second:
        path = f"{folder}/activated.sock"
        second.bind(path)
        second.listen()
        fds = [first.fileno(), second.fileno()]
        # Past the numbers that are made here.
        given = f"exec 10<&{fds[0]} 11<&{fds[1]} 3<&10 4<&11 10<&- 11<&-;"
        url = f"http://127.0.0.1:{first.getsockname()[1]}/"
        pid = given + "export LISTEN_FDNAMES=a:b LISTEN_PID="
        with Started("256.0.0.1", shell=pid + "$$ LISTEN_FDS=2", fds=fds) as server:
            tap.same(server.urls, [url, f"unix:{path}"], "systemd's sockets, instead of HOST")
            tap.ok(server.printed().startswith(USED % "2 listening sockets"), "the log says so")
            tap.same([curl(url + "activation"),
                      curl("http://a/activation", "--unix-socket", path)], ["gone"] * 2,
                     "both sockets serve, and the variables are gone")
            tap.same(server.stop(), 0, "the program exits with 0")
        tap.ok(os.path.exists(path), "systemd's files stay")
        with Started("fd://3", shell=pid + "1 LISTEN_FDS=2", fds=fds) as server:
            tap.same(server.urls, [url], "variables for another process have no effect")
            tap.same(curl(url + "activation"), "gone", "a handler does not get them")
        check_fails("no process", 'LISTEN_PID: "me" is not a process id', "127.0.0.1",
                    shell=pid + "me LISTEN_FDS=2", fds=fds)
        for count in ("", "0", "two", "-1", "99999999999999999999"):
            check_fails(f"{count!r} sockets", f'LISTEN_FDS: "{count}" is not a count of sockets, '
                        "which is a number from 1 on", "127.0.0.1",
                        shell=pid + f"$$ LISTEN_FDS={count}", fds=fds)
        check_fails("fewer sockets than said", r"cannot listen on descriptor \d+ of LISTEN_FDS: "
                    ".+; the program that starts this one must open it",
                    "127.0.0.1", shell=pid + "$$ LISTEN_FDS=40", fds=fds)


def check_systemd(folder):
    tool = shutil.which("systemd-socket-activate")
    path = f"{folder}/systemd.sock"
    if not tool:
        return
    with subprocess.Popen([tool, "-l", path, PROGRAM], stdin=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True) as server:
        tap.wait_for(lambda: os.path.exists(path))
        tap.same(curl("http://a/activation", "--unix-socket", path), "gone", "systemd's own tool")
        server.terminate()
        printed = server.stderr.read()
    tap.ok(USED % "1 listening socket" in printed, "the log says so")
    tap.same(server.returncode, 0, "the program exits with 0")


def main():
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        check_addresses()
        check_localhost()
        check_bad_hosts()
        check_unix(folder)
        check_bad_paths(folder)
        check_descriptors(folder)
        check_activation(folder)
        check_systemd(folder)
    tap.done_testing()


main()
