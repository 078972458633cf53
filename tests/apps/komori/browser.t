#!/usr/bin/python3
"""The browser of `komori stats` in a terminal shows what `python3 -m pstats` shows."""
# builds: gcc asan

import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import termios

tests = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(tests), str(tests / "apps/komori")]
import python_dumps  # noqa: E402
import tap  # noqa: E402

KOMORI = os.environ["BUILD"] + "/apps/komori/komori"
PYTHON = "/usr/bin/python3"
PROMPT = r"^\S*% ?"


class Terminal:
    """A program in a tmux of its own."""

    count = 0

    def __init__(self, folder, command, environment=""):
        Terminal.count += 1
        self.tmux = ["tmux", "-S", os.path.join(folder, f"tmux{Terminal.count}"), "-f", "/dev/null"]
        inner = f"trap : INT; cd {shlex.quote(folder)}; {environment} {command}; echo STATUS $?; exec sleep {tap.BOUND}"
        # The history has room for all that is printed.
        self.run("new-session", "-d", "-x", "200", "-y", "50", "cat")
        self.run("set-option", "-g", "history-limit", "100000")
        self.run("new-window", inner)

    def run(self, *arguments):
        return subprocess.run([*self.tmux, *arguments], check=True, capture_output=True, text=True).stdout

    def screen(self, *options):
        lines = self.run("capture-pane", "-p", "-J", "-S", "-", *options).splitlines()
        return "\n".join(line.rstrip() for line in lines).rstrip()

    def wait_for(self, pattern, times=1):
        try:
            tap.wait_for(lambda: len(re.findall(pattern, self.screen(), re.M)) >= times)
        except TimeoutError:
            raise TimeoutError(f"no {pattern!r} on the screen:\n{self.screen()[-2000:]}") from None

    def wait_for_prompt(self, times=1):
        """Until a line is read: the prompt is there, and the terminal no longer echoes by itself."""
        self.wait_for(PROMPT, times)
        tty = os.open(self.run("display-message", "-p", "#{pane_tty}").strip(), os.O_RDWR | os.O_NOCTTY)
        tap.wait_for(lambda: not termios.tcgetattr(tty)[3] & termios.ECHO)
        os.close(tty)

    def type(self, line):
        self.run("send-keys", "-l", line)
        self.run("send-keys", "Enter")

    def close(self):
        self.run("kill-server")


def transcript(folder, command, lines, last_key=None):
    terminal = Terminal(folder, command, "NO_COLOR=1")
    try:
        terminal.wait_for_prompt()
        for count, line in enumerate(lines, 2):
            terminal.type(line)
            if line in ("quit", "EOF"):
                terminal.wait_for("STATUS [0-9]")
            else:
                terminal.wait_for_prompt(count)
        if last_key:
            terminal.run("send-keys", last_key)
            terminal.wait_for("STATUS [0-9]")
        return terminal.screen()
    finally:
        terminal.close()


SESSIONS = {
    "ten commands": ["stats 5", "sort time", "stats 3 json", "callers 4", "callees 0.2 encode", "reverse", "stats .1",
                     "strip", "add re.prof", "sort cumulative name", "stats 12", "quit"],
    "help": ["help", "?", "help stats", "? sort", "help read", "help add", "help nothing", "help EOF", "help callers x",
             "help strip", "help help", "help quit", "help reverse", "help callees", "quit"],
    "mistakes": ["nothing", "", "!ls", "stats 1.5 2", "stats -0.5 1", "sort", "sort nothing", "sort time,calls", "sort t",
                 "read no/such/file", "add no/such'file", "add", "stats (bad 2", "  stats   2  ", "", "1x",
                 "st 3", "", "stats2", "stats(bad", "quit"],
    "read": ["read re.prof", "stats 2", "read", "sort calls nfl", "stats 3", "read json.prof", "stats 2", "EOF"],
}


def main():
    with tempfile.TemporaryDirectory() as folder:
        for name, program in (("json", "json"), ("re", "re")):
            recording = python_dumps.cProfile.Profile()
            recording.runcall(python_dumps.PROGRAMS[program])
            recording.dump_stats(os.path.join(folder, name + ".prof"))
        for name, lines in SESSIONS.items():
            tap.same(transcript(folder, f"{KOMORI} stats json.prof", lines),
                     transcript(folder, f"{PYTHON} -m pstats json.prof", lines), name)
        tap.same(transcript(folder, f"{KOMORI} stats json.prof", ["stats 1"], "C-d"),
                 transcript(folder, f"{PYTHON} -m pstats json.prof", ["stats 1"], "C-d"), "end of input")
        edit(folder)
        with open(os.path.join(folder, "broken.prof"), "wb") as file:
            file.write(b"{x")
        shown = transcript(folder, f"{KOMORI} stats json.prof", ["read broken.prof", "add broken.prof", "stats 1", "quit"])
        tap.ok("byte 1: 0x78" in shown and "json.prof% stats 1" in shown, "a broken file leaves the one before")
    tap.done_testing()


def edit(folder):
    """Line editing, history and completion, and colour where nothing forbids it."""
    terminal = Terminal(folder, f"env -u NO_COLOR TERM=screen {KOMORI} stats json.prof")
    try:
        terminal.wait_for_prompt()
        terminal.run("send-keys", "-l", "rt ti")
        terminal.run("send-keys", "Tab")
        terminal.run("send-keys", "C-a")
        terminal.run("send-keys", "-l", "so")
        terminal.run("send-keys", "Enter")
        terminal.wait_for_prompt(2)
        terminal.type("stats 1")
        terminal.wait_for_prompt(3)
        terminal.run("send-keys", "Up", "Enter")
        terminal.wait_for_prompt(4)
        shown = terminal.screen()
        tap.same(shown.count("Ordered by: internal time"), 2, "editing, completion and history")
        tap.ok("\x1b[1m   ncalls" in terminal.screen("-e"), "titles are bold")
        terminal.run("send-keys", "C-c")
        terminal.wait_for("STATUS [0-9]")
        tap.ok("STATUS 130" in terminal.screen(), "an interrupt ends it")
    finally:
        terminal.close()


main()
