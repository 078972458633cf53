#!/usr/bin/env bash
# Both libraries build without a warning in clang Release too, which is none of the builds of tests/run.
# builds: clang
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../tap.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

libraries() {
	cmake -S "$here/../.." -B "$work" -G Ninja -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=Release \
		-DKOMORI_WERROR=ON -DKOMORI_TESTS=OFF &&
		cmake --build "$work" --target komori komori_profiler
}

succeeds 'clang Release' libraries
done_testing
