/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_EVENT_H
#define TWS_EVENT_H

#include <linux/types.h>

struct tws_key;

/**
 * struct tws_event - a destination has changed its level
 * @netns:	inode number of the namespace
 * @key:	the destination; NULL: any that nobody has used yet
 * @dev_name:	name of its device, "" for none
 * @old_level:	enum tws_level before
 * @new_level:	enum tws_level now
 * @shown:	it has a row. If not, its last socket is gone, or it is hidden and
 *		@new_level is the worst that it may have.
 * @use_permille: use of its ports; this and all that follows are 0 if it is not
 *		shown
 * @open:	ports that are tried and not reserved
 * @free:	connect() calls that succeed before one finds no port
 * @timewait:	its sockets in TIME_WAIT
 * @closes_10s:	sockets that entered TIME_WAIT in the last 10 s
 * @full_ms:	time until none is free, or TWS_NEVER
 */
struct tws_event {
	unsigned int netns;
	const struct tws_key *key;
	const char *dev_name;
	u8 old_level;
	u8 new_level;
	bool shown;
	u32 use_permille;
	u32 open;
	u32 free;
	u32 timewait;
	u32 closes_10s;
	u32 full_ms;
};

#endif /* TWS_EVENT_H */
