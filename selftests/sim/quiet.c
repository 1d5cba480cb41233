// SPDX-License-Identifier: GPL-2.0
/*
 * IPv6 announces its multicast groups (MLD) after delays of the kernel's own
 * chance. Each packet would wake us, and each look at the clock takes some of
 * the virtual time: so a card drops them.
 */
#include <err.h>
#include <linux/bpf.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "quiet.h"
#include "types.h"

#define INSTRUCTION(op, to, from, skip, value)				\
	{ .code = (op), .dst_reg = (to), .src_reg = (from),		\
	  .off = (skip), .imm = (value) }
#define LOAD_BYTE(at)	INSTRUCTION(BPF_LD | BPF_ABS | BPF_B, 0, 0, 0, at)

/* IPv6 with hop-by-hop options: it is MLD. */
static const struct bpf_insn drop_mld[] = {
	INSTRUCTION(BPF_ALU64 | BPF_MOV | BPF_X, 6, 1, 0, 0),
	LOAD_BYTE(0),
	INSTRUCTION(BPF_ALU64 | BPF_RSH | BPF_K, 0, 0, 0, 4),
	INSTRUCTION(BPF_JMP | BPF_JNE | BPF_K, 0, 0, 4, 6),
	LOAD_BYTE(6),
	INSTRUCTION(BPF_JMP | BPF_JNE | BPF_K, 0, 0, 2, 0),
	INSTRUCTION(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0),
	INSTRUCTION(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	INSTRUCTION(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0x10000),
	INSTRUCTION(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
};

/**
 * quiet_card() - no MLD from this one
 * @fd: TUN
 */
void quiet_card(int fd)
{
	union bpf_attr program = {
		.prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
		.insn_cnt = ARRAY_SIZE(drop_mld),
		.insns = (uintptr_t)drop_mld,
		.license = (uintptr_t)"GPL",
	};
	int filter = syscall(SYS_bpf, BPF_PROG_LOAD, &program, sizeof(program));

	if (filter < 0 || ioctl(fd, TUNSETFILTEREBPF, &filter))
		err(1, "a filter for a card");
	close(filter);
}
