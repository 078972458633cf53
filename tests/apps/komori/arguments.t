#!/usr/bin/python3
"""The command line of `komori`: help, mistakes, and where its output goes."""
# builds: gcc asan

import cProfile
import os
import pathlib
import pty
import re
import signal
import subprocess
import sys
import tempfile

tests = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(tests), str(tests / "apps/komori")]
import python_dumps  # noqa: E402
import tap  # noqa: E402

KOMORI = os.environ["BUILD"] + "/apps/komori/komori"
COMMANDS = ["stats"]
# Without effect, and why.
LIMITS = [("(", "missing closing parenthesis"), ("-3", "a count is 0 or more"), ("1.5", "a fraction is at least 0 and below 1"),
          ("a,(", "missing closing parenthesis"), ("", "it is empty")]


def run(*arguments, **options):
    options = {"capture_output": True} | options
    return subprocess.run([KOMORI, *arguments], text=True, timeout=tap.BOUND, **options)


def check_help():
    done = run("--help")
    listed = re.findall(r"^  (\w+) ", done.stdout, re.M)
    tap.ok(done.returncode == 0 and done.stderr == "" and set(COMMANDS) <= set(listed), "--help lists the commands")
    tap.same(run("-h").stdout, done.stdout, "-h is --help")
    header = (tests.parent / "framework/include/komori/base.h").read_text()
    version = re.search(r'KM_VERSION "(.*)"', header).group(1)
    tap.same(run("--version").stdout, f"komori {version}\n", "--version")
    tap.same(run("help").stdout, done.stdout, "help, as a command, is --help")
    tap.same(run("version").stdout, f"komori {version}\n", "and version is --version")
    for name in listed:
        done = run(name, "--help")
        tap.ok(done.returncode == 0 and done.stderr == "" and f"usage: komori {name} " in done.stdout, f"{name} --help")
        tap.same(run("help", name).stdout, done.stdout, f"help {name} is the same")
    done = run("stats", "--help")
    flags = re.findall(r"^  --([\w-]+)", done.stdout, re.M)
    tap.same(flags, ["sort", "limit", "callers", "callees", "strip-dirs", "reverse", "help"], "the options of stats")
    tap.ok(max(map(len, done.stdout.splitlines())) <= 100, "help fits a terminal")


def check_mistakes(path):
    # arguments, what the line says
    rows = [
        ([], "komori: missing command; komori --help lists the commands"),
        (["stat"], 'komori: unknown command "stat"; did you mean stats?'),
        (["veiw", path], 'komori: unknown command "veiw"; did you mean view?'),
        (["profile"], 'komori: unknown command "profile"; komori --help lists the commands'),
        (["x" * 5000], 'komori: unknown command "' + "x" * 60 + '"; komori --help lists the commands'),
        (["--sort"], 'komori: unknown command "--sort"; komori --help lists the commands'),
        (["help", "profile"], 'komori: unknown command "profile"; komori --help lists the commands'),
        (["stats"], "komori stats: expects FILE...; --help shows the usage"),
        (["stats", path, "--sorts", "time"], "komori stats: unknown option --sorts; did you mean --sort?"),
        (["stats", path, "--sor=time"], "komori stats: unknown option --sor; did you mean --sort?"),
        (["stats", path, "-r"], "komori stats: unknown option -r; --help lists the options"),
        (["stats", path, "--sort"], "komori stats: --sort needs a value"),
        (["stats", path, "--sort="], "komori stats: --sort needs a key"),
        (["stats", path, "--reverse=1"], "komori stats: --reverse takes no value"),
        (["stats", path, "--sort", "timer"], "komori stats: --sort: bad sort key 'timer'; allowed, or a unique prefix:"
         " calls, ncalls, cumtime, cumulative, filename, line, module, name, nfl, pcalls, stdname, time, tottime"),
        *((["stats", path, "--limit", limit], f"komori stats: --limit: bad restriction '{limit}': {why}; allowed are a count (30),"
           " a fraction (0.5) and a regular expression") for limit, why in LIMITS),
        (["stats", path, "--callers", "--callees"], "komori stats: --callers and --callees exclude each other"),
        (["stats", "/no/such"], "komori stats: /no/such: No such file or directory"),
        *(([command, "-", *more], f"komori {command}: -: No such file or directory; use /dev/stdin for standard input") for command, *more in (
            ["stats"], ["tree"], ["diff", path], ["export", "--to=csv"])),
        (["stats", path, "/"], "komori stats: /: Is a directory"),
        (["stats", "/dev/zero"], "komori stats: /dev/zero: byte 0: not a profile: it starts with 0x00"),
        (["stats", "/no/such", path], "komori stats: /no/such: No such file or directory"),
        (["stats", "--", "--sort"], "komori stats: --sort: No such file or directory"),
        (["stats", path, "--" + "x" * 5000], "komori stats: unknown option --" + "x" * 60 + "; --help lists the options"),
    ]
    for arguments, wanted in rows:
        done = run(*arguments)
        tap.same((done.returncode, done.stdout, done.stderr), (2, "", wanted + "\n"), f"mistake: {' '.join(arguments)[:60]}")


def check_output(path):
    plain = run("stats", path).stdout
    tap.ok("function calls" in plain and "\x1b" not in plain, "a pipe gets plain text")
    with open(path) as profile:
        tap.same(run("stats", "/dev/stdin", stdin=profile).stdout.replace("/dev/stdin", path), plain, "/dev/stdin is standard input")
    tap.same(run("stats", "--sort=time", path, "--", path).stdout.count(path), 2, "options and files mix")
    with open("/dev/full", "w") as full:
        done = run("stats", path, capture_output=False, stdout=full, stderr=subprocess.PIPE)
    tap.same((done.returncode, done.stderr), (2, "komori: cannot write: No space left on device\n"), "a full disk is an error")
    for name, disposition in (("its signal", signal.SIG_DFL), ("its signal ignored", signal.SIG_IGN)):
        reader, writer = os.pipe()
        os.close(reader)
        done = run("stats", path, capture_output=False, stdout=writer, stderr=subprocess.PIPE,
                   preexec_fn=lambda: signal.signal(signal.SIGPIPE, disposition), restore_signals=False)
        os.close(writer)
        tap.ok(done.returncode != 0 and done.stderr == "", f"a reader that went away, with {name}: quiet")


def on_terminal(arguments, environment):
    master, slave = pty.openpty()
    process = subprocess.Popen([KOMORI, *arguments], stdin=subprocess.DEVNULL, stdout=slave, stderr=slave, env=environment)
    os.close(slave)
    shown = b""
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:  # the last writer is gone
            break
        if not part:
            break
        shown += part
    os.close(master)
    process.wait()
    return shown.decode()


def check_terminal(path):
    environment = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "TERM")}
    bold = "\x1b[1m   ncalls  tottime"
    tap.ok(bold in on_terminal(["stats", path], environment | {"TERM": "xterm"}), "a terminal gets a bold title")
    tap.ok(bold in on_terminal(["stats", path], environment | {"TERM": "xterm", "NO_COLOR": ""}), "an empty NO_COLOR is none")
    for name, value in (("NO_COLOR", "1"), ("TERM", "dumb")):
        tap.ok("\x1b" not in on_terminal(["stats", path], environment | {name: value}), f"{name}={value}: plain")
    shown = on_terminal(["stats", path, "--callers"], environment | {"TERM": "xterm"})
    tap.ok(re.search("\x1b\\[1mFunction +was called by...\x1b\\[0m", shown), "headings of callers are bold")


def check_progress(folder, path):
    """A pipe whose writer takes its time: the terminal shows a line, which is gone in the end."""
    fifo = os.path.join(folder, "slow")
    os.mkfifo(fifo)
    data = pathlib.Path(path).read_bytes()
    master, slave = pty.openpty()
    process = subprocess.Popen([KOMORI, "stats", fifo], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=slave)
    os.close(slave)
    with open(fifo, "wb") as writer:
        writer.write(data[:100])
        writer.flush()
        shown = b""
        while b"..." not in shown:
            shown += os.read(master, 1000)
        writer.write(data[100:])
    out = process.communicate()[0].decode()
    shown += os.read(master, 1000)
    os.close(master)
    tap.same(shown, f"reading {fifo} ...\r\x1b[K".encode(), "a slow file has a line of progress")
    tap.ok("function calls" in out, "and is read")


SHRINK = """
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
int madvise(void *start, size_t size, int advice)
{
	(void)start, (void)size, (void)advice;
	return truncate(getenv("SHRINK"), 0);
}
"""


def check_shrinking(folder, path):
    """A file that is cut to nothing just after it was mapped."""
    source, library, victim = (os.path.join(folder, name) for name in ("shrink.c", "shrink.so", "victim.prof"))
    pathlib.Path(source).write_text(SHRINK)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source], check=True)
    pathlib.Path(victim).write_bytes(pathlib.Path(path).read_bytes())
    done = run("stats", victim, env=os.environ | {"LD_PRELOAD": library, "SHRINK": victim})
    tap.same((done.returncode, done.stdout, done.stderr), (2, "", "komori: the file shrank while it was read\n"),
             "a file that shrinks while it is read")


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "a.prof")
        recording = cProfile.Profile()
        recording.runcall(python_dumps.PROGRAMS["json"])
        recording.dump_stats(path)
        check_help()
        check_mistakes(path)
        check_output(path)
        check_terminal(path)
        check_progress(folder, path)
        if b"__asan_init" not in pathlib.Path(KOMORI).read_bytes():  # which wants to be loaded first
            check_shrinking(folder, path)
    tap.done_testing()


main()
