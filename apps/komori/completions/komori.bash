# shellcheck shell=bash
# Completes komori in bash. Reads commands, options and their values from --help.

# _komori_named HELP: the words that lines of the help text explain.
_komori_named() {
	sed -nE 's/^  ([a-z]+) .*/\1/p' <<<"$1"
}

_komori_options() {
	sed -nE 's/^  (--[a-z-]+)(, (--[a-z-]+))?.*/\1 \3/p' <<<"$1"
}

# _komori_value HELP OPTION: the name of its value in the help text, or nothing.
_komori_value() {
	sed -nE "s/^  $2 ([A-Z][A-Z|,.]*|[a-z]+(\\|[a-z]+)+) .*/\\1/p" <<<"$1"
}

# _komori_words WORD CHOICE...
_komori_words() {
	mapfile -t COMPREPLY < <(compgen -W "${*:2}" -- "$1")
}

# _komori_files WORD [PATTERN]: files, and folders that may hold them.
_komori_files() {
	compopt -o filenames 2>/dev/null
	mapfile -t COMPREPLY < <(compgen -d -- "$1"; compgen -f -X "!${2-*}" -- "$1" | grep -vxFf <(compgen -d -- "$1"))
}

_komori() {
	local komori=$1 word=$2 before=$3 command=${COMP_WORDS[1]-} help value
	COMPREPLY=()

	if ((COMP_CWORD == 1)) || [[ $command == help ]]; then
		_komori_words "$word" "$(_komori_named "$("$komori" --help 2>/dev/null)")" \
			"$( ((COMP_CWORD > 1)) || echo help version --help --version)"
		return
	fi
	help=$("$komori" "$command" --help 2>/dev/null) || return 0
	# --option=value arrives as three words.
	[[ $word != = ]] || word=
	[[ $before != = ]] || before=${COMP_WORDS[COMP_CWORD - 2]}
	value=
	[[ $before != --* ]] || value=$(_komori_value "$help" "$before")
	case $value in
	FORMAT) _komori_words "$word" "$(_komori_named "$help")" ;;
	OUT | VALUE) _komori_files "$word" ;;
	*[A-Z]*) ;;
	?*) _komori_words "$word" "${value//|/ }" ;;
	*)
		if [[ $word == -* ]]; then
			_komori_words "$word" "$(_komori_options "$help")"
		elif [[ $command != run && $command != routes ]]; then
			_komori_files "$word" '*.prof'
		elif ((COMP_CWORD == 2)); then
			_komori_files "$word" '*.so'
		fi
		;;
	esac
}

complete -F _komori komori
