#!/usr/bin/python3
"""`komori view` serves files, Python's too; `komori export --to html` makes a page of one."""
# builds: gcc asan

import base64
import cProfile
import json
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import tempfile
import urllib.parse

tests = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(tests), str(tests / "profiler"), str(tests / "profiler/viewer")]
import tap  # noqa: E402
import trees  # noqa: E402
from viewer import Profile, ask, of_pstats, quote  # noqa: E402

KOMORI = os.environ["BUILD"] + "/apps/komori/komori"
HOSTILE = "</script><script>alert(1)</script>\"'&\udcff\u2028"


class View:
    def __init__(self, *arguments, **environment):
        self.process = subprocess.Popen([KOMORI, "view", *arguments], stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
                                        env=os.environ | environment)
        self.line = self.process.stderr.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", self.line)
        self.address = ("127.0.0.1", int(found[1])) if found else None

    def list(self):
        return ask(self.address, "api/requests").json

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        self.status = self.process.wait(tap.BOUND)
        self.process.stderr.close()


def python_profile(path, seed):
    """A dump of cProfile's with recursion, as many functions as chance has it."""
    chance = random.Random(seed)

    def descend(depth):
        return sorted(chance.random() for _ in range(3)) if depth == 0 else [descend(depth - 1) for _ in range(chance.randrange(1, 4))]

    profile = cProfile.Profile()
    profile.runcall(descend, chance.randrange(2, 6))
    profile.dump_stats(path)


def check_tree(name, profile, tree):
    tap.same((profile.parent, profile.calls, profile.total),
             (tuple(node[1] for node in tree.nodes), tuple(node[2] for node in tree.nodes),
              tuple(node[3] * tree.seconds_per_tick for node in tree.nodes)), f"{name}: the tree's columns")
    names = [profile.header["functions"][function] for function in profile.function]
    tap.same(names, [[*tree.functions[node[0]]] for node in tree.nodes], f"{name}: and its functions")


def check_folder(folder):
    made = {}
    for seed in range(5):
        python_profile(f"{folder}/python{seed}.prof", seed)
        made[f"tree{seed}.prof"] = tree = trees.random_tree(random.Random(seed), 10 ** (seed % 4) + seed, 30)
        with trees.Tool(tree) as tool:
            tool.dump(f"{folder}/tree{seed}.prof")
    with View(folder) as view:
        found = view.list()
        tap.same((len(found["requests"]), found["live"], found["running"]), (10, True, []), "a folder: all its files")
        for one in found["requests"]:
            path = f"{folder}/{one['id']}"
            profile = Profile(ask(view.address, "api/profile/" + quote(one["id"])).body)
            rows, totals = of_pstats(path)
            header = profile.header
            tap.same(profile.stats(), {(undo(key[0]), key[1], undo(key[2])): value[:4] + ({(undo(k[0]), k[1], undo(k[2])): v
                     for k, v in value[4].items()},) for key, value in rows.items()}, f"{one['id']}: rows and callers are pstats'")
            tap.same((header["total_calls"], header["primitive_calls"]), totals[:2], f"{one['id']}: and the calls")
            python = one["id"].startswith("python")
            if not python:
                check_tree(one["id"], profile, made[one["id"]])
            tap.same((header["exact"], one["exact"], bool(header["notes"]), header["probe_seconds"] is None),
                     (not python, not python, python or bool(header["notes"]), python), f"{one['id']}: what kind it is")
            if python:
                tap.ok(abs(one["started"] - os.stat(path).st_mtime) < 1e-3 and one["method"] is None, f"{one['id']}: started when it was written")
        front = ask(view.address, base="/")
        tap.same((front.status, front.headers["location"]), (302, "/__profile__/"), "/ leads to the page")
        python_profile(f"{folder}/new.prof", 9)
        tap.same(len(view.list()["requests"]), 11, "a file that comes later is there")
        os.remove(f"{folder}/new.prof")
        tap.same(len(view.list()["requests"]), 10, "one that goes is not")
        python_profile(f"{folder}/python0.prof", 5)
        calls = {one["id"]: one["calls"] for one in view.list()["requests"]}
        tap.same(calls["python0.prof"], of_pstats(f"{folder}/python0.prof")[1][0], "one that is written again is read again")
        tap.same(ask(view.address, Host="evil.example").status, 403, "strangers are refused")
    tap.same(view.status, 0, "Ctrl-C ends it")


def undo(text):
    """What JSON shows of a byte that is not UTF-8."""
    return re.sub("[\udc80-\udcff]", "\ufffd", text)


def check_file(folder):
    strange = f"{folder}/a b#&%ä.pstats"
    python_profile(strange, 3)
    os.symlink(strange, f"{folder}/link")
    for path in (strange, f"{folder}/link"):
        with View(path) as view:
            found = view.list()
            tap.same(([one["id"] for one in found["requests"]], found["live"]), (["a b#&%ä.pstats"], False), "a file: only that one")
            front = ask(view.address, base="/").headers["location"]
            page, _, fragment = front.partition("#id=")
            tap.same((page, urllib.parse.unquote(fragment)), ("/__profile__/", "a b#&%ä.pstats"), "/ opens it")
            tap.same(Profile(ask(view.address, "api/profile/" + quote("a b#&%ä.pstats")).body).stats(), of_pstats(strange)[0], "and shows it")
            tap.same(ask(view.address, "api/profile/tree0.prof").status, 404, "its neighbours are not shown")
    with View(strange, KOMORI_PROFILE="1", KOMORI_HOST="0.0.0.0", KOMORI_PORT="x", KOMORI_FOO="1", PROFILE_DIR=folder) as view:
        tap.same(re.sub(r"\d+", "N", view.line), " * komori view on http://N.N.N.N:N/ (pid N) - Ctrl-C to stop\n",
                 "settings for servers have no effect and are not reported")
        tap.ok(view.address is not None and len(view.list()["requests"]) == 1, "and it serves")


def check_errors(folder):
    pathlib.Path(folder, "text.prof").write_text("hello")
    os.mkfifo(f"{folder}/pipe")
    for arguments in ([], [folder, folder], ["none"], [f"{folder}/text.prof"], [f"{folder}/pipe"], ["/dev/null"],
                      [folder, "--port", "x"], [folder, "--port", "70000"], [folder, "--port"], [folder, "--nothing"]):
        done = subprocess.run([KOMORI, "view", *arguments], capture_output=True, text=True, timeout=tap.BOUND)
        tap.same((done.returncode, done.stdout, done.stderr.count("\n")), (2, "", 1), f"refused in one line: {arguments[1:] or arguments}")
    with View(folder) as view:
        done = subprocess.run([KOMORI, "view", folder, "--port", str(view.address[1])], capture_output=True, text=True, timeout=tap.BOUND)
        tap.ok(done.returncode == 2 and "already in use" in done.stderr, "a port that is taken")


def check_html(folder):
    tree = trees.Tree([("~", 0, "<request GET /" + HOSTILE + ">"), ("/srv/" + HOSTILE, 7, HOSTILE)],
                      [(0, 0, 1, 50), (1, 0, 3, 40)])
    with trees.Tool(tree) as tool:
        tool.dump(f"{folder}/hostile.prof")
    done = subprocess.run([KOMORI, "export", f"{folder}/hostile.prof", "--to", "html"], capture_output=True, timeout=tap.BOUND)
    tap.same((done.returncode, done.stderr), (0, b""), "a page that stands alone")
    page = done.stdout.decode()
    data = re.findall(r'<script type="application/octet-stream" id="profile">([^<]*)</script>', page)
    profile = Profile(base64.b64decode(data[0], validate=True))
    tap.same(profile.stats(), {(undo(key[0]), key[1], undo(key[2])): value[:4] + ({(undo(k[0]), k[1], undo(k[2])): v
             for k, v in value[4].items()},) for key, value in of_pstats(f"{folder}/hostile.prof")[0].items()}, "holds the profile")
    tap.same((profile.function, profile.parent, profile.calls), ((0, 1), (0, 0), (1, 3)), "and its tree")
    nonce = re.search(r"'nonce-([0-9a-f]{32})'", page)[1]
    policy = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', page)[1]
    tap.same(policy, f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src data:; "
             "base-uri 'none'; form-action 'none'", "its policy lets only elements with its nonce run")
    again = subprocess.run([KOMORI, "export", f"{folder}/hostile.prof", "--to", "html"], capture_output=True, timeout=tap.BOUND)
    tap.ok(nonce not in again.stdout.decode(), "each page has a nonce of its own")
    elements = re.findall(r"<((?:script|style)\b[^>]*)>", page)
    tap.same(elements, [f'style nonce="{nonce}"', f'script type="importmap" nonce="{nonce}"',
                        'script type="application/octet-stream" id="profile"', f'script type="module" nonce="{nonce}"'], "these have it")
    tap.ok(page.index(policy) < page.index("<style"), "and the policy stands before them")
    imports = json.loads(re.search(r'<script type="importmap"[^>]*>(.*?)</script>', page, re.S)[1])["imports"]
    modules = {name: base64.b64decode(url.removeprefix("data:text/javascript;base64,"), validate=True).decode() for name, url in imports.items()}
    tap.same(sorted(modules), sorted(path.name for path in (tests.parent / "profiler/viewer/page").glob("*.js")), "it has all modules")
    tap.same({name for text in modules.values() for name in re.findall(r' from "([^"]*)";', text)} - set(modules), set(), "which import each other by name")
    tap.same(re.findall(r"""(?:src|href)=["'](?!data:)[^"']*""", page), [], "it asks for nothing else")
    tap.ok("alert(1)" not in page, "text of the profile does not become markup")


with tempfile.TemporaryDirectory() as folder:
    check_folder(folder)
    check_file(folder)
    check_errors(folder)
    check_html(folder)
tap.done_testing()
