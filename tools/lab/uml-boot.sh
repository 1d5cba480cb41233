# shellcheck shell=bash disable=SC2034
# One User Mode Linux: a program, run inside the root file system that it boots.
# Its root is that directory (hostfs), under a tmpfs; see guest/uml-root.

UML_EPOCH=1767225600000000000 # where its clock starts: 2026, in ns

# uml_files SIDE: in LAB_TMP/SIDE: vctp/, this lab's own copy of what was built,
# and lab/, guest/, what this run is about, and stdin where it is a file
uml_files() {
	local tree=$LAB_TMP/$1
	guest_files "$1"
	(cd "$tree" && cpio --quiet -id <"$LAB_TMP/$SUITE.cpio" && mv src vctp) ||
		die "unpacking $SUITE.cpio failed"
	# a file need not go through a line, character by character
	if [ -n "$LAB_STDIN" ] && [ -f /dev/stdin ]; then
		cat >"$tree/lab/stdin" || die "cannot write to $LAB_TMP"
		LAB_STDIN=''
	fi
}

# uml_start SIDE: starts it, in the background; sets VM_PID. Its lines ttyS0 to
# ttyS3 are stdout, stderr, status and stdin, tty1 the terminal.
uml_start() {
	local side=$1 port arguments input=null terminal=null,null
	[ -z "$LAB_STDIN" ] || input=fd:0
	[ -z "$LAB_TTY" ] || terminal=fd:0,fd:4
	arguments=(
		"mem=${LAB_MEMORY}M" umid=lab noreboot seccomp=on
		root=/dev/root rootfstype=hostfs rootflags=/ ro init=/lab/uml-root
		con=null "con0=null,fd:1" "con1=$terminal" ssl=null
		"ssl0=null,fd:5" "ssl1=null,fd:6" "ssl2=null,fd:7" "ssl3=$input,null"
		random.trust_bootloader=on printk.devkmsg=on net.ifnames=0
		panic=-1 oops=panic kmemleak=on
	)
	if [ "$LAB_CLOCK" = virtual ]; then
		arguments+=(time-travel=inf-cpu "time-travel-start=$UML_EPOCH")
	fi
	# shellcheck disable=SC2206 # words
	arguments+=($ARGUMENTS $LAB_APPEND)
	for port in stdout stderr status; do
		: >"$LAB_TMP/$side.$port"
	done
	[ -z "${LAB_DEBUG:-}" ] || say "${arguments[*]@Q}"
	if [ -n "$LAB_TTY" ]; then
		uml_run "$side" "${arguments[@]}" <&0 4>&1 &
	elif [ -n "$LAB_STDIN" ]; then
		uml_run "$side" "${arguments[@]}" < <(uml_stdin <&0) &
	else
		uml_run "$side" "${arguments[@]}" </dev/null &
	fi
	VM_PID=$!
}

# uml_stdin: stdin as lines, with a last one, `.', for its end. It stays, since the
# end of a line's input would drop what is under way, and goes on with empty lines:
# the kernel, which looks when something new comes, may have come too late for all.
uml_stdin() {
	base64
	echo .
	while sleep 0.5; do echo; done
}

# uml_run SIDE ARGUMENT…: the kernel, until it ends. Its file descriptors are the
# same ones whatever else the lab has open, or no two runs would be alike.
uml_run() {
	local side=$1 tree=$LAB_TMP/$1
	shift
	# shellcheck disable=SC2016 # expanded inside
	in_root "$ROOT_DIR/root" \
		"$KERNEL_BIND $tree/vctp:/vctp $tree/lab:/lab $OUT:/out" \
		setpriv --pdeathsig KILL bash -c '
			for fd in /proc/self/fd/*; do
				fd=${fd##*/}
				[ "$fd" -le 7 ] || [ "$fd" -eq 255 ] || eval "exec $fd>&-"
			done
			ulimit -c 0
			kernel=$1
			shift
			export TMPDIR=/tmp LD_PRELOAD=$kernel/norandom.so
			exec setarch -R "$kernel/linux" "$@" 2>&1
		' uml "/lib/modules/$KERNEL_RELEASE" "$@" >"$CONSOLE/$side.log" \
		2>"$LAB_TMP/$side.vm" 3<&- 5>>"$LAB_TMP/$side.stdout" \
		6>>"$LAB_TMP/$side.stderr" 7>>"$LAB_TMP/$side.status"
}
