#!/usr/bin/env bash
# The committed corpora and regressions, and a few seconds of new inputs for each target.
# builds: clang
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../tap.sh"
export FUZZ_BUILD=$BUILD/fuzz

for target in connection head target field body prof export; do
	succeeds "$target" "$here/run" 5 "$target"
done
done_testing
