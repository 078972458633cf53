#!/usr/bin/python3
"""`komori export` writes whole files or none, and says what is wrong."""
# builds: gcc asan

import os
import pathlib
import random
import re
import resource
import signal
import stat
import subprocess
import sys
import tempfile

tests = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(tests), str(tests / "profiler")]
import tap  # noqa: E402
import trees  # noqa: E402

KOMORI = os.environ["BUILD"] + "/apps/komori/komori"
FORMATS = "callgrind", "pprof", "collapsed", "speedscope", "chrome", "csv", "json", "pstats", "html"
folder = tempfile.TemporaryDirectory()
os.chdir(folder.name)
os.umask(0o027)
with trees.Tool(trees.random_tree(random.Random(1), 20_000, 50)) as tool:
    tool.dump("a.prof")


def export(*arguments, **options):
    done = subprocess.run(
        [KOMORI, "export", *arguments], stderr=subprocess.PIPE, **{"stdout": subprocess.PIPE, **options}
    )
    return done.returncode, done.stdout, done.stderr.decode()


def without_nonce(page):
    """Every export to html has a random nonce of its own."""
    return re.sub(rb"nonce(-|=\")[0-9a-f]{32}", b"", page)


for form in FORMATS:
    status, text, error = export("a.prof", "--to", form)
    tap.same((status, bool(text), error), (0, True, ""), f"{form} to standard output")
    with open("out", "w") as file:
        file.write("before")
    inode = os.stat("out").st_ino
    tap.same(export("a.prof", "--to=" + form, "-o", "out"), (0, b"", ""), f"{form} to a file")
    with open("out", "rb") as file:
        tap.same(without_nonce(file.read()), without_nonce(text), f"{form}: the same")
    tap.ok(
        os.stat("out").st_ino != inode and sorted(os.listdir()) == ["a.prof", "out"], f"{form}: renamed when complete"
    )
    status, _, error = export("a.prof", "--to", form, stdout=open("/dev/full", "w"))
    tap.same((status, error), (2, "komori export: standard output: No space left on device\n"), f"{form}: a full disk")
tap.same(stat.S_IMODE(os.stat("out").st_mode), 0o640, "the file has the mode that the umask leaves")

tap.same(export("--output=b", "--to", "csv", "--", "a.prof")[0], 0, "--output")
os.symlink("out", "link")
tap.same(export("a.prof", "--to", "csv", "-o", "link")[0], 0, "to a link")
tap.ok(os.path.islink("link") and open("out").read().startswith("file,line"), "the link stays, and its target is written")
tap.same(export("a.prof", "--to", "csv", "-o", "/dev/null")[0], 0, "to a device")
tap.ok(stat.S_ISCHR(os.stat("/dev/null").st_mode), "the device stays a device")
tap.same(
    export("a.prof", "--to", "json", "-o", "/dev/full"),
    (2, b"", "komori export: /dev/full: No space left on device\n"),
    "a device that is full",
)

reader = subprocess.Popen([KOMORI, "export", "a.prof", "--to", "json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
reader.stdout.read(10)
reader.stdout.close()
error = reader.stderr.read()
reader.stderr.close()
tap.same((reader.wait() in (2, -13), error), (True, b""), "a reader that goes away is quiet")


def small_disk():
    """A limit of the file size stands for a disk that fills up half way."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))


before = sorted(os.listdir())
status, _, error = export("a.prof", "--to", "json", "-o", "new", preexec_fn=small_disk)
tap.same(
    (status, error, sorted(os.listdir())), (2, "komori export: new: File too large\n", before), "half a file is no file"
)

with open("a.prof", "rb") as file:
    profile = file.read()
os.symlink("a.prof", "symbolic")
os.link("a.prof", "hard")
for name in "a.prof", "./a.prof", "symbolic", "hard":
    tap.same(
        export("a.prof", "--to", "csv", "-o", name),
        (2, b"", f"komori export: {name}: is the profile itself; use -o with another file\n"),
        f"-o {name} does not replace the profile",
    )
with open("a.prof", "rb") as file:
    tap.ok(file.read() == profile, "the profile does not change")
os.unlink("symbolic")
os.unlink("hard")

wrong = [
    [],
    ["a.prof"],
    ["a.prof", "--to", "xml"],
    ["a.prof", "--to"],
    ["--to", "csv"],
    ["a.prof", "a.prof", "--to", "csv"],
    ["none.prof", "--to", "csv"],
    ["a.prof", "--to", "csv", "-o", "none/out"],
    ["a.prof", "--to", "csv", "-o"],
    ["a.prof", "--to", "csv", "-x"],
    ["b", "--to", "csv"],
    ["a.prof", "--to", "csv", "-o", "."],
]
for arguments in wrong:
    status, text, error = export(*arguments)
    tap.same((status, text, error.count("\n")), (2, b"", 1), f"refused in one line: {' '.join(arguments)}")
tap.same(sorted(os.listdir()), before, "and nothing is left behind")

status, text, _ = export("--help")
tap.ok(status == 0 and all(b"\n  " + form.encode() in text for form in FORMATS), "--help lists the formats")
terminal, other = os.openpty()
status, _, error = export("a.prof", "--to", "pprof", stdout=other)
tap.same(
    (status, error),
    (2, "komori export: pprof is not for a terminal; use -o OUT\n"),
    "binary forms do not go to a terminal",
)

tap.done_testing()
