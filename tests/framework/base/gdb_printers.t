#!/usr/bin/env bash
# gdb prints km_str and km_buffer as text with framework/base/gdb_printers.py.
# builds: gcc
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
. "$root/tests/tap.sh"
if ! command -v gdb >/dev/null; then
	echo '1..0 # SKIP gdb is not installed'
	exit
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Initialised variables at fixed addresses: gdb prints them from the file, without a process.
cat >"$work/main.c" <<'PROGRAM'
#include "framework/base/buffer.h"

km_str path = {"/plans?day=1", 6}, absent, empty = {"", 0};
static char text[256] = "one \"two\"\n";
km_buffer buffer = {text, 10, sizeof text, 0}, failed = {.failed = 1};

int main(void)
{
	return 0;
}
PROGRAM
cc -std=gnu11 -g -O0 -no-pie -I"$root" -I"$root/framework/include" "$work/main.c" -o "$work/main"
printed=$(gdb -nx -batch -ex "source $root/framework/base/gdb_printers.py" -ex 'print path' -ex 'print absent' \
	-ex 'print empty' -ex 'print buffer' -ex 'print failed' "$work/main" 2>&1 </dev/null | sed 's/^\$[0-9]* = //')
is 'strings end at their length, buffers show text and state' "$printed" \
	'"/plans"
absent
""
{text = "one \"two\"\n", len = 10, capacity = 256, failed = 0}
{text = absent, len = 0, capacity = 0, failed = 1}'
done_testing
