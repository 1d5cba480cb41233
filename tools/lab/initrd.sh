# shellcheck shell=bash disable=SC2034
# What a VM's kernel starts with: busybox, the modules that reach the image, and
# guest/initramfs. It is made again when one of them changes, without the root.

# modules_for DIR NAME…: the files of these kernel modules and of what they need,
# in the order to load them; built-in ones are left out
modules_for() {
	local deps=$1/modules.dep name
	shift
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

# initrd_make MODULES FILE: for the kernel whose modules are in MODULES
initrd_make() {
	local modules=$1 file=$2 tree module number=10
	tree=$(mktemp -d "$LAB_TMP/initrd.XXXX") || return
	mkdir -p "$tree"/{bin,dev,proc,sys,modules,image,rw,root}
	# the root's own, which is static; a host's may need libraries
	cp "$ROOT_DIR/root/bin/busybox" "$tree/bin/busybox" || return
	cp "$LAB/guest/initramfs" "$tree/init"
	while read -r module; do
		unpack "$modules/$module" \
			>"$tree/modules/$number-$(basename "${module%.ko*}").ko"
		number=$((number + 1))
	done < <(modules_for "$modules" crc32c_generic nfit nd_pmem ext4 overlay)
	if [ "$KERNEL" = debian ]; then
		[ "$number" -gt 10 ] || return
	else
		# the image knows nothing of this kernel; modprobe asks what is built in
		mkdir -p "$tree/lib/modules/$KERNEL_RELEASE" &&
			cp "$modules"/modules.* "$tree/lib/modules/$KERNEL_RELEASE/" || return
	fi
	(cd "$tree" && find . | cpio --quiet -o -H newc -R 0:0) >"$file"
}

# initrd_get: sets INITRD and VMLINUZ for the kernel of ROOT_DIR, or of KERNEL_DIR
initrd_get() {
	local modules=$ROOT_DIR/root/lib/modules/$KERNEL_RELEASE
	VMLINUZ=$ROOT_DIR/vmlinuz
	if [ "$KERNEL" != debian ]; then
		modules=$KERNEL_DIR/modules/$KERNEL_RELEASE
		VMLINUZ=$modules/vmlinuz
	fi
	INITRD=${KERNEL_DIR:-$ROOT_DIR}/initrd-$(cat "$LAB/initrd.sh" "$LAB/guest/initramfs" |
		sha256sum | cut -c 1-12)
	[ ! -e "$INITRD" ] || return 0
	{
		initrd_make "$modules" "$LAB_TMP/initrd" && mv "$LAB_TMP/initrd" "$INITRD"
	} || die "making an initrd failed"
}
