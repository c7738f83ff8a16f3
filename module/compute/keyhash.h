/* SPDX-License-Identifier: GPL-2.0-only */
/* The hash of a row's key. */
#ifndef TWS_KEYHASH_H
#define TWS_KEYHASH_H

#include <linux/build_bug.h>
#include <linux/types.h>

#include "classify.h"

/**
 * struct tws_hash_seed - what makes the hash hard to foretell
 * @word:	random
 */
struct tws_hash_seed {
	u32 word[12];
};

static inline u64 tws_nh(u32 a, u32 b, const u32 *random)
{
	return (u64)(u32)(a + random[0]) * (u32)(b + random[1]);
}

/**
 * tws_key_hash() - hash a key
 * @key:	the key
 * @seed:	the seed
 *
 * NH (Black, Halevi, Krawczyk, Krovetz, Rogaway: UMAC, 1999): whoever does not know
 * the seed finds no two keys that are more likely than one in 2^32 to have the same
 * sum. Its multiplications do not wait for each other. The last one makes all bits
 * of the result depend on all of the sum. The shift before it is there for keys that
 * follow each other: their sums have one difference, and with some seeds the upper bits of
 * its multiples would be few.
 */
static inline u32 tws_key_hash(const struct tws_key *key,
			       const struct tws_hash_seed *seed)
{
	const u32 *word = (const u32 *)key;
	const u32 *random = seed->word;
	u64 sum;

	BUILD_BUG_ON(sizeof(*key) != 11 * sizeof(u32));

	sum = tws_nh(word[0], word[1], random) +
	      tws_nh(word[2], word[3], random + 2) +
	      tws_nh(word[4], word[5], random + 4) +
	      tws_nh(word[6], word[7], random + 6) +
	      tws_nh(word[8], word[9], random + 8) +
	      tws_nh(word[10], 0, random + 10);
	sum ^= sum >> 32;
	return sum * 0x9e3779b97f4a7c15ull >> 32;
}

#endif /* TWS_KEYHASH_H */
