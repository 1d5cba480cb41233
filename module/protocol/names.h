/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A list of names as sysctls and socket options print it.
 */
#ifndef _VCTP_NAMES_H
#define _VCTP_NAMES_H

#include "platform.h"

/*
 * Append @name, after a blank if something is there, to the @used bytes of
 * @buffer, if all of it and a NUL fit in @size. Gives the bytes used then.
 */
static inline u32 vctp_names_add(char *buffer, u32 size, u32 used,
				 const char *name)
{
	u32 len = strlen(name), blank = used ? 1 : 0;

	if (size <= used || size - used < len + blank + 1)
		return used;
	if (blank)
		buffer[used++] = ' ';
	memcpy(buffer + used, name, len + 1);
	return used + len;
}

#endif /* _VCTP_NAMES_H */
