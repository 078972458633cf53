#!/usr/bin/env python3
"""What recording a call costs: uninstrumented, sleds off and on, interleaved in one run.

usage: run.py BASE PROBE [ROUNDS]
"""
import os
import statistics
import subprocess
import sys

WORKS = ("fib", "leaf", "alternate", "library")


def measure(*command):
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main():
    base, probe = sys.argv[1:3]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 41
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    clock = []
    times = {(work, kind): [] for work in WORKS for kind in ("base", "off", "on")}
    for _ in range(rounds):
        clock.append(measure(base, "clock"))
        for work in WORKS:
            times[work, "base"].append(measure(base, work))
            times[work, "off"].append(measure(probe, work))
            times[work, "on"].append(measure(probe, work, "on"))
    reads = min(clock)
    print(f"{rounds} rounds; ns a call, minimum (median)")
    print(f"two bare reads of the TSC: {reads:.2f} ({statistics.median(clock):.2f})\n")
    print(f"{'':10} {'uninstrumented':>16} {'off':>16} {'off/unin.':>10}"
          f" {'on':>16} {'net on':>8} {'net/reads':>10}")
    for work in WORKS:
        low = {kind: min(times[work, kind]) for kind in ("base", "off", "on")}
        mid = {kind: statistics.median(times[work, kind]) for kind in ("base", "off", "on")}
        cells = {kind: f"{low[kind]:.3f} ({mid[kind]:.3f})" for kind in low}
        net = low["on"] - low["base"]
        print(f"{work:10} {cells['base']:>16} {cells['off']:>16} {low['off'] / low['base']:>10.3f}"
              f" {cells['on']:>16} {net:>8.2f} {net / reads:>10.3f}")


main()
