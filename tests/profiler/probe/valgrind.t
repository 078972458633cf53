#!/usr/bin/env bash
# Counts stay exact under valgrind, and memcheck reports nothing about the stubs.
# builds: gcc
set -eu
. "$(dirname "$0")/../../tap.sh"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for test in counts-O0 counts-O2 counts-without-tsc; do
	status=0
	valgrind -q --error-exitcode=99 --log-file="$folder/$test.log" \
		"$BUILD/tests/profiler/probe/$test.t" >"$folder/$test.tap" 2>&1 || status=$?
	is "$test: all counts" "$status" 0
	is "$test: all tests ran" "$(grep -c '^ok' "$folder/$test.tap")" "$(sed -n 's/^1\.\.//p' "$folder/$test.tap")"
	is "$test: no report" "$(cat "$folder/$test.log")" ""
done
done_testing
