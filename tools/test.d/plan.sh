# shellcheck shell=bash disable=SC2154
# What runs where: one line for each VM,
#   suite <tab> name <tab> options <tab> tests, separated by blanks

# tests: all of them, as paths below selftests/
tests() {
	local empty status
	empty=$(mktemp -d)
	# its lib.mk comes from a kernel's source, which the host need not have
	: >"$empty/lib.mk"
	# shellcheck disable=SC2016 # make's
	printf 'include Makefile\n.PHONY: tests\ntests:\n\t@echo $(TEST_PROGS) $(TEST_PROGS_EXTENDED) $(TEST_GEN_PROGS)\n' \
		>"$empty/Makefile"
	make -s --no-print-directory -C "$SRC/selftests" -f "$empty/Makefile" \
		KSELFTEST_DIR="$empty" tests | tr ' ' '\n' | sed 's,^\./,,' | grep .
	status=$?
	rm -rf "$empty"
	return "$status"
}

# in_asked: of each line of options what says when, on what suite and in how many
# parts a test is played; for the rest stands what tools/test was asked for
in_asked() {
	local options kept word
	while read -r options; do
		[[ $options != *--two* ]] || continue
		kept=''
		for word in '\bnightly\b' '--suite [a-z]+' 'parts=[0-9]+'; do
			[[ ! $options =~ $word ]] || kept+="${BASH_REMATCH[0]} "
		done
		echo "$kept$asked"
	done | sort -u
}

# where TEST: the options of each VM that it asks for, `parts=N' as N times `part=I/N'
where() {
	local file=$SRC/selftests/$1 found options i
	[ -e "$file" ] || file=$file.c
	found=$(head -n 30 "$file" | sed -n 's,^[ */#]*lab: *,,p')
	found=${found:---nic e1000e}
	if [ -n "$asked" ]; then
		found=$(in_asked <<<"$found")
		[ -n "$found" ] || return
	fi
	while read -r options; do
		if [[ $options =~ parts=([0-9]+) ]]; then
			for ((i = 1; i <= BASH_REMATCH[1]; i++)); do
				echo "${options/parts=/part=$i\/}"
			done
		else
			echo "$options"
		fi
	done <<<"$found"
}

# name OPTIONS: a word for file names
name() {
	local name=${1//--/}
	name=${name,,}
	name=${name//[^a-z0-9]/-}
	echo "${name:-plain}"
}

# plan: the whole of it, on stdout; uses suites, all, nightly, only, asked
plan() {
	local test options suite rest list
	local -A machines=()
	local order=()
	list=$(tests) || { echo "test: selftests/Makefile names no test" >&2; return 1; }
	for test in $list; do
		[[ $test =~ $only ]] || continue
		while read -r options; do
			if [[ " $options " == *' nightly '* ]]; then
				[ -n "$nightly" ] || continue
				read -r options <<<"${options/nightly/}"
			fi
			[[ $options != *--two* ]] || [ -n "$all" ] || continue
			for suite in "${suites[@]}"; do
				[[ $options != *--suite* ]] ||
					[[ "$options " == *"--suite $suite "* ]] || continue
				read -r rest <<<"${options/--suite $suite/}"
				local key="$suite"$'\t'"$rest"
				[ -n "${machines[$key]:-}" ] || order+=("$key")
				machines[$key]+=" $test"
			done
		done < <(where "$test")
	done
	if [[ unit =~ $only ]] && [ -e "$SRC/selftests/unit/Makefile" ]; then
		printf 'trixie\tunit\t-\tunit\n'
	fi
	if [ -n "$all" ] && [[ lab =~ $only ]]; then
		printf 'trixie\tlab\t-\tlab\n'
	fi
	for test in "${order[@]}"; do
		options=${test#*$'\t'}
		printf '%s\t%s\t%s\t%s\n' "${test%%$'\t'*}" "$(name "$options")" \
			"$options" "${machines[$test]# }"
	done
}
