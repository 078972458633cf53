#!/usr/bin/env bash
# Mixed load: right responses, no descriptor left open, flat memory.
# builds: gcc asan
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../tap.sh"

succeeds 'mixed load' "$here/run" 8 "$BUILD/apps/echo/echo"
done_testing
