// SPDX-License-Identifier: GPL-2.0
/*
 * In place of the host's randomness, for the process that is the kernel: each
 * boot is seeded alike, so two boots with the same command are the same.
 */
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

ssize_t getrandom(void *buffer, size_t length, unsigned int flags)
{
	/* an LCG will do: the kernel's own generator makes the best of it */
	static uint64_t state = 0x56435450;
	unsigned char *byte = buffer;

	(void)flags;
	for (size_t i = 0; i < length; i++) {
		state = state * 6364136223846793005ULL + 1442695040888963407ULL;
		byte[i] = state >> 56;
	}
	return length;
}
