#!/usr/bin/env python3
"""What Komori itself takes for a request, without the kernel, and with PROFILE compiled in but off.

usage: run.py PLAIN SLEDS [ROUNDS]
"""
import os
import statistics
import subprocess
import sys

LOADS = (("small", 1), ("browser", 1), ("small", 16), ("browser", 16))
GOALS = {"small": 150, "browser": 600}


def measure(program, kind, depth):
    result = subprocess.run([program, kind, str(depth)], check=True, capture_output=True, text=True)
    return [float(word) for word in result.stdout.split()]


def main():
    programs = sys.argv[1:3]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 7
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    print(f"{rounds} rounds; ns a request, minimum (median); load average"
          f" {os.getloadavg()[0]:.2f} before\n")
    times = {(load, program): [] for load in LOADS for program in programs}
    allocations = {load: 0 for load in LOADS}
    for turn in range(rounds):
        for load in LOADS:
            for program in programs[::-1] if turn % 2 else programs:
                time, made = measure(program, *load)
                times[load, program].append(time)
                allocations[load] = max(allocations[load], made)
    print(f"{'':22} {'without sleds':>16} {'PROFILE off':>16} {'ratio':>7} {'goal':>6}"
          f" {'allocations':>12}")
    for load in LOADS:
        low = [min(times[load, program]) for program in programs]
        mid = [statistics.median(times[load, program]) for program in programs]
        cells = [f"{best:.1f} ({usual:.1f})" for best, usual in zip(low, mid)]
        name = f"{load[0]}, depth {load[1]}"
        print(f"{name:22} {cells[0]:>16} {cells[1]:>16} {low[1] / low[0]:>7.3f}"
              f" {GOALS[load[0]]:>6} {allocations[load]:>12g}")


main()
