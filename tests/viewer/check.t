#!/bin/sh
# builds: gcc
# TypeScript checks the page's modules: names, properties, arguments, imports, unused variables.
cd "$(dirname "$0")" || exit 1
compiler=$(npm root --global)/typescript/bin/tsc

echo 1..1
if found=$(node "$compiler" --project tsconfig.json 2>&1); then
	echo "ok 1 - TypeScript finds no error in profiler/viewer/page"
else
	echo "not ok 1 - TypeScript finds no error in profiler/viewer/page"
	printf '%s\n' "$found" | sed 's/^/# /'
fi
