#!/usr/bin/env bash
# What the quickstart promises: apps/demo --once prints the report of hello, with the facts right.
# builds: gcc
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../tap.sh"
root=$here/../..
report=$(mktemp)
trap 'rm -f "$report"' EXIT

demo_once() {
	"$root/apps/demo" --once >"$report" 2>&1 </dev/null
}
ok 'apps/demo --once' demo_once
diag "$(cat "$report")"

line=$(grep -nE '^static int hello\(' "$root/apps/hello/main.c" | cut -d: -f1)
like 'the path' "$report" "^PATH: '/'\$"
like '100000 calls of random' "$report" '^ +100000 .* \{built-in function random\}$'
like 'one call of sleep' "$report" '^ +1 .* \{built-in function sleep\}$'
like 'one call of hello, with file and line' "$report" "^ +1 .*apps/hello/main\\.c:$line\\(hello\\)\$"

# cumtime ROW: the fourth column of the row that ends so.
cumtime() {
	awk -v row="$1" 'substr($0, length($0) - length(row) + 1) == row { print $4; exit }' "$report"
}
hello=$(cumtime '(hello)')
sleep=$(cumtime '{built-in function sleep}')
ok "cumtime of hello ($hello) is at least that of sleep ($sleep)" \
	awk -v hello="$hello" -v sleep="$sleep" 'BEGIN { exit !(sleep > 0 && hello >= sleep) }'

prof=$(sed -n "s/^  python3 -m pstats '\\(.*\\)'\$/\\1/p" "$report")
ok 'pstats opens the dump that it names' \
	/usr/bin/python3 -c 'import pstats, sys; pstats.Stats(sys.argv[1])' "$prof"
port=$(sed -n 's|^Requesting http://127.0.0.1:\([0-9]*\)/.*|\1|p' "$report")
server_is_gone() {
	[ -n "$port" ] && ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null
}
ok 'no server is left behind' server_is_gone
done_testing
