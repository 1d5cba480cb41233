# shellcheck shell=bash
# What a VM's kernel starts with: busybox, the modules that reach the image, and
# guest/initramfs. It is made again when one of them changes, without the root.

# modules_for ROOT RELEASE NAME…: the files of these kernel modules and of what
# they need, in the order to load them; built-in ones are left out
modules_for() {
	local deps=$1/lib/modules/$2/modules.dep name
	shift 2
	for name; do
		sed -n "s,^\(\(.*/\)\?${name//_/[-_]}\.ko[^:]*\): *\(.*\),\1 \3,p" "$deps" |
			tr ' ' '\n' | grep . | tac
	done | awk '!seen[$0]++'
}

# unpack FILE: to stdout, whatever it is packed with
unpack() {
	case $1 in
	*.xz) xz -dc "$1" ;;
	*.zst) zstd -dc "$1" ;;
	*) cat "$1" ;;
	esac
}

# initrd_make ROOT RELEASE FILE
initrd_make() {
	local root=$1 release=$2 file=$3 tree module number=10
	tree=$(mktemp -d "$LAB_TMP/initrd.XXXX")
	mkdir -p "$tree"/{bin,dev,proc,sys,modules,image,rw,root}
	# the root's own, which is static; a host's may need libraries
	cp "$root/bin/busybox" "$tree/bin/busybox" || return
	cp "$LAB/guest/initramfs" "$tree/init"
	while read -r module; do
		unpack "$root/lib/modules/$release/$module" \
			>"$tree/modules/$number-$(basename "${module%.ko*}").ko"
		number=$((number + 1))
	done < <(modules_for "$root" "$release" crc32c_generic nfit nd_pmem ext4 overlay)
	[ "$number" -gt 10 ] &&
		(cd "$tree" && find . | cpio --quiet -o -H newc -R 0:0) >"$file"
}

# initrd_get: sets INITRD to the initrd for ROOT_DIR
initrd_get() {
	INITRD=$ROOT_DIR/initrd-$(cat "$LAB/initrd.sh" "$LAB/guest/initramfs" | sha256sum | cut -c 1-12)
	[ ! -e "$INITRD" ] || return 0
	{
		initrd_make "$ROOT_DIR/root" "$(cat "$ROOT_DIR/release")" "$LAB_TMP/initrd" &&
			mv "$LAB_TMP/initrd" "$INITRD"
	} || die "making an initrd failed"
}
