#!/usr/bin/env bash
# Each fuzzing target runs the committed corpora and regressions, and two seconds of new inputs.
# builds: clang
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../tap.sh"
export FUZZ_BUILD=$BUILD/fuzz

for target in connection head target field body prof export; do
	succeeds "$target" "$here/run" 2 "$target"
done
done_testing
