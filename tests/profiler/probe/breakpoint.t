#!/usr/bin/python3
# builds: gcc asan
"""A debugger's breakpoint at the entry of a function takes it out of the profile, and the log says so."""
import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
import tap  # noqa: E402

PROGRAM = os.environ["BUILD"] + "/tests/profiler/probe/breakpoint_app"
SOURCE = pathlib.Path(__file__).with_name("breakpoint_app.c")
LINE = 1 + next(number for number, line in enumerate(SOURCE.read_text().splitlines()) if "watched(void)" in line)


def debug(*commands):
    """The output of the program under gdb, which runs `commands`."""
    arguments = [word for command in commands for word in ("-ex", command)]
    done = subprocess.run(["gdb", "-batch", "-nx", "-iex", "set debuginfod enabled off", *arguments, PROGRAM],
                          capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL,
                          env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"})
    return done.stdout + done.stderr


def counts(output, function):
    """The calls of a function in each table of the output."""
    return [int(calls) for calls in re.findall(rf"^ +(\d+) .*\({function}\)$", output, re.M)]


def reports(output):
    return [line for line in output.splitlines() if "is not recorded" in line]


plain = debug("run")
if "ptrace: Operation not permitted" in plain:
    print("1..0 # SKIP tracing is forbidden here")
    sys.exit(0)
tap.same((counts(plain, "watched"), counts(plain, "other"), reports(plain)), ([2, 2], [2, 2], []),
         "without a breakpoint both functions are recorded")

stopped = debug("break watched", "run", *["continue"] * 4)
tap.same(len(re.findall(r"^Breakpoint 1, .*watched", stopped, re.M)), 4, "gdb stops at each call")
tap.same((counts(stopped, "watched"), counts(stopped, "other")), ([], [2, 2]),
         "a function with a breakpoint is left out, the others are recorded")
tap.same([re.sub(r"/\S*/", "", line) for line in reports(stopped)],
         [f"komori: breakpoint_app.c:{LINE}(watched) is not recorded: a breakpoint overwrites its entry; "
          "use a hardware breakpoint (gdb: hbreak), or set it after the profiler starts"],
         "one line names it")

hardware = debug("hbreak watched", "run", *["continue"] * 4)
tap.same((counts(hardware, "watched"), reports(hardware)), ([2, 2], []), "a hardware breakpoint changes no code")

later = debug("break km_profile_start", "run", "delete 1", "break watched", *["continue"] * 5)
tap.same((counts(later, "watched"), reports(later)), ([2, 2], []), "so does one that is set after the profiler starts")
tap.done_testing()
