// SPDX-License-Identifier: GPL-2.0
/*
 * The stateless half-open request.
 *
 *	 0  format 8 (1) | 0 8
 *	 2  client's ISN 48
 *	 8  our ISN 48
 *	14  our identifier 32
 *	18  client's identifier 32
 *	22  when made, seconds 32
 *	26  MSS 16
 *	28  capabilities 16
 *	30  seal 64: siphash over the 30 bytes above and the flow
 *
 * Only its maker reads it, so the format may change with any version.
 */
#include "cookie.h"
#include "bytes.h"

#define FORMAT		1
#define SEAL_AT		30	/* bytes before the seal */
#define FLOW_LEN	36	/* two addresses, two ports */

static_assert(SEAL_AT + sizeof(u64) == VCTP_COOKIE_LEN);
static_assert(VCTP_COOKIE_LEN <= VCTP_COOKIE_MAX);

/* The seal of a cookie's first bytes, for one flow. */
static u64 seal_of(const u8 *body, const struct vctp_cookie_flow *flow,
		   const siphash_key_t *key)
{
	u8 sealed[SEAL_AT + FLOW_LEN] __aligned(SIPHASH_ALIGNMENT);
	u8 *at = sealed;

	memcpy(at, body, SEAL_AT);
	at += SEAL_AT;
	memcpy(at, flow->local, sizeof(flow->local));
	at += sizeof(flow->local);
	memcpy(at, flow->remote, sizeof(flow->remote));
	at += sizeof(flow->remote);
	vctp_put16(at, flow->local_port);
	vctp_put16(at + 2, flow->remote_port);
	return siphash(sealed, sizeof(sealed), key);
}

/**
 * vctp_cookie_seal() - all of a half-open request in VCTP_COOKIE_LEN bytes
 * @cookie: what the SYN said and what we answer
 * @flow: where it came from
 * @key: the namespace's secret
 * @out: VCTP_COOKIE_LEN bytes
 */
void vctp_cookie_seal(const struct vctp_cookie *cookie,
		      const struct vctp_cookie_flow *flow,
		      const siphash_key_t *key, u8 *out)
{
	u64 seal;

	out[0] = FORMAT;
	out[1] = 0;
	vctp_put48(out + 2, cookie->irs);
	vctp_put48(out + 8, cookie->iss);
	vctp_put32(out + 14, cookie->id);
	vctp_put32(out + 18, cookie->peer_id);
	vctp_put32(out + 22, cookie->made_s);
	vctp_put16(out + 26, cookie->mss);
	vctp_put16(out + 28, cookie->capabilities);
	seal = seal_of(out, flow, key);
	vctp_put32(out + SEAL_AT, seal >> 32);
	vctp_put32(out + SEAL_AT + 4, seal & 0xffffffff);
}

/**
 * vctp_cookie_open() - is this a cookie of ours, and what does it say?
 * @in: what came
 * @len: bytes of it
 * @flow: where it came from
 * @key: the namespace's secret
 * @now_s: the maker's clock, seconds; it may wrap
 * @life_s: how old a cookie may be, seconds
 * @cookie: what it says, its numbers 48 bits wide; written only if true
 *
 * Return: false where it was not sealed by @key for @flow, or is older than
 * @life_s, or was made in the future.
 */
bool vctp_cookie_open(const u8 *in, u32 len, const struct vctp_cookie_flow *flow,
		      const siphash_key_t *key, u32 now_s, u32 life_s,
		      struct vctp_cookie *cookie)
{
	u64 seal;

	if (len != VCTP_COOKIE_LEN || in[0] != FORMAT)
		return false;
	seal = (u64)vctp_get32(in + SEAL_AT) << 32 | vctp_get32(in + SEAL_AT + 4);
	if (seal != seal_of(in, flow, key))
		return false;
	if (now_s - vctp_get32(in + 22) > life_s)
		return false;
	cookie->irs = vctp_get48(in + 2);
	cookie->iss = vctp_get48(in + 8);
	cookie->id = vctp_get32(in + 14);
	cookie->peer_id = vctp_get32(in + 18);
	cookie->made_s = vctp_get32(in + 22);
	cookie->mss = vctp_get16(in + 26);
	cookie->capabilities = vctp_get16(in + 28);
	return true;
}
