#!/usr/bin/env bash
# Shell scripts pass shellcheck, and C files have the layout of .clang-format.
# builds: gcc
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/tap.sh"
cd "$here/.."

mapfile -t scripts < <(
	grep -rlIE '^#!.*\b(ba)?sh$' .ci apps docs framework profiler tests
	find apps tests -name '*.sh' -o -name '*.bash'
)
mapfile -t sources < <(find apps framework profiler tests -name '*.[ch]')
ok 'shell scripts are found' [ ${#scripts[@]} -gt 10 ]
ok 'C files are found' [ ${#sources[@]} -gt 300 ]
quietly 'shellcheck' shellcheck --external-sources --source-path=SCRIPTDIR "${scripts[@]}"
quietly 'clang-format' clang-format --dry-run -Werror "${sources[@]}"
done_testing
