#!/usr/bin/env python3
"""What a request costs with one worker and with four, on two processors, interleaved.

usage: workers.py [-r ROUNDS] [-s SECONDS] LOAD ECHO

Rate per core: answers for each second of processor time that the server's processes take. The load
runs on the same two processors, so that rates themselves say little.
"""
import argparse
import os
import statistics
import subprocess
import time

import quiet
import servers

CONNECTIONS = 64
COUNTS = (1, 4)


def measure(options, server):
    watch = quiet.Watch(server)
    begin = time.monotonic()
    result = subprocess.run(
        [options.load, str(server.port), str(CONNECTIONS), "1", str(options.seconds), "small"],
        capture_output=True, text=True, check=True, timeout=60)
    watch.end(time.monotonic() - begin)
    answers, seconds = result.stdout.split()
    watch.rate = int(answers) / float(seconds)
    watch.per_core = int(answers) / watch.cpu
    return watch


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n")[0])
    parser.add_argument("-r", dest="rounds", type=int, default=7)
    parser.add_argument("-s", dest="seconds", type=float, default=1)
    parser.add_argument("load")
    parser.add_argument("echo")
    options = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))[:2]
    found = {count: servers.Server(f"{count} workers", [
        options.echo, "--port", "{port}", "--workers", str(count)]) for count in COUNTS}
    rounds = {count: [] for count in COUNTS}
    print(f"{options.rounds} rounds of {options.seconds:g} s, {CONNECTIONS} connections,"
          f" {len(cores)} processors; {quiet.describe()} before")
    try:
        for server in found.values():
            server.start(*cores)
        for _ in range(options.rounds):
            for count, server in found.items():
                rounds[count].append(quiet.repeat_until_quiet(lambda: measure(options, server)))
    finally:
        for server in found.values():
            server.stop()
    print(f"{'':12} {'requests/s':>11} {'per core':>10} {'(least)':>10} {'others':>7}")
    for count in COUNTS:
        per_core = [sample.per_core for sample in rounds[count]]
        print(f"  {count} workers {statistics.median(sample.rate for sample in rounds[count]):12.0f}"
              f" {statistics.median(per_core):10.0f} {min(per_core):10.0f}"
              f" {statistics.median(sample.others for sample in rounds[count]):7.1%}")
    ratios = [four.per_core / one.per_core for one, four in zip(rounds[1], rounds[4])]
    print(f"4 workers to 1, per core: {statistics.median(ratios):.3f} (least {min(ratios):.3f})")


main()
