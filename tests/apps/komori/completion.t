#!/usr/bin/python3
"""Completion of komori in bash and zsh: what is offered is what --help has."""

# builds: gcc

import os
import pathlib
import pty
import re
import select
import subprocess
import sys
import tempfile
import time

tests = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(tests))
import tap  # noqa: E402

KOMORI = os.environ["BUILD"] + "/apps/komori/komori"
COMPLETIONS = tests.parent / "apps/komori/completions"
FORMATS = ["callgrind", "chrome", "collapsed", "csv", "html", "json", "pprof", "pstats", "speedscope"]


def help_of(*arguments):
    return subprocess.run([KOMORI, *arguments, "--help"], capture_output=True, text=True, timeout=tap.BOUND).stdout


def options_of(command):
    usages = re.findall(r"^  (--\S.*?)(?:  |$)", help_of(command), re.M)
    return sorted(flag for usage in usages for flag in re.findall(r"--[a-z-]+", usage))


COMMANDS = sorted(re.findall(r"^  ([a-z]+) ", help_of(), re.M))


# --- bash ---

def bash(*words):
    """What bash is offered for the last word, which it has split already."""
    script = """
        . "$1/komori.bash"
        [ "$(complete -p komori)" = "complete -F _komori komori" ] || exit 1
        COMP_WORDS=("${@:2}")
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _komori "$2" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        [ ${#COMPREPLY[@]} -eq 0 ] || printf '%s\\n' "${COMPREPLY[@]}" | sort"""
    done = subprocess.run(["bash", "-c", script, "bash", COMPLETIONS, KOMORI, *words], capture_output=True, text=True,
                          timeout=tap.BOUND, env=os.environ | {"LC_ALL": "C.UTF-8"})
    return done.stdout.split("\n")[:-1] if done.returncode == 0 else done.stderr


def check_bash():
    rows = [  # words, offered
        ([""], sorted(["--help", "--version", "help", "version", *COMMANDS])),
        (["s"], ["stats"]),
        (["--v"], ["--version"]),
        (["help", ""], COMMANDS),
        (["stats", "--ca"], ["--callees", "--callers"]),
        (["stats", "--sort", ""], []),
        (["stats", ""], ["a.prof", "folder"]),
        (["stats", "--reverse", "a"], ["a.prof"]),
        (["stats", "folder/"], ["folder/b c.prof"]),
        (["stats", "a.prof", "folder/b"], ["folder/b c.prof"]),
        (["diff", "--by", ""], ["function", "path"]),
        (["diff", "--by", "=", "p"], ["path"]),
        (["diff", "--by", "="], ["function", "path"]),
        (["export", "--to", ""], FORMATS),
        (["export", "--to", "c"], ["callgrind", "chrome", "collapsed", "csv"]),
        (["export", "--output", "n"], ["notes.txt"]),
        (["run", ""], ["app.so", "folder"]),
        (["run", "app.so", ""], []),
        (["run", "app.so", "--access-log", "n"], ["notes.txt"]),
        (["run", "app.so", "--no-r"], ["--no-reload"]),
        (["routes", "a"], ["app.so"]),
        (["nothing", "-"], []),
    ]
    for words, wanted in rows:
        tap.same(bash(*words), wanted, f"bash: komori {' '.join(words)}")
    for command in COMMANDS:
        tap.same(bash(command, "-"), options_of(command), f"bash: every option of {command}")


# --- a shell with a person in front of it ---

class Shell:
    def __init__(self, *command, ready):
        pid, self.fd = pty.fork()
        if pid == 0:
            environment = os.environ | {"TERM": "dumb", "LC_ALL": "C.UTF-8", "PS1": "> ", "COLUMNS": "200", "HOME": os.getcwd()}
            os.execvpe(command[0], command, environment)
        self.pid = pid
        self.type(f"{ready}; echo prep''ared\n", "prepared\r\n")

    def type(self, keys, *wanted):
        """Types, and waits until all of that is shown; returns what is not."""
        os.write(self.fd, keys.encode())
        text, missing = "", wanted
        end = time.monotonic() + tap.BOUND
        while missing and time.monotonic() < end:
            if select.select([self.fd], [], [], 0.1)[0]:
                text += os.read(self.fd, 65536).decode()
                missing = [word for word in wanted if word not in text]
        return missing and (missing, text)

    def offers(self, keys, *wanted):
        """As `type`; the line is dropped afterwards."""
        missing = self.type(keys, *wanted)
        self.type("\x15echo dro''pped\n", "dropped\r\n")
        return missing

    def close(self):
        os.write(self.fd, b"\x15exit\n")
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def check_shell(name, shell, listing):
    rows = [
        ("komori sta", "komori stats "),
        ("komori stats --strip", "komori stats --strip-dirs "),
        ("komori help ro", "komori help routes "),
        ("komori stats a", "komori stats a.prof "),
        ("komori stats folder/", "folder/b\\ c.prof"),
        ("komori diff --by fu", "komori diff --by function"),
        ("komori diff --by=pa", "komori diff --by=path"),
        ("komori export --to spee", "komori export --to speedscope"),
        ("komori run ap", "komori run app.so "),
        ("komori run app.so --max-header-", "komori run app.so --max-header-count "),
        ("komori run app.so --access-log no", "komori run app.so --access-log notes.txt"),
    ]
    for line, wanted in rows:
        tap.same(shell.offers(line + "\t", wanted), [], f"{name}, typed: {line}")
    for command in COMMANDS:
        tap.same(shell.offers(f"komori {command} app.so --{listing}", *options_of(command)), [],
                 f"{name}: lists all options of {command}")
    shell.close()


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.mkdir("folder")
        for name in ("a.prof", "app.so", "notes.txt", "folder/b c.prof", "folder/notes.txt"):
            pathlib.Path(name).touch()
        check_bash()
        path = f"PATH={os.path.dirname(KOMORI)}:$PATH"
        bash_ready = f"{path}; bind 'set completion-query-items 0'; bind 'set page-completions off'; . {COMPLETIONS}/komori.bash"
        check_shell("bash", Shell("bash", "--norc", "--noprofile", ready=bash_ready), "\t\t")
        zsh_ready = f"{path}; PS1='> '; LISTMAX=1000; fpath=({COMPLETIONS} $fpath); autoload -U compinit; compinit -u -D"
        check_shell("zsh", Shell("zsh", "-f", "-i", ready=zsh_ready), "\t")
    tap.done_testing()


main()
