#!/usr/bin/env bash
# Twenty seconds of mixed load: right answers, no descriptor left open, flat memory.
# builds: gcc asan
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../tap.sh"

succeeds 'mixed load' "$here/run" 20 "$BUILD/apps/echo/echo"
done_testing
