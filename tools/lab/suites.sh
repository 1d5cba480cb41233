# shellcheck shell=bash disable=SC2034
# What the lab can boot. Another kernel is one more entry here.
#
#   SUITE     the name used for directories and messages
#   RELEASE   the Debian release that mmdebstrap starts from
#   POCKETS   further suites of the same mirror
#   SECURITY  the release's suite on the security mirror
#   FROM      suite that the kernel, its headers and its source are taken from
#   EXTRA     packages that only this suite has
#   ROOT_NAME the suite whose root file system it is
#   KERNEL    debian, or the recipe in kernels/ of one that the lab makes, kernel.sh
#   MACHINE   what runs it: qemu, or uml: User Mode Linux, a program
#   CLOCK     the clock, where none is asked for
#   CPUS      as many processors, where the clock is real and no number is asked for
#   MOST_CPUS more it cannot have
#   NICS      the cards that there are, first the one if none is asked for
#   MAKE_ARGS   what the module's build is told besides
#   ARGUMENTS   what the kernel is told besides

SUITES="bookworm trixie backports" # Debian's; what all tests run on

# suite_load NAME: sets the variables above, or returns 1
suite_load() {
	KERNEL=debian MACHINE=qemu CLOCK=real CPUS=1 MOST_CPUS=64 NICS='e1000e vmxnet3 virtio veth'
	MAKE_ARGS='' ARGUMENTS=''
	# no devices but those that are asked for
	local plain='fb_tunnels=none dummy.numdummies=0'
	case $1 in
	bookworm | 6.1)
		SUITE=bookworm ROOT_NAME=bookworm RELEASE=bookworm POCKETS=bookworm-updates
		SECURITY=bookworm-security FROM='' EXTRA=''
		;;
	trixie | 6.12)
		SUITE=trixie ROOT_NAME=trixie RELEASE=trixie POCKETS=trixie-updates
		SECURITY=trixie-security FROM='' EXTRA='netperf'
		;;
	backports | trixie-backports | 7.2 | 7.3)
		SUITE=backports ROOT_NAME=backports RELEASE=trixie POCKETS='trixie-updates trixie-backports'
		SECURITY=trixie-security FROM=trixie-backports
		EXTRA='netperf flex bison bc patch libelf-dev' # all but the first build kernels
		;;
	uml)
		suite_load backports
		SUITE=uml KERNEL=uml MACHINE=uml CLOCK=virtual MOST_CPUS=1 NICS=veth
		MAKE_ARGS=VCTP_SIM=1 ARGUMENTS=$plain
		;;
	kasan)
		suite_load backports
		SUITE=kasan KERNEL=kasan CPUS=2 MOST_CPUS=4 NICS='veth virtio'
		# page tables of four levels: each miss of QEMU's walks them
		ARGUMENTS="$plain no5lvl"
		;;
	*)
		return 1
		;;
	esac
}

# In every root: what builds the module and the programs, and what tests use.
PACKAGES='mount gcc make libc6-dev perl iproute2 iputils-ping iperf3 socat python3
	tcpdump ethtool nftables openssl procps kmod liburing-dev strace
	ca-certificates less rsync busybox-static'
KERNEL_PACKAGES='linux-image-amd64 linux-headers-amd64'

# What is taken out of the suite's linux-source, to /usr/src/vctp-linux.
SOURCE_FILES='tools/testing/selftests/kselftest*.h
	tools/testing/selftests/kselftest_*
	tools/testing/selftests/lib.mk
	tools/testing/selftests/run_kselftest.sh
	tools/testing/selftests/gen_kselftest_tar.sh
	tools/testing/selftests/kselftest_install.sh
	tools/testing/selftests/kselftest/*
	tools/testing/selftests/net/lib.sh
	tools/testing/selftests/net/lib/*
	tools/testing/selftests/Makefile
	tools/scripts/*
	tools/include/*
	tools/arch/x86/include/*
	tools/lib/rbtree.c
	tools/lib/find_bit.c
	tools/lib/hweight.c
	scripts/checkpatch.pl
	scripts/spelling.txt
	scripts/const_structs.checkpatch
	scripts/subarch.include
	COPYING'

# Drivers that no lab has: kept out of the root, since they are most of it.
UNUSED_MODULES='drivers/gpu drivers/media sound drivers/infiniband drivers/iio
	drivers/staging drivers/scsi drivers/usb drivers/hid drivers/input
	drivers/video drivers/hwmon drivers/mtd drivers/ata drivers/nvme
	drivers/net/wireless drivers/bluetooth drivers/isdn drivers/firewire
	drivers/md drivers/mmc drivers/power drivers/thunderbolt drivers/comedi
	fs/btrfs fs/xfs fs/ocfs2 fs/ceph fs/gfs2 fs/f2fs fs/bcachefs fs/nfs
	fs/nfsd fs/smb fs/cifs fs/jfs fs/ntfs3 fs/reiserfs fs/udf fs/ubifs
	drivers/net/ethernet/mellanox drivers/net/ethernet/broadcom
	drivers/net/ethernet/chelsio drivers/net/ethernet/qlogic
	drivers/net/ethernet/netronome drivers/net/ethernet/marvell
	drivers/net/ethernet/cavium drivers/net/ethernet/emulex
	drivers/net/ethernet/sfc drivers/net/ethernet/cisco'
