#!/usr/bin/python3
"""komori run: an application that was built outside is served, profiled and picked up when it was built
anew; every line about one that cannot be served."""

import os
import pathlib
import re
import shutil
import signal
import sys
import tempfile

here = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(here.parents[1]), str(here), str(here.parents[1] / "framework/master")]
import outside  # noqa: E402
import tap  # noqa: E402
import workers  # noqa: E402

FIRST, SECOND, THIRD = ([f'-DWORD="{word}"'] for word in ("first", "second", "third"))

# Bytes that are left of a shared object; 0: half of them.
CUTS = [("headers.so", 100), ("page.so", 4096), ("half.so", 0)]


def build(tree, word, **options):
    tree.build("bats.so", cflags=tree.flags("--cflags") + word, **options)


def start(tree, *arguments, **options):
    return workers.Server(tree.komori, "run", *arguments, **options)


def served(tree, compiler):
    tree.build("bats.so", compiler=compiler)
    with start(tree, "bats.so", "--cave", "Altamira") as server:
        answer = workers.ask(server, "/bats/brown")
        tap.same(answer, (200, "bats brown Altamira"), f"{compiler}: a route answers, with an option of its own")
        tap.same(server.stop(), 0, f"{compiler}: it ends well")
        path, table = server.reports()[0]
    place = f"{outside.BATS}:{outside.line_of('int bat[(]')}"
    rows = dict(line.split(None, 5)[::-5] for line in table.splitlines() if re.match(r" +\d+ +\d", line))
    tap.same((path, rows), ("'/bats/brown'", {
        f"{place}(bat)": "1",
        "{built-in function random}": "7",
        "{built-in function km_request_param}": "1",
        "{built-in function km_request_app}": "1",
        "{built-in function km_config_get}": "1",
        "{built-in function km_textf}": "1",
        "{request GET /bats/<name>}": "1",
    }), f"{compiler}: PROFILE shows its functions with file and line, and nothing of komori's")
    with start(tree, "bats.so:bare", WORKERS="0") as server:
        tap.same(workers.ask(server, "/any"), (200, "/any"), f"{compiler}: a bare WSGI callable, without a master")
    with start(tree, os.path.abspath("bats.so"), WORKERS="2", THREADS="2") as server:
        tap.same(workers.ask(server, "/caves/7"), (200, "7"), f"{compiler}: with workers and threads")


def answers(server, word):
    answer = workers.ask(server, "/bats/red")
    return answer == (200, f"{word} red Altamira")


def picked_up(tree):
    build(tree, FIRST)
    with start(tree, "bats.so", "--cave", "Altamira", "--reload", PROFILE="1") as server:
        tap.ok(answers(server, "first"), "--reload: the first build")
        build(tree, SECOND)
        server.wait_for(lambda: answers(server, "second"))
        tap.ok(True, "the second is picked up, with the same arguments")
        tap.ok(workers.log_has(server, "komori: a new build: bats.so starts again\n"), "the log names the object")
        table = server.reports()[-1][1]
        tap.ok(re.search(r"bats\.c:\d+\(bat\)", table), "and profiled")
        server.wait_for(lambda: len(workers.children(server.process.pid)) == 1)
        worker = server.worker
        broken(tree, server)
        tap.same((answers(server, "second"), server.worker), (True, worker), "the old one is left at work")
        build(tree, THIRD)
        server.wait_for(lambda: answers(server, "third"))
        tap.ok(True, "and a good one is taken afterwards")
        tap.same(server.stop(), 0, "it ends well")


def broken(tree, server):
    """Builds that went wrong, one after the other, with what is said of each."""
    def text():
        pathlib.Path("new").write_text("no object\n")
        os.rename("new", "bats.so")

    def undefined():
        tree.build("bats.so", "int missing(void);\nint present(void);\nint present(void) { return missing(); }\n")

    def renamed():
        tree.build("bats.so", cflags=tree.flags("--cflags") + ["-Dapplication=other"])

    rows = [
        (text, "bats.so: not a shared object"),
        (undefined, "bats.so: undefined symbol: missing"),
        (renamed, 'bats.so: has no application "application"; it has: '),
    ]
    for number, (make, said) in enumerate(rows, 1):
        make()
        workers.log_has(server, "the old program keeps running", number)
        tap.ok(said in server.log.read_text(), f"not a broken one: {said}")
    tap.ok(workers.log_has(server, "komori: bats.so does not start: exited with status 2; the old program keeps running\n", len(rows)), "nor does the object start")


def named_from_its_own_file(tree):
    """Not from the one that took its place before the first request."""
    build(tree, FIRST)
    with start(tree, "bats.so", PROFILE="1") as server:
        pathlib.Path("bats.so").unlink()
        pathlib.Path("bats.so").write_text("no object\n")
        workers.ask(server, "/bats/red")
        server.stop()
        place = f"{outside.BATS}:{outside.line_of('int bat[(]')}(bat)"
        tap.ok(place in server.reports()[0][1], "an object that was replaced keeps its names")


def hung_up(tree):
    build(tree, FIRST)
    with start(tree, "bats.so", "--cave=Altamira") as server:
        tap.ok(answers(server, "first"), "SIGHUP: the first build")
        build(tree, SECOND)
        server.process.send_signal(signal.SIGHUP)
        server.wait_for(lambda: answers(server, "second"))
        tap.ok(True, "the second is picked up")


def build_wrong_objects(tree, folder):
    head = "#include <komori/application.h>\n"
    headers = pathlib.Path(folder, "headers")
    shutil.copytree(tree.include, headers)
    base = headers / "komori/base.h"
    base.write_text(re.sub('(KM_VERSION) ".*"', r'\1 "0.99.0"', base.read_text()))
    tree.build("later.so", cflags=[f"-I{headers}"])
    tree.build("function.so", head + "KM_API km_app *application(void);\nkm_app *application(void) { return 0; }\n")
    tree.build("variable.so", "extern long application[8];\nlong application[8];\n")
    tree.build("small.so", "extern int application;\nint application;\n")
    tree.build("empty.so", "int unused(void);\nint unused(void) { return 0; }\n")
    tree.build("null.so", head + "KM_APPLICATION(application) { return 0; }\n")
    tree.build("two.so", head + "KM_APPLICATION(one) { return 0; }\nKM_APPLICATION(other) { return 0; }\n")
    tree.build("program", "int main(void) { return 0; }\n", extra=("-fPIE", "-pie"))
    tree.build("fixed", "int main(void) { return 0; }\n", extra=("-fno-pie", "-no-pie"))
    tree.build("object.so", "int main(void) { return 0; }\n", extra=("-c",))
    tree.build("route.so", head + 'KM_APPLICATION(application)\n{\n\tkm_app *app = km_app_new("a");\n'
               '\tkm_get(app, "/<int>/", 0);\n\treturn app;\n}\n')
    pathlib.Path("short.so").write_bytes(b"\x7fELF")
    whole = pathlib.Path("bats.so").read_bytes()
    for name, size in CUTS:
        pathlib.Path(name).write_bytes(whole[:size or len(whole) // 2])
    os.mkfifo("pipe.so")


def mistakes(tree, folder):
    build(tree, FIRST)
    build_wrong_objects(tree, folder)
    cwd = os.getcwd()
    wanted_object = "not made by KM_APPLICATION(application)"
    rows = [
        ([], "missing APP.so, which comes before the options"),
        (["--port", "0", "bats.so"], "missing APP.so, which comes before the options"),
        (["no.so"], f"{cwd}/no.so: No such file or directory"),
        (["no.so:application"], f"{cwd}/no.so: No such file or directory"),
        (["/no.so"], "/no.so: No such file or directory"),
        (["."], f"{cwd}/.: not a shared object"),
        (["short.so"], f"{cwd}/short.so: not a shared object"),
        (["pipe.so"], f"{cwd}/pipe.so: not a shared object"),
        *(([cut], f"{cwd}/{cut}: incomplete file; wait until it is copied") for cut, _ in CUTS),
        (["object.so"], f"{cwd}/object.so: not a shared object"),
        (["empty.so.c"], f"{cwd}/empty.so.c: not a shared object"),
        *(([name], f"{cwd}/{name}: a program; run it without komori, or build a shared object with -shared -fPIC") for name in ("program", "fixed")),
        (["empty.so"], f"{cwd}/empty.so: has no application; add KM_APPLICATION(application) to one of its sources"),
        (["function.so"], f'{cwd}/function.so: "application" is a function, {wanted_object}'),
        (["variable.so"], f'{cwd}/variable.so: "application" is a variable, {wanted_object}'),
        (["small.so"], f'{cwd}/small.so: "application" is a variable, {wanted_object}'),
        (["bats.so:random"], f'{cwd}/bats.so: "random" is a function, not made by KM_APPLICATION(random)'),
        (["later.so"], f"{cwd}/later.so: was built for Komori 0.99.0, and this is {tree.run('--version')[1].split()[1]};"
         " build it again"),
    ]
    for arguments, wanted in rows:
        tap.same(tree.run("run", *arguments), (2, "", f"komori run: {wanted}\n"), f"mistake: {' '.join(arguments)}")
    rows = [
        (["null.so"], 1, "cannot make the application: out of memory"),
        (["route.so"], 1, 'route GET "/<int>/": methods, rule and handler are needed'),
        (["bats.so", "--port", "x"], 2, 'PORT: "x" from the command line (--port): a port is a number from 0 to 65535'),
        (["bats.so", "--caves", "x"], 2, "unknown option --caves; did you mean --cave?"),
        (["bats.so", "other.so"], 2, 'unexpected argument "other.so"; --help lists the options'),
    ]
    for arguments, status, wanted in rows:
        tap.same(tree.run("run", *arguments), (status, "", f"komori: {wanted}\n"), f"mistake: {' '.join(arguments)}")


def other_applications(tree):
    rows = [
        ("bats.so:app", 'bats.so: has no application "app"; it has', ["application", "bare"]),
        ("two.so", 'two.so: has no application "application"; it has', ["one", "other"]),
    ]
    for operand, wanted, names in rows:
        status, out, line = tree.run("run", operand)
        said, _, listed = line.rstrip("\n").rpartition(": ")
        found = (status, out, said, sorted(listed.split(", ")))
        tap.same(found, (2, "", f"komori run: {os.getcwd()}/{wanted}", names), f"mistake: {operand}")


def without_sleds(tree):
    tree.build("bare.so", cflags=[f"-I{tree.include}"])
    with start(tree, "bare.so", PROFILE="1") as server:
        tap.ok("PROFILE: bats was built without -fpatchable-function-entry=5" in server.log.read_text(),
               "the log reports an object without sleds")
        tap.same(workers.ask(server, "/caves/7"), (200, "7"), "and served")


def help_texts(tree):
    build(tree, FIRST)
    status, general, _ = tree.run("run", "--help")
    tap.ok(status == 0 and general.startswith("usage: komori run APP.so[:SYMBOL] [option]...\n"), "--help")
    status, own, _ = tree.run("run", "bats.so", "--help")
    tap.same(own.replace("usage: bats ", "usage: komori run APP.so[:SYMBOL] ")
             .replace(f'  {"--cave VALUE":30} where they live\n  {"":30} (default "Lascaux")\n', ""), general,
             "--help of an application has its own options as well")


with tempfile.TemporaryDirectory() as work:
    os.chdir(work)
    installed = outside.Tree(work)
    for name in ("gcc", "clang"):
        served(installed, name)
    picked_up(installed)
    named_from_its_own_file(installed)
    hung_up(installed)
    mistakes(installed, work)
    other_applications(installed)
    without_sleds(installed)
    help_texts(installed)
tap.done_testing()
