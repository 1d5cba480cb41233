# shellcheck shell=bash disable=SC2034
# x86: what ../make asks for.
TAKES=900 # seconds, on two cores
ARCH=x86_64 BASE=allnoconfig TARGETS='bzImage modules'
# a module's objects go through it
HEADERS=tools/objtool/objtool

# kernel_install DIR
kernel_install() {
	cp arch/x86/boot/bzImage "$1/vmlinuz"
}
