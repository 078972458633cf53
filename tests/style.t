#!/usr/bin/env bash
# Shell scripts pass shellcheck, and C files have the layout of .clang-format.
# builds: gcc
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/tap.sh"
cd "$here/.."

files() {
	git ls-files --cached --others --exclude-standard "$@"
}

mapfile -t scripts < <({
	files | xargs -d '\n' grep -lE '^#!.*\b(ba)?sh$'
	files '*.sh' '*.bash'
} | sort -u)
mapfile -t sources < <(files 'framework/*.[ch]' 'profiler/*.[ch]' 'apps/*.[ch]' 'tests/*.[ch]')
ok 'shell scripts are found' [ ${#scripts[@]} -gt 10 ]
ok 'C files are found' [ ${#sources[@]} -gt 300 ]
quietly 'shellcheck' shellcheck --external-sources --source-path=SCRIPTDIR "${scripts[@]}"
quietly 'clang-format' clang-format --dry-run -Werror "${sources[@]}"
done_testing
