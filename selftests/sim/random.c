// SPDX-License-Identifier: GPL-2.0
/*
 * SplitMix64 (Steele, Lea, Flood 2014): one 64-bit word of state, so that each
 * link, and the making of a scenario, has a stream of its own. What one draws
 * then moves no other.
 */
#include "random.h"

#define GOLDEN	0x9e3779b97f4a7c15ULL

/**
 * mix64() - a permutation of 64 bits in which every bit depends on all
 * @x: any number
 */
u64 mix64(u64 x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
	return x ^ (x >> 31);
}

/**
 * chance_seed() - begin a stream
 * @chance: the stream
 * @seed: the scenario's
 * @stream: which of the scenario's streams
 */
void chance_seed(struct chance *chance, u64 seed, u64 stream)
{
	chance->state = mix64(seed * GOLDEN + mix64(stream + 1));
}

/**
 * chance_u64() - the stream's next number
 * @chance: the stream
 */
u64 chance_u64(struct chance *chance)
{
	chance->state += GOLDEN;
	return mix64(chance->state);
}

/**
 * chance_below() - a number from 0 to limit - 1
 * @chance: the stream
 * @limit: at least 1
 */
u64 chance_below(struct chance *chance, u64 limit)
{
	return chance_u64(chance) % limit;
}

/**
 * chance_between() - a number between two, both possible
 * @chance: the stream
 * @low: the least
 * @high: the most
 */
u64 chance_between(struct chance *chance, u64 low, u64 high)
{
	return low + chance_below(chance, high - low + 1);
}

/**
 * chance_scale() - a number between two, each order of magnitude as likely
 * @chance: the stream
 * @low: the least, at least 1
 * @high: the most
 */
u64 chance_scale(struct chance *chance, u64 low, u64 high)
{
	u64 top = low, steps = 0;

	while (top < high) {
		top *= 2;
		steps++;
	}
	if (!steps)
		return low;
	low <<= chance_below(chance, steps);
	return chance_between(chance, low, least(low * 2, high));
}

/**
 * chance_ppm() - does it happen?
 * @chance: the stream
 * @ppm: how often in a million
 */
bool chance_ppm(struct chance *chance, u64 ppm)
{
	return chance_below(chance, 1000000) < ppm;
}
