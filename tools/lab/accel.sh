# shellcheck shell=bash
# KVM or TCG: decided by a trial boot, since a /dev/kvm that opens may still
# hang a kernel (where the host is itself a guest). The result is kept per host
# kernel and processor.

ACCEL_SECONDS=10 # a kernel with sanitizers takes three times as long as others

accel_file() {
	echo "$CACHE/accel-$({ uname -r; grep -m 1 'model name' /proc/cpuinfo; } |
		sha256sum | cut -c 1-12)"
}

# accel_trial: does a kernel reach its initramfs under KVM?
accel_trial() {
	[ -w /dev/kvm ] || return 1
	# in a shell of its own, whose word on an aborted QEMU nobody needs
	(timeout -s KILL "$ACCEL_SECONDS" qemu-system-x86_64 -nodefaults -display none \
		-no-reboot -machine q35 -accel kvm -cpu host -m 512 \
		-kernel "$VMLINUZ" -initrd "$INITRD" \
		-chardev "file,id=console,path=$LAB_TMP/trial" -serial chardev:console \
		-append "console=ttyS0 panic=-1" </dev/null) >/dev/null 2>&1
	# without an image the initramfs ends there
	grep -q 'lab: ' "$LAB_TMP/trial" 2>/dev/null
}

# accel_decide: once per host, sets what accel_is_kvm answers
accel_decide() {
	local file result=tcg
	file=$(accel_file)
	[ ! -e "$file" ] || return 0
	if accel_trial; then result=kvm; fi
	echo "$result" >"$LAB_TMP/accel"
	mv "$LAB_TMP/accel" "$file"
	say "this host runs VMs with $result, as a trial boot showed"
}

accel_is_kvm() {
	[ "$(cat "$(accel_file)")" = kvm ]
}
