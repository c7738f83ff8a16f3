// SPDX-License-Identifier: GPL-2.0-only
/* How many ports connect() has to choose from. */
#include "classify.h"

/**
 * tws_range_size() - number of ports in a range
 * @range:	the range
 */
u32 tws_range_size(const struct tws_range *range)
{
	return (u32)range->high - range->low + 1;
}

/**
 * tws_range_tried() - how many ports of a range one connect() tries
 * @range:	the range
 *
 * inet_hashtables.c:__inet_hash_connect() goes through the range in steps of
 * two, twice, and rounds the size of a range of more than one port down to an
 * even number.
 */
u32 tws_range_tried(const struct tws_range *range)
{
	const u32 size = tws_range_size(range);

	return size > 1 ? size & ~1U : size;
}
