"""Dumps that Python writes of programs in its own standard library, and of Flask under Werkzeug."""

import argparse
import ast
import configparser
import copy
import cProfile
import csv
import datetime
import difflib
import dis
import email
import fractions
import html.parser
import inspect
import io
import json
import logging
import os
import pprint
import profile
import random
import re
import shlex
import statistics
import string
import textwrap
import tokenize
import unittest
import urllib.parse
import xml.dom.minidom
import zipfile

import _pydecimal

SOURCE = inspect.getsource(textwrap)


def run_argparse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sort", action="append")
    parser.add_argument("file", nargs="+")
    for _ in range(20):
        parser.parse_args(["--sort", "time", "a", "b"])
        parser.format_help()


def run_difflib():
    lines = SOURCE.splitlines()
    list(difflib.unified_diff(lines, lines[::2] + lines[:30]))


def run_logging():
    logger = logging.Logger("x")
    logger.addHandler(logging.StreamHandler(io.StringIO()))
    for i in range(200):
        logger.warning("line %d", i)


def run_unittest():
    class Case(unittest.TestCase):
        def test_equal(self):
            self.assertEqual({"a": 1}, {"a": 1})

        def test_fails(self):
            self.assertIn(1, [2])

    suite = unittest.defaultTestLoader.loadTestsFromTestCase(Case)
    unittest.TextTestRunner(stream=io.StringIO()).run(suite)


def run_zipfile():
    with zipfile.ZipFile(io.BytesIO(), "w") as archive:
        for i in range(20):
            archive.writestr(f"{i}.txt", SOURCE)


def run_configparser():
    parser = configparser.ConfigParser()
    parser.read_string("".join(f"[s{i}]\na = {i}\nb = %(a)s\n" for i in range(50)))
    return [parser.get(section, "b") for section in parser.sections()]


def run_email():
    for _ in range(20):
        message = email.message_from_string("From: a@b\nSubject: =?utf-8?q?caf=C3=A9?=\n\nbody\n")
        message.as_string()


def ackermann(m, n):
    if m == 0:
        return n + 1
    return ackermann(m - 1, 1 if n == 0 else ackermann(m, n - 1))


PROGRAMS = {
    "json": lambda: json.loads(json.dumps({str(i): [i, None, 1.5] for i in range(200)}, indent=1)),
    "re": lambda: [re.compile(f"(a|b{i})*[^x-z]+?(?P<n>\\d{{2,}})").search("ab" * i) for i in range(50)],
    "difflib": run_difflib,
    "tokenize": lambda: list(tokenize.generate_tokens(io.StringIO(SOURCE).readline)),
    "ast": lambda: ast.unparse(ast.parse(SOURCE)),
    "argparse": run_argparse,
    "decimal": lambda: [_pydecimal.Decimal(i).sqrt() for i in range(40)],
    "fractions": lambda: sum(fractions.Fraction(1, i) for i in range(1, 200)),
    "statistics": lambda: statistics.stdev([i * 0.5 for i in range(500)]),
    "csv": lambda: list(csv.DictReader(io.StringIO("a,b\n" + "1,2\n" * 200))),
    "configparser": run_configparser,
    "minidom": lambda: xml.dom.minidom.parseString("<a>" + "<b c='d'>e</b>" * 50 + "</a>").toprettyxml(),
    "html": lambda: html.parser.HTMLParser().feed("<p class=x>&amp;</p>" * 100),
    "textwrap": lambda: textwrap.fill(SOURCE, 40),
    "pprint": lambda: pprint.pformat({i: list(range(i % 30)) for i in range(60)}),
    "email": run_email,
    "urllib": lambda: [urllib.parse.urlunsplit(urllib.parse.urlsplit(f"http://h{i}/a?b=c#d")) for i in range(100)],
    "logging": run_logging,
    "unittest": run_unittest,
    "zipfile": run_zipfile,
    "dis": lambda: dis.dis(ast, file=io.StringIO()),
    "copy": lambda: copy.deepcopy([{i: {"a": [i]}} for i in range(100)]),
    "shlex": lambda: shlex.split("a 'b c' \"d\" \\e " * 50),
    "template": lambda: [string.Template("$a ${b}").substitute(a=i, b=datetime.date.min) for i in range(50)],
    "recursion": lambda: ackermann(2, 6),
    "shuffle": lambda: random.Random(3).sample(range(1000), 500),
}


def dump_programs(folder):
    """Yields (name, path)."""
    for name, program in PROGRAMS.items():
        path = os.path.join(folder, name + ".prof")
        recording = cProfile.Profile()
        recording.runcall(program)
        recording.dump_stats(path)
        yield name, path


def dump_slow_profiler(folder):
    """Of `profile`, whose callers have no times and whose top level is the profiler itself."""
    path = os.path.join(folder, "profile.prof")
    recording = profile.Profile()
    recording.runcall(PROGRAMS["shlex"])
    recording.dump_stats(path)
    return path


def dump_flask(folder):
    """Requests of a Flask application through Werkzeug's middleware; yields (name, path)."""
    import flask
    import werkzeug.middleware.profiler
    import werkzeug.test

    app = flask.Flask("café")
    app.add_url_rule("/json/<int:n>", "json", lambda n: flask.jsonify(list(range(n))))
    app.add_url_rule("/page", "page", lambda: flask.render_template_string("{% for i in range(9) %}{{ i }}{% endfor %}"))
    app.wsgi_app = werkzeug.middleware.profiler.ProfilerMiddleware(
        app.wsgi_app, stream=None, profile_dir=folder, filename_format="flask.{path}.prof")
    client = werkzeug.test.Client(app)
    for path in ("/json/50", "/page", "/none"):
        client.get(path).close()
        name = "flask." + path[1:].replace("/", ".")
        yield name, os.path.join(folder, name + ".prof")
