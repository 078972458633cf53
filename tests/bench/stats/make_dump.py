#!/usr/bin/env python3
"""Writes a dump as cProfile would of a large program: make_dump.py FUNCTIONS PAIRS FILE."""
import marshal
import random
import sys


def main():
    count, pairs = int(sys.argv[1]), int(sys.argv[2])
    rng = random.Random(1)
    functions = [(f"/srv/project/package_{i % 50}/module_{i % 1000}.py", rng.randrange(1, 3000), f"function_{i}")
                 for i in range(count)]
    stats = {function: (rng.randrange(1, 1000), rng.randrange(1000, 5000), rng.random() * 0.01, rng.random(), {})
             for function in functions}
    made = 0
    while made < pairs:
        callers = stats[functions[rng.randrange(count)]][4]
        caller = functions[rng.randrange(count)]
        made += caller not in callers
        callers[caller] = (rng.randrange(1, 5000), rng.randrange(1, 1000), rng.random() * 0.01, rng.random())
    with open(sys.argv[3], "wb") as file:
        marshal.dump(stats, file)


main()
