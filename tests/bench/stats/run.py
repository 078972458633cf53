#!/usr/bin/env python3
"""`komori stats` beside Python's pstats: time and peak memory to read, sort and print one dump.

usage: run.py KOMORI [ROUNDS [FUNCTIONS PAIRS]]
"""
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

PSTATS = "import pstats, sys; pstats.Stats(sys.argv[1]).sort_stats('time', 'calls').print_stats()"
GOAL = 20


def measure(command, output):
    """Seconds and MiB of one run."""
    with open(output, "wb") as file:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=file)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
    process.returncode = status
    if status:
        sys.exit(f"run.py: {command[0]} failed")
    return seconds, usage.ru_maxrss / 1024


def main():
    rounds, functions, pairs = (int(word) for word in (sys.argv[2:] + ["5", "100000", "1000000"][len(sys.argv) - 2:]))
    with tempfile.TemporaryDirectory() as folder:
        dump = os.path.join(folder, "big.prof")
        maker = pathlib.Path(__file__).with_name("make_dump.py")
        subprocess.run([maker, str(functions), str(pairs), dump], check=True)
        commands = {"komori": [sys.argv[1], "stats", dump, "--sort", "time,calls"],
                    "pstats": ["/usr/bin/python3", "-c", PSTATS, dump]}
        print(f"{functions} functions, {pairs} pairs, {os.path.getsize(dump) / 1e6:.1f} MB; {rounds} rounds;"
              f" load average {os.getloadavg()[0]:.2f} before")
        figures = {name: [] for name in commands}
        for turn in range(rounds):
            for name in list(commands)[::-1 if turn % 2 else 1]:
                figures[name].append(measure(commands[name], os.path.join(folder, name)))
        texts = {pathlib.Path(folder, name).read_bytes() for name in commands}
    print(f"\n{'':8} {'seconds, minimum (median)':>26} {'MiB, minimum (median)':>24}")
    seconds, memory = ({name: [run[i] for run in runs] for name, runs in figures.items()} for i in (0, 1))
    for name in commands:
        print(f"{name:8} {min(seconds[name]):17.3f} ({statistics.median(seconds[name]):.3f})"
              f" {min(memory[name]):15.1f} ({statistics.median(memory[name]):.1f})")
    ratios = [slow / fast for slow, fast in zip(seconds["pstats"], seconds["komori"])]
    print(f"\nkomori is {min(seconds['pstats']) / min(seconds['komori']):.1f} times as fast (minimum), "
          f"{statistics.median(ratios):.1f} (median of the rounds); goal {GOAL}")
    print("both printed the same text" if len(texts) == 1 else "THE TEXTS DIFFER")


main()
