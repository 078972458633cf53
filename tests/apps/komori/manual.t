#!/usr/bin/python3
"""The manual pages of komori have every command and every option of --help, and no other."""

# builds: gcc

import os
import pathlib
import re
import subprocess
import sys

tests = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(tests))
import tap  # noqa: E402

KOMORI = os.environ["BUILD"] + "/apps/komori/komori"
PAGES = {page.stem: page for page in (tests.parent / "docs/man").glob("*.1")}


def help_of(*arguments):
    return subprocess.run([KOMORI, *arguments, "--help"], capture_output=True, text=True, timeout=tap.BOUND).stdout


def flags(text):
    """Of --help."""
    return sorted(set(re.findall(r"--[a-z-]+", " ".join(re.findall(r"^  (--[a-z-]+(?:, --[a-z-]+)?)", text, re.M)))))


def flags_of_page(text):
    """Of the heads of list items: `.It Fl -sort Ar key`."""
    heads = re.findall(r"^\.It (Fl -.*)", text, re.M)
    return sorted(flag for head in heads for flag in re.findall(r"Fl (-[a-z-]+)", head))


def as_text(page):
    done = subprocess.run(["mandoc", "-Tascii", "-Owidth=200", page], capture_output=True, text=True, check=True)
    return re.sub(".\b", "", done.stdout)


def check_page(command):
    page = PAGES.get(f"komori-{command}")
    if not tap.ok(page, f"{command} has its page"):
        return
    text, shown = page.read_text(), help_of(command)
    tap.same(flags_of_page(text), [flag[1:] for flag in flags(shown)], f"{command}: the page has the options of --help")
    takers = re.findall(r"^  (--[a-z-]+) ([A-Z|a-z][A-Z|a-z,.]*)(?= )", shown, re.M)
    without = [flag for flag, _ in takers if not re.search(rf"^\.It Fl {flag[1:]} (Ar|Cm) ", text, re.M)]
    tap.same(without, [], f"{command}: options that take a value have one")
    tap.same(re.findall(r"^\.It Cm ([a-z]+)", text, re.M), re.findall(r"^  ([a-z]+) ", shown, re.M),
             f"{command}: the page has the words that --help explains")
    first = shown.splitlines()[0].split()[1:]
    tap.ok(f"komori {command}" in as_text(page) and first[:2] == ["komori", command], f"{command}: the page has its usage")


def check_defaults():
    """Of the server's options, which --help tells as well."""
    page = re.sub(r"\s+", " ", as_text(PAGES["komori-run"]))
    told = re.findall(r'^  (--[a-z-]+) \S+ .*\n +\(default "(.+)"\)', help_of("run"), re.M)
    missing = [flag for flag, value in told
               if not re.search(rf" {flag} [a-z]+ (?:(?! --[a-z]).)*Default: {re.escape(value)}\.", page)]
    tap.same(missing, [], "run: the page has the defaults")


def check_form(page):
    done = subprocess.run(["mandoc", "-Tlint", page], capture_output=True, text=True)
    # A reference to another package's page is looked for on this machine.
    lines = [line for line in done.stdout.splitlines() if "mandoc.db" not in line and "referenced manual not found" not in line]
    tap.same(lines, [], f"{page.name}: mandoc finds nothing wrong")


commands = re.findall(r"^  ([a-z]+) ", help_of(), re.M)
main_page = PAGES["komori"].read_text()
tap.same(sorted(re.findall(r"^\.It Cm ([a-z]+)", main_page, re.M)), sorted(commands), "komori(1) has the commands of --help")
tap.same(flags_of_page(main_page), ["-help", "-version"], "komori(1) has its options")
tap.same(sorted(PAGES), sorted(["komori", *(f"komori-{command}" for command in commands)]), "no page is left over")
for command in commands:
    check_page(command)
check_defaults()
for page in sorted(PAGES.values()):
    check_form(page)
tap.done_testing()
