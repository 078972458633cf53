#!/usr/bin/python3
"""The viewer of a running application: the same numbers as pstats, and who may see them."""
# builds: gcc asan
import contextlib
import gzip
import os
import pathlib
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

here = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(here), str(here.parent / "middleware"), str(here.parents[1])]
from server import Server  # noqa: E402
from viewer import Profile, ask, of_pstats, quote  # noqa: E402
import tap  # noqa: E402

BUILD = os.environ["BUILD"]
SHAPES = BUILD + "/tests/profiler/middleware/shapes_app"
PLANNER = BUILD + "/apps/planner/planner"
ITEMS = ",".join(map(str, range(1, 31)))
PATHS = ["fib/12", "mutual", "deep", "wide", "library", "stream/5", "error", "empty", "any/a%2Fb%20c", "count/7", "nowhere"]
POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
          "base-uri 'none'; form-action 'none'; frame-ancestors 'none'")


def address(server):
    return "127.0.0.1", server.port


def listed(server, **headers):
    return ask(address(server), "api/requests", **headers).json


def wait_listed(server, count):
    def complete():
        try:
            found = listed(server)
        except OSError:
            return None  # the worker that was to response was killed for another request
        return len(found["requests"]) >= count and not any("pending" in one for one in found["requests"]) and found

    return server.wait_for(complete)


def request(server, path):
    return ask(address(server), path, base="/")


class Private(Server):
    """Without PROFILE_DIR; folders go where the test sees them."""

    def __init__(self, program, *arguments, **options):
        self.temporary = pathlib.Path(tempfile.mkdtemp(prefix="komori-test-"))
        os.environ["TMPDIR"] = str(self.temporary)
        super().__init__(program, *arguments, PROFILE_DIR="", **options)
        del os.environ["TMPDIR"]

    def __exit__(self, *exception):
        super().__exit__(*exception)
        self.temporary.rmdir()


# --- shapes and numbers ---

def check_numbers(server):
    for path in PATHS:
        request(server, path)
    found = wait_listed(server, len(PATHS))
    tap.same(sorted(found), ["live", "now", "requests", "running"], "the list has its four fields")
    tap.ok(found["live"] is True and abs(found["now"] - time.time()) < tap.BOUND and found["running"] == [], "and is live")
    files = {path.name for path in server.prof_files()}
    tap.same({one["id"] for one in found["requests"]}, files, "it lists every dump")
    started = [one["started"] for one in found["requests"]]
    tap.same(started, sorted(started), "the newest last")
    keys = ["calls", "elapsed", "error", "exact", "id", "method", "outcome", "path", "query", "route", "started", "status"]
    tap.ok(all(sorted(one) == keys and one["exact"] and one["error"] is None for one in found["requests"]), "each has its fields")
    facts = {one["path"]: one for one in found["requests"]}
    tap.same([facts["/any/a/b c"][key] for key in ("method", "route", "status", "outcome")],
             ["GET", "/any/<path:rest>", 200, "finished"], "and its facts")
    tap.same([facts["/nowhere"][key] for key in ("route", "status")], [None, 404], "also without a route")
    for one in found["requests"]:
        check_profile(server, one)


def check_profile(server, one):
    path, name = server.dumps / one["id"], one["path"]
    response = ask(address(server), "api/profile/" + quote(one["id"]))
    tap.same((response.status, response.headers["content-type"]), (200, "application/octet-stream"), f"{name}: the profile")
    profile = Profile(response.body)
    rows, totals = of_pstats(path)
    tap.same(profile.stats(), rows, f"{name}: rows and callers are pstats'")
    header = profile.header
    tap.same((header["total_calls"], header["primitive_calls"]), totals[:2], f"{name}: and the numbers of calls")
    tap.ok(abs(header["total_time"] - totals[2]) < 1e-12, f"{name}: and the time")
    tap.same(one["calls"], totals[0], f"{name}: the list has the same calls")
    tap.same((profile.version, profile.start % 4, profile.left), (1, 0, 0), f"{name}: the bytes are those of the format")
    calls, own = {}, {}
    for node, function in enumerate(profile.function):
        calls[function] = calls.get(function, 0) + profile.calls[node]
        own[function] = own.get(function, 0) + profile.total[node]
        if node:
            caller = profile.function[profile.parent[node]]
            own[caller] = own.get(caller, 0) - profile.total[node]
    rows = {row[0]: row for row in header["rows"]}
    tap.same(calls, {function: row[2] for function, row in rows.items()}, f"{name}: the tree's calls add up to the rows'")
    tap.ok(all(abs(own[function] - row[3]) < 1e-9 for function, row in rows.items()), f"{name}: and its own times")
    tap.ok(all(parent < node for node, parent in enumerate(profile.parent) if node) and profile.parent[0] == 0,
           f"{name}: callers stand first")


# --- other responses ---

def check_answers(server):
    at = address(server)
    page = ask(at)
    tap.same((page.status, page.headers["content-type"]), (200, "text/html; charset=utf-8"), "the page")
    for path in ["", "app.js", "style.css", "api/requests", "api/profile/none.prof", "nothing"]:
        headers = ask(at, path).headers
        tap.same([headers.get(name) for name in ("content-security-policy", "x-content-type-options", "referrer-policy",
                                                 "cross-origin-resource-policy")],
                 [POLICY, "nosniff", "no-referrer", "same-origin"], f"{path or 'the page'}: headers")
        tap.same(headers["cache-control"], "no-cache" if path in ("", "app.js", "style.css") else "no-store", f"{path}: caching")
    files = here.parents[2] / "profiler/viewer/page"
    tap.same(sorted(re.findall(r'<link rel="modulepreload" href="([^"]+)">', page.body.decode())),
             sorted(path.name for path in files.glob("*.js")), "the page links all modules")
    source = (files / "app.js").read_bytes()
    plain, packed = ask(at, "app.js"), ask(at, "app.js", Accept_Encoding="gzip, br")
    tap.same((plain.body, plain.headers.get("content-encoding")), (source, None), "an asset")
    tap.same((gzip.decompress(packed.body), packed.headers["content-encoding"], packed.headers["vary"]),
             (source, "gzip", "Accept-Encoding"), "compressed")
    again = ask(at, "app.js", If_None_Match=plain.headers["etag"])
    tap.same((again.status, again.body), (304, b""), "and not sent again")
    head = ask(at, "app.js", method="HEAD")
    tap.same((head.status, head.body, head.headers["content-length"]), (200, b"", str(len(source))), "HEAD")
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        response = ask(at, "api/requests", method=method, Content_Length="0")
        tap.same((response.status, response.headers.get("allow")), (405, "GET, HEAD"), f"{method} is not allowed")
    moved = ask(at, base="/__profile__")
    tap.same((moved.status, moved.headers["location"]), (308, "__profile__/"), "the slash is added")
    tap.same(request(server, "__profile__x").status, 404, "a path that only begins like it is the application's")


def check_tag(server):
    count = len(PATHS) + 1
    server.wait_for(lambda: len(server.prof_files()) == count and not wait_listed(server, count)["running"])
    first = ask(address(server), "api/requests")
    again = ask(address(server), "api/requests", If_None_Match=first.headers["etag"])
    tap.same((again.status, again.body), (304, b""), "the list: nothing is new")
    request(server, "mutual")
    wait_listed(server, len(first.json["requests"]) + 1)
    again = ask(address(server), "api/requests", If_None_Match=first.headers["etag"])
    tap.same(again.status, 200, "the list: a request is new")
    tap.same(len(server.prof_files()), len(again.json["requests"]), "requests to the viewer are not recorded")


def check_tag_of_another_worker():
    """Each worker counts what it sees for itself: as many changes may be others."""
    with Server(SHAPES, PROFILE_STREAM="off") as server:
        request(server, "mutual")
        server.wait_for(server.prof_files)
        first = ask(address(server), "api/requests")
        old = server.worker
        os.kill(old, signal.SIGKILL)
        server.wait_for(lambda: server.worker not in (old, server.process.pid))
        server.prof_files()[0].rename(server.dumps / "other.prof")
        again = ask(address(server), "api/requests", If_None_Match=first.headers["etag"])
        tap.same((again.status, [one["id"] for one in again.json["requests"]] if again.body else None), (200, ["other.prof"]),
                 "the list: what another worker calls new is not taken for what one has")


def check_source(server):
    one = next(one for one in listed(server)["requests"] if one["path"] == "/fib/12")
    header = Profile(ask(address(server), "api/profile/" + quote(one["id"])).body).header
    number = next(i for i, function in enumerate(header["functions"]) if function[2] == "fib")
    found = ask(address(server), f"api/source/{quote(one['id'])}/{number}")
    file, line, _ = header["functions"][number]
    tap.same(found.json, {"file": file, "changed": False, "first": 1, "line": line, "text": pathlib.Path(file).read_text()}, "the source of a function")
    built_in = next(i for i, function in enumerate(header["functions"]) if function[0] == "~")
    for rest in (str(built_in), str(len(header["functions"])), "-1", "1x", "", "99999999999999999999", f"{number}/x"):
        response = ask(address(server), f"api/source/{quote(one['id'])}/{rest}")
        tap.same((response.status, list(response.json)), (404, ["error"]), f"no source of {rest or 'nothing'}")
    tap.same(ask(address(server), f"api/source/{quote(one['id'])}").status, 404, "nor of none at all")


def check_changed_source(server):
    script = pathlib.Path(server.folder, "script.py")
    script.write_text("def f():\n    pass\nf()\n")
    dump = server.dumps / "script.prof"
    subprocess.run(["/usr/bin/python3", "-m", "cProfile", "-o", dump, script], check=True)
    header = Profile(ask(address(server), "api/profile/script.prof").body).header
    number = next(i for i, function in enumerate(header["functions"]) if function[0] == str(script))
    written = dump.stat().st_mtime
    for modified, changed in ((written - 1, False), (written + 1, True)):
        os.utime(script, (modified, modified))
        found = ask(address(server), f"api/source/script.prof/{number}").json
        tap.same(found["changed"], changed, f"a source of {modified - written:+.0f} s beside the profile: changed, {changed}")
    dump.unlink()


def check_file(server):
    for name in [one["id"] for one in listed(server)["requests"]]:
        response = ask(address(server), "api/file/" + quote(name))
        tap.same((response.status, response.headers["content-type"], response.body),
                 (200, "application/octet-stream", (server.dumps / name).read_bytes()), f"the file {name} itself")


def check_compare(server):
    request(server, "fib/5")
    found = server.wait_for(lambda: {one["path"]: one["id"] for one in listed(server)["requests"] if "/fib/" in (one["path"] or "")}
                            if any(one["path"] == "/fib/5" for one in listed(server)["requests"]) else None)
    before, after = found["/fib/12"], found["/fib/5"]
    response = ask(address(server), f"api/compare?before={quote(before)}&after={quote(after)}").json
    tap.same(sorted(response), ["after", "before", "functions", "labels", "nodes", "rows", "sentence"], "compare has its fields")
    tap.same((response["before"]["id"], response["after"]["path"]), (before, "/fib/5"), "and the facts of both")
    tap.ok(response["sentence"].startswith("fib: 465 -> 15 calls (-96.8%); request "), "and the sentence of komori diff")
    stats = [of_pstats(server.dumps / name)[0] for name in (before, after)]
    for side, rows in zip(("before", "after"), stats):
        ours = {tuple(response["functions"][row["function"]]): tuple(row[side]) for row in response["rows"] if row[side]}
        tap.same(ours, {key: (value[1], value[2], value[3]) for key, value in rows.items()}, f"rows of {side} are pstats'")
    nodes = response["nodes"]
    tap.same(len({len(column) for column in nodes.values()}), 1, "the columns are equally long")
    name = {i: function[2] for i, function in enumerate(response["functions"])}
    calls = [0, 0]
    for i, function in enumerate(nodes["function"]):
        if name[function] == "fib":
            calls[0] += nodes["before_calls"][i] or 0
            calls[1] += nodes["after_calls"][i] or 0
    tap.same(calls, [465, 15], "calls by path add up")
    tap.ok(None in nodes["after_calls"] and nodes["parent"][0] == 0
           and all(parent < i for i, parent in enumerate(nodes["parent"]) if i), "paths that only one has say so; callers first")
    tap.same(ask(address(server), "api/compare?before=" + quote(before)).status, 400, "one is not enough")
    tap.same(ask(address(server), f"api/compare?before={quote(before)}&after=none.prof").status, 404, "nor one that is not there")


# --- access ---

def check_hostile_ids(server):
    secret = pathlib.Path(server.folder, "secret.prof")
    good = server.prof_files()[0]
    secret.write_bytes(good.read_bytes())
    (server.dumps / "link.prof").symlink_to(secret)
    (server.dumps / "folder.prof").mkdir()
    os.mkfifo(server.dumps / "pipe.prof")
    (server.dumps / ".hidden.prof").write_bytes(good.read_bytes())
    (server.dumps / "other.txt").write_bytes(good.read_bytes())
    (server.dumps / "torn.prof").write_bytes(good.read_bytes()[:100])
    (server.dumps / "<script>alert(1)<%2f>.prof").write_bytes(good.read_bytes())
    with open(os.fsencode(server.dumps) + b"/\xff.prof", "wb") as file:
        file.write(b"{0")
    sock = socket.socket(socket.AF_UNIX)
    sock.bind(str(server.dumps / "socket.prof"))
    for name in ["../secret.prof", "..%2fsecret.prof", "%2e%2e%2fsecret.prof", "%2e%2e/secret.prof", "..%5csecret.prof",
                 str(secret), quote(str(secret)), "link.prof", "folder.prof", "pipe.prof", "socket.prof", ".hidden.prof",
                 "other.txt", "%ff.prof", ".", "..", "", "/", "%2e", "none.prof", "a" * 300 + ".prof", "..%252fsecret.prof"]:
        for path in (f"api/profile/{name}", f"api/file/{name}", f"api/source/{name}/0", f"api/compare?before={name}&after={name}"):
            response = ask(address(server), path)
            tap.ok(response.status in (400, 404) and b"KMPV" not in response.body, f"refused: {path[:60]}")
    tap.same(ask(address(server), "api/profile/a%00.prof").status // 100, 4, "refused: a NUL")
    found = {one["id"]: one for one in wait_listed(server, 3)["requests"]}
    tap.ok({"torn.prof", "<script>alert(1)<%2f>.prof"} <= set(found) and
           not {"link.prof", "folder.prof", "pipe.prof", "socket.prof", ".hidden.prof", "other.txt"} & set(found),
           "the list has regular files only")
    tap.ok("byte 100" in found["torn.prof"]["error"] and found["torn.prof"]["calls"] == 0, "and names the one that is not a profile")
    for kind in ("profile", "file"):
        response = ask(address(server), f"api/{kind}/torn.prof")
        tap.same((response.status, list(response.json)), (500, ["error"]), f"which is an error of its own, asked for as a {kind}")
    response = ask(address(server), "api/profile/" + quote("<script>alert(1)<%2f>.prof"))
    tap.same(Profile(response.body).header["id"], "<script>alert(1)<%2f>.prof", "a strange name is a name")
    tap.ok(b"<script>" not in ask(address(server), "api/requests").body + response.body, "and no markup in JSON")
    sock.close()


def check_hosts(server):
    port = server.port
    for host, status in [("localhost", 200), (f"localhost:{port}", 200), ("LOCALHOST", 200), ("app.localhost:1", 200),
                         ("127.0.0.1", 200), (f"127.1.2.3:{port}", 200), ("[::1]", 200), (f"[::1]:{port}", 200),
                         ("evil.example", 403), (f"evil.example:{port}", 403), ("localhost.evil.example", 403),
                         ("notlocalhost", 403), ("127.0.0.1.evil.example", 403), ("192.0.2.1", 403), ("[2001:db8::1]", 403),
                         ("0.0.0.0", 403), ("127.0.0.1x", 403), ("localhost:x", 403), ("[::1", 403), ("", 403)]:
        got = ask(address(server), "api/requests", Host=host).status
        tap.ok(got == status or (status == 403 and got == 400), f"Host {host or '(empty)'}: {got}")
    for name in ("Forwarded", "X_Forwarded_For", "X_Real_IP"):
        tap.same(ask(address(server), "api/requests", **{name: "127.0.0.1"}).status, 403, f"{name}: another client")


def other_address():
    """Of this machine, not loopback; None when there is none. Sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("203.0.113.1", 9))
            name = probe.getsockname()[0]
        except OSError:
            return None
    return None if name.startswith("127.") else name


def check_secret():
    other = other_address()
    with Server(SHAPES, HOST="0.0.0.0", PROFILE_SECRET="right-secret") as server:
        at = (other, server.port) if other else address(server)
        stranger = {"Host": "evil.example"}
        tap.same(ask(at, "api/requests", **stranger).status, 403, f"a stranger ({at[0]}) gets nothing")
        if other:
            tap.same(ask(at, "api/requests", Host="localhost").status, 403, "whatever Host it names")
        tap.same(request(server, "mutual").status, 200, "the application serves it")
        for name, path, headers, status in [
                ("header", "", {"X_Komori_Secret": "right-secret"}, 200),
                ("cookie", "", {"Cookie": "a=b; komori_secret=right-secret; c=d"}, 200),
                ("query", "?secret=right-secret", {}, 200),
                ("wrong header", "", {"X_Komori_Secret": "right-secres"}, 403),
                ("longer header", "", {"X_Komori_Secret": "right-secretright-secret"}, 403),
                ("part of it", "", {"X_Komori_Secret": "right"}, 403),
                ("empty header", "", {"X_Komori_Secret": ""}, 403),
                ("wrong cookie", "", {"Cookie": "komori_secret=wrong; xkomori_secret=right-secret"}, 403),
                ("wrong query", "?secret=", {}, 403)]:
            tap.same(ask(at, "api/requests" + path, **stranger, **headers).status, status, f"secret by {name}")
        moved = ask(at, "?secret=right-secret", **stranger)
        tap.same((moved.status, moved.headers["location"], moved.headers["set-cookie"]),
                 (303, "./", "komori_secret=right-secret; Path=/__profile__/; HttpOnly; SameSite=Strict"),
                 "the page takes the secret out of the address")
        tap.same(ask(address(server), "api/requests").status, 200, "this machine needs none")
    with Server(SHAPES, HOST="0.0.0.0") as server:
        at = (other, server.port) if other else address(server)
        for headers in ({}, {"X_Komori_Secret": ""}, {"Cookie": "komori_secret="}):
            tap.same(ask(at, "api/requests?secret=", Host="evil.example", **headers).status, 403, "without a secret none is right")


def check_off():
    with Server(SHAPES, PROFILE="0") as server:
        for path in ("", "api/requests", "app.js"):
            tap.same((ask(address(server), path).status, ask(address(server), path).body), (404, b"404 Not Found\n"),
                     f"PROFILE off: {path or 'the page'} is the application's 404")
    with Server(BUILD + "/tests/profiler/viewer/own_route_app", PROFILE="0") as server:
        tap.same(ask(address(server)).body, b"the program's own", "PROFILE off: a route of the program's there")


def check_unix_socket():
    with tempfile.TemporaryDirectory() as folder:
        path = folder + "/s"
        environment = dict(os.environ, KOMORI_PROFILE="1", KOMORI_HOST="unix:" + path, KOMORI_PROFILE_STREAM="off", TMPDIR=folder)
        process = subprocess.Popen([SHAPES], env=environment, stderr=subprocess.PIPE)
        process.stderr.readline()
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(path)
            client.sendall(b"GET /__profile__/api/requests HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            tap.ok(client.makefile("rb").read().startswith(b"HTTP/1.1 200 "), "a Unix socket is this machine")
        process.terminate()
        tap.same(process.wait(tap.BOUND), 0, "and ends")
        process.stderr.close()


# --- the folder ---

def check_private_folder():
    with Private(PLANNER, TIMEOUT="3") as server:
        folders = list(server.temporary.iterdir())
        tap.same((len(folders), folders[0].stat().st_mode & 0o777), (1, 0o700), "without PROFILE_DIR there is a private folder")
        request(server, "plans?items=1,2,3")
        wait_listed(server, 1)
        check_running(server)
        killed = wait_listed(server, 2)["requests"][-1]
        tap.ok(killed["outcome"].startswith("killed: SIGKILL after"), "the request that was killed is in the list")
        profile = Profile(ask(address(server), "api/profile/" + quote(killed["id"])).body)
        names = [profile.header["functions"][profile.function[node]][2] for node in profile.header["facts"]["stack"]]
        tap.same(("expand" in names, names[-3:]), (True, ["respond", "plans", "<request GET /plans>"]), "with its stack")
        old = server.worker
        server.process.send_signal(signal.SIGHUP)
        server.wait_for(lambda: "starts again" in server.log.read_text() and not pathlib.Path(f"/proc/{old}").exists())
        found = wait_listed(server, 2)
        tap.same((len(found["requests"]), list(server.temporary.iterdir())), (2, folders), "a reload keeps the folder")
        tap.same(server.stop(), 0, "SIGTERM")
        tap.same(list(server.temporary.iterdir()), [], "removes it")


def check_running(server):
    before = time.time() - 1  # the program reads a clock with ticks
    threading.Thread(target=lambda: swallow(server, f"plans?items={ITEMS}"), daemon=True).start()
    found = server.wait_for(lambda: [one for one in listed(server)["running"] if one["route"]])
    after, one = time.time() + 1, found[0]
    tap.same((sorted(one), one["method"], one["target"], one["route"], one["pid"] > 0),
             (["elapsed", "method", "pid", "route", "started", "target"], "GET", f"/plans?items={ITEMS}", "/plans", True),
             "the viewer lists a handler that runs")
    tap.ok(before <= one["started"] <= after and 0 <= one["elapsed"] <= after - before, "and since when it runs")


def swallow(server, path):
    try:
        request(server, path)
    except OSError:
        pass  # its worker is killed


def check_pruning():
    with Private(SHAPES, PROFILE_KEEP="2", PROFILE_STREAM="off") as server:
        request(server, "fib/30")  # the slowest
        request(server, "any/failed")
        for number in range(62):
            request(server, f"fib/{number % 3}")
        found = server.wait_for(lambda: len(found := listed(server)["requests"]) <= 5 and found)
        tap.same(sum(one["route"] == "/fib/<int:n>" for one in found) <= 4, True, "of 64 requests few are left")
        tap.ok("/fib/30" in [one["path"] for one in found], "the slowest among them")
        tap.ok("/any/failed" in [one["path"] for one in found], "and other routes'")
    with tempfile.TemporaryDirectory() as folder:
        foreign = pathlib.Path(folder, "foreign.prof")
        foreign.write_bytes(b"{0")
        with Server(SHAPES, PROFILE_DIR=folder, PROFILE_STREAM="off") as server:
            for _ in range(70):
                request(server, "mutual")
            server.wait_for(lambda: len(list(pathlib.Path(folder).glob("*.prof"))) >= 71)
            tap.same(len(list(pathlib.Path(folder).glob("*.prof"))), 71, "a folder of the user's own is not pruned")
        with Server(SHAPES, PROFILE_DIR=folder, PROFILE_STREAM="off", PROFILE_KEEP="3") as server:
            for _ in range(32):
                request(server, "mutual")
            left = server.wait_for(lambda: len(found := list(pathlib.Path(folder).glob("*.prof"))) < 12 and found)
            tap.ok(foreign in left, "unless he asks for it; files that Komori did not write stay")


def asked(server, target):
    """A connection on which the target was asked for."""
    connection = socket.create_connection(address(server), timeout=tap.BOUND)
    connection.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    return connection


def check_large():
    """One profile is read after the other, which takes longer than any machine lets the program wait."""
    nodes, times = 300_000, 20
    with Server(SHAPES, PROFILE_STREAM="off") as server:
        subprocess.run([sys.executable, here.parents[1] / "viewer/profiles.py", server.dumps, str(nodes)], check=True)
        for threads in "0", "2":
            with Server(SHAPES, PROFILE_STREAM="off", PROFILE_DIR=str(server.dumps), THREADS=threads) as other, \
                    contextlib.ExitStack() as stack:
                pages = [stack.enter_context(asked(other, f"/__profile__/api/profile/{nodes}-nodes.prof")) for _ in range(times)]
                program = stack.enter_context(asked(other, "/fib/3"))
                tap.ok(program.recv(15) == b"HTTP/1.1 200 OK" and select.select(pages[-1:], [], [], 0)[0] == [],
                       f"THREADS={threads}: a request gets a response while large profiles are read")
                tap.ok(pages[0].recv(15) == b"HTTP/1.1 200 OK", "and so is the first of those")


with Server(SHAPES, PROFILE_STREAM="off") as server:
    check_numbers(server)
    check_answers(server)
    check_tag(server)
    check_source(server)
    check_changed_source(server)
    check_file(server)
    check_compare(server)
    check_hosts(server)
    check_hostile_ids(server)
check_tag_of_another_worker()
check_secret()
check_off()
check_unix_socket()
check_private_folder()
check_pruning()
check_large()
tap.done_testing()
