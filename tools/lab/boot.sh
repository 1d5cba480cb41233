# shellcheck shell=bash disable=SC2034
# One VM: what it is given, and the QEMU that it runs in.

# guest_files SIDE: LAB_TMP/SIDE/lab: guest/ and what this run is about
guest_files() {
	local side=$1 tree=$LAB_TMP/$1
	{
		mkdir -p "$tree/lab" &&
		cp -r "$LAB/guest/." "$tree/lab/" &&
		cp "$LAB_TMP/argv" "$tree/lab/argv" &&
		printf '%s=%q\n' LAB_SIDE "$side" LAB_SUITE "$SUITE" LAB_MACHINE "$MACHINE" \
			LAB_NIC "$LAB_NIC" LAB_CLOCK "$LAB_CLOCK" LAB_SMP "$LAB_SMP" LAB_TWO "$LAB_TWO" \
			LAB_TTY "$LAB_TTY" LAB_ROWS "$LAB_ROWS" LAB_COLUMNS "$LAB_COLUMNS" \
			LAB_STDIN "$LAB_STDIN" LAB_MERGED "$LAB_MERGED" LAB_MODULE "$LAB_MODULE" \
			>"$tree/lab/config"
	} || die "cannot write to $LAB_TMP"
}

# qemu_files SIDE: LAB_TMP/SIDE.initrd: the kernel's initrd, /src with the built
# copy, /lab
qemu_files() {
	local side=$1
	guest_files "$side"
	initrd_get
	{
		cat "$INITRD" "$LAB_TMP/$SUITE.cpio" >"$LAB_TMP/$side.initrd" &&
		(cd "$LAB_TMP/$side" && find . | cpio --quiet -o -H newc -R 0:0) >>"$LAB_TMP/$side.initrd"
	} || die "cannot write to $LAB_TMP"
}

# vm_cards SIDE: QEMU's options for the network
vm_cards() {
	local side=$1 device=$LAB_NIC number
	[ "$device" != virtio ] || device=virtio-net-pci$VIRTIO_OPTIONS
	if [ -n "$LAB_TWO" ]; then
		local server=on peer=right
		number=01
		[ "$side" = left ] || { number=02; server=off; peer=left; }
		QEMU+=(
			-netdev "dgram,id=link,local.type=unix,local.path=$LAB_TMP/$side.link,remote.type=unix,remote.path=$LAB_TMP/$peer.link"
			-device "$device,netdev=link,romfile=,mac=52:54:00:00:00:$number"
			-netdev "stream,id=control,server=$server,addr.type=unix,addr.path=$LAB_TMP/control"
			-device "virtio-net-pci,netdev=control,romfile=,mac=52:54:00:00:01:$number"
		)
	elif [ "$LAB_NIC" != veth ]; then
		for number in 01 02; do
			QEMU+=(
				-netdev "hubport,id=card$number,hubid=0"
				-device "$device,netdev=card$number,romfile=,mac=52:54:00:00:00:$number"
			)
		done
	fi
}

# vm_ports SIDE: QEMU's options for what goes in and out
vm_ports() {
	local side=$1 port
	# ioeventfd=off: what the guest has written is out when it goes on
	QEMU+=(-device "virtio-serial-pci,ioeventfd=off")
	if [ "$side" = left ] && [ -n "$LAB_TTY" ]; then
		QEMU+=(-chardev "stdio,id=tty,signal=off" -device "virtconsole,chardev=tty")
	elif [ "$side" = left ] && [ -n "$LAB_STDIN" ]; then
		QEMU+=(-chardev "stdio,id=stdin,signal=off"
			-device "virtserialport,chardev=stdin,name=stdin")
	fi
	for port in stdout stderr status; do
		: >"$LAB_TMP/$side.$port"
		QEMU+=(-chardev "file,id=$port,path=$LAB_TMP/$side.$port"
			-device "virtserialport,chardev=$port,name=$port")
	done
}

# qemu_start SIDE: starts the VM of the loaded suite, in the background; sets
# VM_PID
qemu_start() {
	local side=$1 size clock=() cpu=max
	local QEMU=() VIRTIO_OPTIONS=''
	size=$(stat -Lc %s "$ROOT_DIR/image")
	if [ "$LAB_CLOCK" = virtual ]; then
		clock=(-accel "tcg,thread=single" -icount "shift=1,sleep=off"
			-rtc "base=2026-01-01T00:00:00,clock=vm" -seed 1)
		cpu=qemu64
		# a kick is then handled where the guest makes it, not a host thread later
		VIRTIO_OPTIONS=,ioeventfd=off
	elif accel_is_kvm; then
		clock=(-accel kvm)
		cpu=host
	else
		clock=(-accel tcg)
	fi
	QEMU=(
		qemu-system-x86_64 -name "lab-$side" -nodefaults -no-user-config
		-display none -no-reboot
		-machine "q35,nvdimm=on" "${clock[@]}" -cpu "$cpu" -smp "$LAB_SMP"
		-m "$LAB_MEMORY,slots=1,maxmem=$((LAB_MEMORY + size / 1048576 + 1024))M"
		-object "memory-backend-file,id=image,share=off,readonly=on,mem-path=$ROOT_DIR/image,size=$size"
		-device "nvdimm,memdev=image,unarmed=on"
		-object "rng-builtin,id=rng" -device "virtio-rng-pci,rng=rng$VIRTIO_OPTIONS"
		-fsdev "local,id=out,path=$OUT,security_model=none"
		-device "virtio-9p-pci,fsdev=out,mount_tag=out$VIRTIO_OPTIONS"
		-chardev "file,id=console,path=$CONSOLE/$side.log" -serial chardev:console
		-kernel "$VMLINUZ" -initrd "$LAB_TMP/$side.initrd"
		-append "console=ttyS0 panic=-1 oops=panic mitigations=off tsc=reliable
no_timer_check random.trust_cpu=on net.ifnames=0 audit=0 apparmor=0 8250.nr_uarts=1
rcupdate.rcu_cpu_stall_timeout=60 $ARGUMENTS $LAB_APPEND"
	)
	vm_cards "$side"
	vm_ports "$side"
	[ -z "${LAB_DEBUG:-}" ] || say "${QEMU[*]@Q}"
	if [ "$side" = left ] && [ -n "$LAB_TTY$LAB_STDIN" ]; then
		"${QEMU[@]}" <&0 2>"$LAB_TMP/$side.vm" &
	else
		"${QEMU[@]}" </dev/null >/dev/null 2>"$LAB_TMP/$side.vm" &
	fi
	VM_PID=$!
}
