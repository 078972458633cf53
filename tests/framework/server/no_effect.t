#!/usr/bin/python3
"""At its start a program logs options that have no effect, or less effect than it seems."""
# builds: gcc asan
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
import tap  # noqa: E402

HELLO = os.path.join(os.environ["BUILD"], "apps/hello/hello")
OWN_OPTION = os.path.join(os.environ["BUILD"], "tests/framework/master/worker_app_first")


def said(*options, program=HELLO, **environment):
    """Standard error of a program from its start to the line that it listens."""
    with subprocess.Popen([program, "--port", "0", *options], stderr=subprocess.PIPE, text=True,
                          env=os.environ | environment) as process:
        lines = []
        for line in process.stderr:
            lines.append(line)
            if line.startswith(" * "):
                break
        process.send_signal(signal.SIGTERM)
        process.stderr.read()
    tap.ok(process.returncode in (0, -signal.SIGTERM), "it ends")  # without a master perhaps by the signal itself
    return "".join(lines[:-1])


with tempfile.TemporaryDirectory(prefix="komori-profiling-") as folder:
    tap.same(said("--profile-dir", folder),
             "komori: --profile-dir has no effect: PROFILE is off; --profile turns it on\n",
             "--profile-dir alone")
    tap.same(said("--no-profile", "--profile-sort=calls", "--profile-keep", "3"),
             "komori: --profile-sort has no effect: PROFILE is off; --profile turns it on\n",
             "two of them: one line")
    tap.same(said("--profile", "--profile-dir", folder), "", "with --profile")
    tap.same(said("--profile-dir", folder, PROFILE="1"), "", "with PROFILE in the environment")
    tap.same(said(KOMORI_PROFILE_DIR=folder), "", "set for good in the environment")
    tap.same(said("--profile-picture", "a", program=OWN_OPTION), "", "an option of the program's own")
    unlisted = "{path}-{time:.0f}"
    tap.same(said("--profile", "--profile-filename", unlisted),
             f'komori: PROFILE_FILENAME: "{unlisted}" does not end in .prof: the viewer lists no others\n',
             "a name that the viewer does not list")
    tap.same(said("--profile", "--profile-filename", unlisted + ".prof"), "", "one that it does")
    tap.same(said(KOMORI_PROFILE_FILENAME=unlisted), "", "and while PROFILE is off")
tap.same(said("--workers", "0", "--timeout", "2"),
         "komori: TIMEOUT has no effect: WORKERS is 0, and only a master replaces a worker\n", "no master, no TIMEOUT")
tap.same((said("--workers", "0", "--timeout", "0"), said("--workers", "0")), ("", ""), "which one need not have")
tap.done_testing()
