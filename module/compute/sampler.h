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
 * @left:	the next one that is chosen is so many further on
 */
struct tws_sampler {
	u32 random;
	u32 one_in;
	u32 left;
};

/* Xorshift (Marsaglia, 2003): it need not be hard to foretell. */
static inline u32 tws_sampler_random(struct tws_sampler *s)
{
	s->random ^= s->random << 13;
	s->random ^= s->random >> 17;
	s->random ^= s->random << 5;
	return s->random;
}

/*
 * 1 to 2 * one_in - 1, all equally likely, are one_in on average. If none is chosen, the
 * next one is 2^32 further on.
 */
static inline u32 tws_sampler_draw(struct tws_sampler *s)
{
	return s->one_in ? 1 + tws_sampler_random(s) % (2 * s->one_in - 1) : 0;
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
 * tws_sampler_passes() - whether this one is passed over; the quick half
 * @s:		the sampler; nobody else uses it meanwhile
 * @one_in:	how many of which one is chosen, at most TWS_ONE_IN_MAX; 0 for none
 *
 * A pattern in what comes is not followed: the gaps are random.
 *
 * Return: false if tws_sampler_decides() must decide.
 */
static inline bool tws_sampler_passes(struct tws_sampler *s, u32 one_in)
{
	return likely(s->one_in == one_in) && likely(--s->left);
}

/**
 * tws_sampler_decides() - whether this one is chosen; the other half
 * @s:		the sampler, just after tws_sampler_passes()
 * @one_in:	likewise
 *
 * Return: how many it stands for, 0 if it is not chosen.
 */
static inline u32 tws_sampler_decides(struct tws_sampler *s, u32 one_in)
{
	if (s->one_in != one_in) {
		/* What was drawn for another setting does not outlive it. */
		s->one_in = one_in;
		s->left = tws_sampler_draw(s);
		if (--s->left)
			return 0;
	}
	s->left = tws_sampler_draw(s);
	return one_in;
}

#endif /* TWS_SAMPLER_H */
