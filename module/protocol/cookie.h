/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The stateless half-open request: all that a SYN said, sealed with a keyed
 * hash, kept by the client and brought back with its next segments.
 */
#ifndef _VCTP_COOKIE_H
#define _VCTP_COOKIE_H

#include "platform.h"
#include "wire.h"

#define VCTP_COOKIE_LEN		38	/* with its option's two bytes: 40 */

/* Identifiers from cookies have this bit, those from tables have not. */
#define VCTP_ID_COOKIE_BIT	0x80000000U

struct vctp_cookie {
	u64	irs;		/* the client's ISN, 48 bits */
	u64	iss;		/* ours, 48 bits */
	u32	id;		/* ours, with VCTP_ID_COOKIE_BIT */
	u32	peer_id;
	u32	made_s;		/* when, in seconds of the maker's clock */
	u16	mss;
	u16	capabilities;
};

/* What the seal covers besides the cookie: where it came from. */
struct vctp_cookie_flow {
	u8	local[16];
	u8	remote[16];
	u16	local_port;
	u16	remote_port;
};

void vctp_cookie_seal(const struct vctp_cookie *cookie,
		      const struct vctp_cookie_flow *flow,
		      const siphash_key_t *key, u8 *out);
/* False where it was not sealed by @key for @flow, or is older than @life_s. */
bool vctp_cookie_open(const u8 *in, u32 len, const struct vctp_cookie_flow *flow,
		      const siphash_key_t *key, u32 now_s, u32 life_s,
		      struct vctp_cookie *cookie);

#endif /* _VCTP_COOKIE_H */
