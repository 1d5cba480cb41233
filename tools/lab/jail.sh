# shellcheck shell=bash
# Namespaces: all that one lab mounts and starts lives in a mount and a PID
# namespace of its own, and is gone with it, however it ends.

# mke2fs and the like: an ordinary user's PATH lacks them
PATH+=:/usr/sbin:/sbin

# jail COMMAND…: becomes COMMAND, as root of new namespaces. Killing the process
# that this is kills COMMAND and its offspring, and so does its parent's death.
jail() {
	local map=()
	[ "$(id -u)" -eq 0 ] || map=(--map-root-user --map-auto)
	exec setpriv --pdeathsig KILL unshare "${map[@]}" --mount --pid --mount-proc \
		--fork --kill-child=KILL "$@"
}

# jail_end PID: ends all that runs in the jail that the background process PID
# has become
jail_end() {
	local child='' state
	{
		read -r child _ <"/proc/$1/task/$1/children"
		kill -KILL "$1"
		wait "$1"
		# its death is the child's, the first process of the namespace, which is
		# a zombie when all the others are gone
		while [ -n "$child" ] && read -r _ _ state _ <"/proc/$child/stat" &&
			[ "$state" != Z ]; do
			sleep 0.05
		done
	} 2>/dev/null
}

# in_root ROOT BINDS COMMAND…: COMMAND inside ROOT, which it cannot change.
# BINDS: words OUTSIDE:INSIDE, directories to show inside, writable. A build
# needs /proc: the objtool of 7.2 and later fails without.
in_root() {
	local root=$1 binds=$2
	shift 2
	# shellcheck disable=SC2016 # expanded by the inner shell
	unshare --mount bash -euc '
		root=$1 binds=$2
		shift 2
		mount --bind "$root" "$root"
		mount -o remount,ro,bind "$root"
		mount --rbind /proc "$root/proc"
		mount --rbind /dev "$root/dev"
		mount -t tmpfs tmpfs "$root/tmp"
		for bind in $binds; do
			mount --bind "${bind%%:*}" "$root${bind#*:}"
		done
		exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp LC_ALL=C.UTF-8 \
			chroot "$root" "$@"
	' in_root "$root" "$binds" "$@"
}
