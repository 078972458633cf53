#!/usr/bin/python3
"""speedscope itself, in a browser, imports its own format and collapsed stacks, and shows the numbers of pstats."""
# builds: gcc

import base64
import collections
import html
import json
import os
import random
import re
import subprocess

import browser
import exported
import tap

UNITS = {"ns": 1, "µs": 1e3, "ms": 1e6, "s": 1e9, "": 1}
root = subprocess.run(["npm", "root", "--global"], capture_output=True, text=True, check=True).stdout.strip()
PAGE = os.path.join(root, "speedscope/dist/release/index.html")


def show(name, data):
    """The page with the profile `name` loaded, its table of functions shown."""
    script = exported.path("load.js")
    with open(script, "w") as file:
        file.write(f"speedscope.loadFileFromBase64({json.dumps(name)}, {json.dumps(base64.b64encode(data).decode())})")
    return chromium.page(f"file://{PAGE}#localProfilePath={script}&view=sandwich", "td")


def numbers(page):
    """{name: (total, self)} in nanoseconds, and how far the shown digits may be off."""
    found = collections.defaultdict(list)
    for row in re.findall(r"<tr [^>]*>(<td.*?)</tr>", page, re.S):
        total, own, name = re.findall(r"<td[^>]*>(.*?)</td>", row, re.S)
        found[html.unescape(re.sub(r"<.*?>", "", name))].append([amount(cell) for cell in (total, own)])
    return found


def amount(cell):
    digits, unit = re.match(r"([\d.,]+)([nµm]?s?) ", cell).groups()
    return float(digits.replace(",", "")) * UNITS[unit], UNITS[unit]


def check(name, data, wanted, what, slack=1):
    """wanted: {name: (total, self)}; two digits behind the point are shown."""
    found = numbers(show(name, data))
    tap.same(sorted(found), sorted(wanted), f"{what}: it shows each function")
    off = {
        key: (values, wanted.get(key))
        for key, values in found.items()
        if len(values) != 1
        or any(abs(shown - right) > 0.006 * unit + slack for (shown, unit), right in zip(values[0], wanted[key]))
    }
    tap.same(off, {}, f"{what}: total is cumtime, self is tottime")


def small_tree(random, nodes, functions):
    """Less than a second in all: speedscope shows minutes otherwise."""
    tree = exported.unique_tree(random, nodes, functions)
    tree.seconds_per_tick = 1e-12
    return tree


def unlike(text):
    return re.sub("[\udc80-\udcff]", "\ufffd", text)


rng = random.Random(6)
chromium = browser.Browser(exported.path("browser"))
profile = exported.dump(small_tree(rng, 400, 40))
rows = exported.rows(profile)
wanted = {name: (row[3], row[2]) for (_, _, name), row in rows.items()}
check("a.speedscope.json", exported.export(profile, "speedscope")[0], wanted, "a tree")
check(
    "a.txt",
    exported.export(profile, "collapsed")[0],
    {exported.frame(key): (row[3], row[2]) for key, row in rows.items() if row[3]},
    "collapsed",
    slack=30,
)
profile = exported.record("recursion")
check(
    "r.speedscope.json",
    exported.export(profile, "speedscope")[0],
    {name: (row[3], row[2]) for (_, _, name), row in exported.rows(profile).items()},
    "recorded",
)

tree = small_tree(rng, 300, len(exported.HOSTILE))
tree.functions[1:] = [("/srv/a.c", i, name) for i, name in enumerate(exported.HOSTILE)]
profile = exported.dump(tree)
page = numbers(show("h.speedscope.json", exported.export(profile, "speedscope")[0]))
shown = {re.sub(r"\s+", " ", name) for name in page}
tap.same(
    {re.sub(r"\s+", " ", unlike(name).replace("\r", "")) for name in exported.HOSTILE} - shown,
    set(),
    "hostile names are shown as they are",
)

data = json.loads(exported.export(profile, "speedscope")[0].decode("utf-8"))
events, open_frames, last = data["profiles"][0]["events"], [], 0
balanced = True
for event in events:
    balanced &= event["at"] >= last
    last = event["at"]
    if event["type"] == "O":
        open_frames.append(event["frame"])
    else:
        balanced &= bool(open_frames) and open_frames.pop() == event["frame"]
tap.ok(
    balanced and not open_frames and data["profiles"][0]["endValue"] == last, "events are balanced and do not go back"
)

chromium.close()
tap.done_testing()
