#!/usr/bin/env bash
# Programs outside this tree build against an installed Komori, by CMake and by pkg-config, with gcc
# and with clang, and are profiled.
# builds: gcc
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../tap.sh"
: "${BUILD:?the build folder}"
work=$(mktemp -d)
server=
stop_server() {
	[ -n "$server" ] || return 0
	kill -TERM "$server" 2>/dev/null || true
	wait "$server" || true
	server=
}
trap 'stop_server; rm -rf "$work"' EXIT
strict='-g -O2 -Wall -Wextra -Wshadow -Wconversion -Werror'
outside=$here/outside

# serve PROGRAM ARGUMENT...: starts it with PROFILE on; sets $url.
serve() {
	: >"$work/report" # before the background job does: what the last one printed must be gone
	: >"$work/errors"
	PROFILE=1 "$@" --port 0 >"$work/report" 2>"$work/errors" </dev/null &
	server=$!
	wait_for listens_or_ended
	[ -n "$url" ] || diag "the program did not start:" "$(cat "$work/errors")"
}

listens_or_ended() {
	url=$(sed -n 's|.*\(http://[0-9.]*:[0-9]*\).*|\1|p' "$work/report" "$work/errors" | head -n 1)
	[ -n "$url" ] || ! kill -0 "$server" 2>/dev/null
}

# programs_work HOW FOLDER: the two programs in FOLDER do what they should.
programs_work() {
	serve "$2/greet"
	is "$1: a request is answered" "$(curl -s -m "$bound" "$url/greet/bat")" 'Hello, bat!'
	stop_server
	like "$1: the report has the handler's file and line" "$work/report" \
		"^ +1 .*greet\\.c:$greet_line\\(greet\\)\$"
	like "$1: the report has its library calls" "$work/report" '^ +7 .*\{built-in function random\}$'

	"$2/count" >"$work/report" 2>&1 || true
	like "$1: the profiler works without the framework" "$work/report" \
		"^ +2 .*count\\.c:$roll_line\\(roll\\)\$"
}

# komori_serves HOW FOLDER: the installed command loads the shared object in FOLDER.
komori_serves() {
	"$komori" routes "$2/bats.so" >"$work/report" 2>&1 || true
	like "$1: komori routes" "$work/report" "^GET +/bats/<name> +bat +$outside/bats\\.c:$bat_line\$"
	serve "$komori" run "$2/bats.so"
	is "$1: komori run answers" "$(curl -s -m "$bound" "$url/bats/brown")" 'bats brown Lascaux'
	stop_server
	like "$1: its report has the handler's file and line" "$work/report" "^ +1 .*bats\\.c:$bat_line\\(bat\\)\$"
}

build_by_cmake() {
	cmake -S "$outside" -B "$3" -DCMAKE_C_COMPILER="$1" -DCMAKE_PREFIX_PATH="$2" \
		-DCMAKE_C_FLAGS="$strict" && cmake --build "$3"
}

# build_by_pkg_config CC FOLDER
build_by_pkg_config() {
	local pair
	for pair in greet:komori count:komori-profiler; do
		# shellcheck disable=SC2046,SC2086 # flags, one a word
		"$1" $strict $(pkg-config --cflags "${pair#*:}") -o "$2/${pair%:*}" \
			"$outside/${pair%:*}.c" $(pkg-config --libs "${pair#*:}") \
			-Wl,-rpath,"$(pkg-config --variable=libdir komori)" || return
	done
	# shellcheck disable=SC2046,SC2086 # flags, one a word
	"$1" $strict -shared -fPIC $(pkg-config --cflags komori) -o "$2/bats.so" "$outside/bats.c" $(pkg-config --libs komori)
}

code_of_sum() {
	# shellcheck disable=SC2046 # flags, one a word
	gcc -O2 $(pkg-config --cflags komori) "$@" -S -o - "$outside/sum.c"
}

no_flags_leak() {
	! grep -rnE -e '-W(all|extra|error)|_GNU_SOURCE' "$work"/moved/lib*/{cmake,pkgconfig} | sed 's/^/# /' | grep .
}

greet_line=$(grep -n '^static int greet(' "$outside/greet.c" | cut -d: -f1)
bat_line=$(grep -n '^static int bat(' "$outside/bats.c" | cut -d: -f1)
roll_line=$(grep -n ' roll(int times)$' "$outside/count.c" | cut -d: -f1)

succeeds 'it installs' cmake --install "$BUILD" --prefix "$work/first"
# Whatever was installed may be moved.
mv "$work/first" "$work/moved"
PKG_CONFIG_PATH=$(dirname "$(find "$work/moved" -name komori.pc)")
export PKG_CONFIG_PATH
komori=$work/moved/bin/komori

for cc in gcc clang; do
	mkdir "$work/cmake-$cc" "$work/pkg-$cc"
	succeeds "CMake, $cc: builds" build_by_cmake "$cc" "$work/moved" "$work/cmake-$cc"
	programs_work "CMake, $cc" "$work/cmake-$cc"
	komori_serves "CMake, $cc" "$work/cmake-$cc"
	quietly "pkg-config, $cc: builds without a word" build_by_pkg_config "$cc" "$work/pkg-$cc"
	programs_work "pkg-config, $cc" "$work/pkg-$cc"
	komori_serves "pkg-config, $cc" "$work/pkg-$cc"
done

for page in "$here"/../../docs/man/*.1; do
	page=${page##*/}
	ok "the page $page is where man looks" [ -f "$work/moved/share/man/man1/$page" ]
done
ok 'completion for bash is where bash looks' [ -f "$work/moved/share/bash-completion/completions/komori" ]
ok 'completion for zsh is where zsh looks' [ -f "$work/moved/share/zsh/site-functions/_komori" ]

is 'gcc keeps registers across a sled without -fno-ipa-ra, which pkg-config leaves out' \
	"$(code_of_sum)" "$(code_of_sum -fno-ipa-ra)"
ok 'our warning flags do not reach consumers' no_flags_leak
for header in "$work/moved"/include/komori/*.h; do
	quietly "C++ reads komori/${header##*/}" \
		g++ -std=c++17 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -x c++ -I "$work/moved/include" "$header"
done
cat >"$work/bats.cc" <<'end'
#include <komori/application.h>
KM_APPLICATION(application) { return km_app_new("bats"); }
end
# shellcheck disable=SC2046 # flags, one a word
quietly 'C++: an application is compiled' g++ -std=c++17 -Wall -Wextra -Werror -shared -fPIC \
	-I "$work/moved/include" -o "$work/bats.so" "$work/bats.cc" $(pkg-config --libs komori)
"$komori" routes "$work/bats.so" >"$work/report" 2>&1 || true
like 'C++: and loaded' "$work/report" 'bats\.so has no routes$'
done_testing
