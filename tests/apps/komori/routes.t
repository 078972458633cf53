#!/usr/bin/python3
"""komori routes: the table of an application that was built outside, in the order of matching."""
# builds: gcc asan

import os
import pathlib
import sys
import tempfile

here = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(here.parents[1]), str(here)]
import outside  # noqa: E402
import tap  # noqa: E402


def table(rows):
    widths = [max(map(len, column)) for column in zip(*rows)]
    return "".join("  ".join(map(str.ljust, row, widths)).rstrip() + "\n" for row in rows)


def check_table(tree, compiler):
    tree.build("bats.so", compiler=compiler)
    bat, rest = (f"{outside.BATS}:{outside.line_of(f'int {name}[(]')}" for name in ("bat", "rest"))
    wanted = [
        ("Methods", "Rule", "Handler", "File"),
        ("GET", "/", "rest", rest),
        ("PUT DELETE", "/bats/brown", "bat", bat),
        ("GET", "/bats/<name>", "bat", bat),
        ("*", "/bats/<name>", "bat", bat),
        ("GET", "/caves/<int:rest>", "rest", rest),
        ("GET", "/caves/<rest>", "rest", rest),
        ("GET", "/caves/<rest>/map", "rest", rest),
        ("GET", "/caves/<path:rest>", "rest", rest),
    ]
    tap.same(tree.run("routes", "bats.so"), (0, table(wanted), ""), f"{compiler}: the table")
    tap.same(tree.run("routes", "bats.so:bare"), (0, "bats.so:bare has no routes\n", ""), f"{compiler}: a bare WSGI callable")
    tree.build("plain.so", compiler=compiler, extra=("-shared", "-fPIC", "-g0"))
    plain = [(*row[:3], "File" if row[0] == "Methods" else "") for row in wanted]
    tap.same(tree.run("routes", os.path.abspath("plain.so")), (0, table(plain), ""), f"{compiler}: without debug information")


def check_mistakes(tree):
    app = '#include <komori/application.h>\nKM_APPLICATION(application) { %s }\n'
    tree.build("wrong.so", app % 'km_app *app = km_app_new("a"); km_get(app, "no/slash", 0); return app;')
    tree.build("none.so", app % "return NULL;")
    rows = [
        ([], "expects APP.so[:SYMBOL]; --help shows the usage"),
        (["bats.so", "bats.so"], "expects APP.so[:SYMBOL]; --help shows the usage"),
        (["bats.so", "--sort"], "unknown option --sort; --help lists the options"),
        (["no.so"], f"{os.getcwd()}/no.so: No such file or directory"),
        (["wrong.so"], 'wrong.so: route GET "no/slash": methods, rule and handler are needed'),
        (["none.so"], "none.so: cannot make the application"),
    ]
    for arguments, wanted in rows:
        tap.same(tree.run("routes", *arguments), (2, "", f"komori routes: {wanted}\n"), f"mistake: {' '.join(arguments)}")


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    installed = outside.Tree(folder)
    for name in ("gcc", "clang"):
        check_table(installed, name)
    check_mistakes(installed)
tap.done_testing()
