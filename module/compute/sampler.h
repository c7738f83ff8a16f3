/* SPDX-License-Identifier: GPL-2.0-only */
/* Chooses one in so many, at random. */
#ifndef TWS_SAMPLER_H
#define TWS_SAMPLER_H

#include <linux/compiler.h>
#include <linux/types.h>

/* At most: the gaps are numbers of 32 bits. */
#define TWS_ONE_IN_MAX	1000000u

/**
 * struct tws_sampler - what is chosen next
 * @random:	not 0
 * @one_in:	how many of which one is chosen; 0 for none
 * @gap:	so many are passed over first
 */
struct tws_sampler {
	u32 random;
	u32 one_in;
	u32 gap;
};

/* Xorshift (Marsaglia, 2003): it need not be hard to foretell. */
static inline u32 tws_sampler_random(struct tws_sampler *s)
{
	s->random ^= s->random << 13;
	s->random ^= s->random >> 17;
	s->random ^= s->random << 5;
	return s->random;
}

/* Gaps of 0 to 2 * one_in - 2, all equally likely, are one_in - 1 on average. */
static inline void tws_sampler_skip(struct tws_sampler *s)
{
	s->gap = tws_sampler_random(s) % (2 * s->one_in - 1);
}

/**
 * tws_sampler_init() - begin
 * @s:		the sampler
 * @seed:	random
 */
static inline void tws_sampler_init(struct tws_sampler *s, u32 seed)
{
	*s = (struct tws_sampler){ .random = seed ?: 1 };
}

/**
 * tws_sampler_takes() - whether this one is chosen
 * @s:		the sampler; nobody else uses it meanwhile
 * @one_in:	how many of which one is chosen, at most TWS_ONE_IN_MAX; 0 for none
 *
 * A pattern in what comes is not followed: the gaps are random.
 *
 * Return: how many it stands for, 0 if it is not chosen.
 */
static inline u32 tws_sampler_takes(struct tws_sampler *s, u32 one_in)
{
	if (unlikely(s->one_in != one_in)) {
		s->one_in = one_in;
		s->gap = 0;
		if (one_in)
			tws_sampler_skip(s);
	}
	if (likely(s->gap)) {
		s->gap--;
		return 0;
	}
	if (one_in)
		tws_sampler_skip(s);
	return one_in;
}

#endif /* TWS_SAMPLER_H */
