/* SPDX-License-Identifier: GPL-2.0-only */
/* Chooses one in so many, at random. */
#ifndef TWS_SAMPLER_H
#define TWS_SAMPLER_H

#include <linux/compiler.h>
#include <linux/types.h>

/* At most: the gaps are numbers of 32 bits. */
#define TWS_ONE_IN_MAX	1000000u

/* Where none is chosen, a decision comes so often. */
#define TWS_SAMPLER_IDLE	65536u

/**
 * struct tws_sampler - what is chosen next
 * @random:	not 0
 * @one_in:	how many of which one is chosen; 0 for none
 * @left:	the next one that is decided on is so many further on
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

/* 1 to 2 * one_in - 1, all equally likely, are one_in on average. */
static inline u32 tws_sampler_draw(struct tws_sampler *s)
{
	return s->one_in ? 1 + tws_sampler_random(s) % (2 * s->one_in - 1) :
			   TWS_SAMPLER_IDLE;
}

/**
 * tws_sampler_init() - begin to choose
 * @s:		the sampler
 * @seed:	random
 */
static inline void tws_sampler_init(struct tws_sampler *s, u32 seed)
{
	*s = (struct tws_sampler){ .random = seed ?: 1, .left = 1 };
}

/**
 * tws_sampler_restart() - have tws_sampler_decides() asked about the next one
 * @s:		the sampler
 *
 * For another setting: what was drawn for the last one does not outlive it.
 */
static inline void tws_sampler_restart(struct tws_sampler *s)
{
	s->left = 1;
}

/**
 * tws_sampler_passes() - whether this one is passed over; the quick half
 * @s:		the sampler; nobody else uses it meanwhile
 *
 * A pattern in what comes is not followed: the gaps are random.
 *
 * Return: false if tws_sampler_decides() must decide.
 */
static inline bool tws_sampler_passes(struct tws_sampler *s)
{
	return likely(--s->left);
}

/**
 * tws_sampler_decides() - whether this one is chosen; the other half
 * @s:		the sampler, just after tws_sampler_passes()
 * @one_in:	how many of which one is chosen, at most TWS_ONE_IN_MAX; 0 for none
 *
 * Return: how many it stands for, 0 if it is not chosen.
 */
static inline u32 tws_sampler_decides(struct tws_sampler *s, u32 one_in)
{
	if (s->one_in != one_in) {
		s->one_in = one_in;
		s->left = tws_sampler_draw(s);
		if (--s->left)
			return 0;
	}
	s->left = tws_sampler_draw(s);
	return one_in;
}

#endif /* TWS_SAMPLER_H */
