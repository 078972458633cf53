#!/usr/bin/env bash
# Both libraries build without a warning where tests/run does not look: gcc Debug, clang Release.
# builds: gcc
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../tap.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# libraries CC TYPE
libraries() {
	cmake -S "$here/../.." -B "$work/$1" -G Ninja -DCMAKE_C_COMPILER="$1" -DCMAKE_BUILD_TYPE="$2" \
		-DKOMORI_WERROR=ON -DKOMORI_TESTS=OFF &&
		cmake --build "$work/$1" --target komori komori_profiler
}

succeeds 'gcc Debug' libraries gcc Debug
succeeds 'clang Release' libraries clang Release
done_testing
