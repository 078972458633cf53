#!/usr/bin/env bash
# docs/configuration.md has every option that --help lists, with its default, and no other.
# builds: gcc
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../tap.sh"
: "${BUILD:?the build folder}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Lines "MAX_BODY 1048576" of the options that a program without options of its own has.
"$BUILD/apps/echo/echo" --help | awk '
	/^  --/ && !/--help|--version/ {
		name = toupper(substr($1, 3)); sub(/,$/, "", name); gsub(/-/, "_", name)
	}
	match($0, /\(default ".*"\)$/) { print name, substr($0, RSTART + 10, RLENGTH - 12) }
' >"$work/program"
# shellcheck disable=SC2016 # the backticks are those of Markdown
sed -n 's/^| `\([A-Z_]*\)` | \([^|]*\) |.*/\1 \2/p' "$here/../../docs/configuration.md" |
	sed 's/ `\(.*\)`$/ \1/; s/ empty$/ /' >"$work/docs"

ok 'the program has options' test "$(wc -l <"$work/program")" -gt 10
is 'names, defaults and order' "$(cat "$work/docs")" "$(cat "$work/program")"
done_testing
