#!/usr/bin/env python3
"""What a request costs with one worker and with four, on two processors, interleaved, nginx beside it.

usage: workers.py [-r ROUNDS] [-s SECONDS] LOAD ECHO

Rate per core: answers for each second of processor time that the server's processes take. The load
runs on the same two processors, so that rates themselves say little, and every process that waits for
few connections wakes for few requests at a time: with more connections there is more to do a wake.
"""
import argparse
import os
import statistics
import subprocess
import time

import quiet
import servers

CONNECTIONS = (64, 1000)
COUNTS = (1, 4)


def measure(options, server, connections):
    watch = quiet.Watch(server)
    begin = time.monotonic()
    result = subprocess.run(
        [options.load, str(server.port), str(connections), "1", str(options.seconds), "small"],
        capture_output=True, text=True, check=True, timeout=60)
    watch.end(time.monotonic() - begin)
    answers, seconds = result.stdout.split()
    watch.rate = int(answers) / float(seconds)
    watch.per_core = int(answers) / watch.cpu
    return watch


def komori(options, count):
    return servers.Server("komori", [options.echo, "--port", "{port}", "--workers", str(count)])


def nginx(found, count):
    config = found.config.replace("worker_processes 1;", f"worker_processes {count};")
    return servers.Server("nginx", found.command, found.version, config)


def print_rows(name, connections, rounds):
    for count in COUNTS:
        samples = rounds[count]
        per_core = [sample.per_core for sample in samples]
        print(f"  {name:8} {connections:12} {count:8} {statistics.median(s.rate for s in samples):11.0f}"
              f" {statistics.median(per_core):10.0f} {min(per_core):10.0f}"
              f" {statistics.median(sample.others for sample in samples):7.1%}")
    ratios = [four.per_core / one.per_core for one, four in zip(rounds[1], rounds[4])]
    print(f"  {name:8} {connections:12} 4 workers to 1, per core: {statistics.median(ratios):.3f}"
          f" (least {min(ratios):.3f})", flush=True)


def compare(options, name, pair):
    for connections in CONNECTIONS:
        rounds = {count: [] for count in COUNTS}
        for _ in range(options.rounds):
            for count, server in pair.items():
                rounds[count].append(
                    quiet.repeat_until_quiet(lambda: measure(options, server, connections)))
        print_rows(name, connections, rounds)


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n")[0])
    parser.add_argument("-r", dest="rounds", type=int, default=7)
    parser.add_argument("-s", dest="seconds", type=float, default=1)
    parser.add_argument("load")
    parser.add_argument("echo")
    options = parser.parse_args()
    servers.raise_descriptor_limit()
    cores = sorted(os.sched_getaffinity(0))[:2]
    found = {"komori": {count: komori(options, count) for count in COUNTS}}
    for server in servers.find({}, ["nginx"]):
        found["nginx"] = {count: nginx(server, count) for count in COUNTS}
    print(f"{options.rounds} rounds of {options.seconds:g} s, {len(cores)} processors;"
          f" {quiet.describe()} before")
    print(f"  {'':8} {'connections':>12} {'workers':>8} {'requests/s':>11} {'per core':>10}"
          f" {'(least)':>10} {'others':>7}")
    for name, pair in found.items():
        try:
            for server in pair.values():
                server.start(*cores)
            compare(options, name, pair)
        finally:
            for server in pair.values():
                server.stop()


main()
