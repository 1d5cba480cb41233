# shellcheck shell=bash disable=SC2034
# What run, bugs and differential understand alike; ME is which of them asks.

usage_error() {
	echo "$ME: $*" >&2
	exit 2
}

# has_value OPTION…: the option that comes first has a word behind it
has_value() {
	[ $# -ge 2 ] || usage_error "$1 wants a value; see ${0##*/} --help"
}

# seeds_parse A-B: sets first and last
seeds_parse() {
	[[ $1 =~ ^([0-9]{1,18})(-([0-9]{1,18}))?$ ]] ||
		usage_error "SEEDS (--seeds) wants a number, or a range such as 1-100, and not \`$1'"
	# 08 is no octal number
	first=$((10#${BASH_REMATCH[1]})) last=$((10#${BASH_REMATCH[3]:-${BASH_REMATCH[1]}}))
	[ "$first" -le "$last" ] || usage_error "SEEDS (--seeds): there is none from $first to $last"
}

# jobs_parse N: sets jobs
jobs_parse() {
	[[ $1 =~ ^[1-9][0-9]{0,8}$ ]] || usage_error "--jobs wants a number from 1 on, and not \`$1'"
	jobs=$1
}
