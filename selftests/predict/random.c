// SPDX-License-Identifier: GPL-2.0-only
/* Numbers that follow from a seed, the same on every machine. */
#include "predict.h"

static unsigned long long state;

void random_seed(unsigned long long seed)
{
	state = seed * 0x9e3779b97f4a7c15ull + 0x632be59bd9b4e019ull;
}

/* An xorshift with a multiplication: good enough to mix sockets. */
static unsigned int next(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (state * 0x2545f4914f6cdd1dull) >> 32;
}

unsigned int below(unsigned int n)
{
	return n ? next() % n : 0;
}

bool one_in(unsigned int n)
{
	return !below(n);
}

const struct pair *random_pair(void)
{
	/* Where there are devices, most pairs are those that have to do with them. */
	const bool devices = world.devices && !one_in(4);

	for (;;) {
		const struct pair *p = &pairs[below(n_pairs)];

		if ((p->needs_devices && !world.devices) ||
		    (p->needs_ipv6 && !world.ipv6) ||
		    (devices && !p->needs_devices))
			continue;
		return p;
	}
}
