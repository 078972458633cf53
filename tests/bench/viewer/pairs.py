#!/usr/bin/python3
"""pairs.py FILE: as JSON, what pstats knows of a profile, as viewers of its pairs ask for it: each function's numbers and callees."""
import json
import pstats
import sys


def name(key):
    return f"{key[0]}:{key[1]}({key[2]})"


stats = pstats.Stats(sys.argv[1]).stats
functions = {name(key): {"stats": row[:4], "children": {}} for key, row in stats.items()}
for key, row in stats.items():
    for caller, pair in row[4].items():
        functions[name(caller)]["children"][name(key)] = pair
root = max(functions, key=lambda one: functions[one]["stats"][3])
json.dump({"functions": functions, "root": root}, sys.stdout)
