# shellcheck shell=bash
# TAP for test scripts in bash: `. tests/tap.sh`, checks, `done_testing`.

bound=120 # seconds: a test that waits longer for an event hangs, and fails
tap_count=0
tap_failed=0

# wait_for COMMAND...: runs the command until it succeeds; fails after $bound.
wait_for() {
	local end=$((SECONDS + bound))
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.05
	done
}

diag() {
	printf '%s\n' "$*" | sed 's/^/# /'
}

# ok NAME COMMAND...: passes when the command succeeds.
ok() {
	tap_check "$@" || true
}

tap_check() {
	local name=$1
	shift
	tap_count=$((tap_count + 1))
	if "$@"; then
		echo "ok $tap_count - $name"
	else
		echo "not ok $tap_count - $name"
		tap_failed=$((tap_failed + 1))
		return 1
	fi
}

# is NAME FOUND WANTED
is() {
	tap_check "$1" [ "$2" = "$3" ] || {
		diag "found:  $2"
		diag "wanted: $3"
	}
}

# like NAME FILE PATTERN: a line of the file matches the extended regular expression.
like() {
	tap_check "$1" grep -qE -e "$3" "$2" || {
		diag "no line matches $3 in:"
		diag "$(cat "$2")"
	}
}

# quietly NAME COMMAND...: the command succeeds and prints nothing, so a compiler that warns fails.
quietly() {
	local name=$1 output status=0
	shift
	output=$("$@" 2>&1) || status=$?
	tap_check "$name" [ "$status:$output" = 0: ] || diag "status $status: $output"
}

# succeeds NAME COMMAND...: shows what the command printed only when it fails.
succeeds() {
	local name=$1 output status=0
	shift
	output=$("$@" 2>&1) || status=$?
	tap_check "$name" [ "$status" = 0 ] || diag "status $status: $output"
}

done_testing() {
	echo "1..$tap_count"
	[ "$tap_failed" -eq 0 ]
}
