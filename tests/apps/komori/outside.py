"""Shared objects that a project outside builds against an installed tree, for the installed komori."""

import os
import pathlib
import re
import shlex
import subprocess

TESTS = pathlib.Path(__file__).resolve().parents[2]
BATS = TESTS / "packaging/outside/bats.c"
STRICT = ["-g", "-O2", "-Wall", "-Wextra", "-Wshadow", "-Wconversion", "-Wmissing-prototypes", "-Werror"]


class Tree:
    """The build folder, installed below `folder`."""

    def __init__(self, folder):
        self.prefix = pathlib.Path(folder, "installed")
        subprocess.run(["cmake", "--install", os.environ["BUILD"], "--prefix", self.prefix], check=True,
                       stdout=subprocess.DEVNULL)
        self.komori = str(self.prefix / "bin/komori")
        self.include = self.prefix / "include"
        self.environment = os.environ | {"PKG_CONFIG_PATH": str(next(self.prefix.rglob("komori.pc")).parent)}

    def flags(self, kind):
        text = subprocess.run(["pkg-config", kind, "komori"], check=True, capture_output=True, text=True,
                              env=self.environment).stdout
        return shlex.split(text)

    def build(self, path, source=BATS, compiler="gcc", cflags=None, extra=("-shared", "-fPIC")):
        """Builds `source`, a path or text, as the file `path`, which appears when it is complete."""
        if isinstance(source, str):
            file = pathlib.Path(f"{path}.c")
            file.write_text(source)
            source = file
        cflags = self.flags("--cflags") if cflags is None else cflags
        new = f"{path}.new"
        done = subprocess.run([compiler, *STRICT, *cflags, *extra, "-o", new, source, *self.flags("--libs")],
                              capture_output=True, text=True)
        if done.returncode or done.stderr:
            raise RuntimeError(done.stderr)
        os.rename(new, path)
        return str(path)

    def run(self, *arguments):
        """Of a command that ends: (status, standard output, standard error)."""
        done = subprocess.run([self.komori, *arguments], capture_output=True, text=True, timeout=60,
                              stdin=subprocess.DEVNULL)
        return done.returncode, done.stdout, done.stderr


def line_of(pattern, path=BATS):
    """The first line of the source that matches."""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if re.search(pattern, line):
            return number
    raise ValueError(pattern)
