/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a monitor remembers from one snapshot to the next: the levels of destinations, and
 * whether it knew them; and what it tells of changes.
 */
#ifndef TWS_WATCH_H
#define TWS_WATCH_H

#include <linux/rbtree.h>
#include <linux/types.h>

#include "classify.h"

struct list_head;
struct tws_outlook;

/**
 * struct tws_watch - the destinations above TWS_LEVEL_OK, with their levels
 * @nr:	how many
 * @fresh:	level of a destination that nobody has used yet
 *
 * Each is memory of its own, so that many of them need no large piece.
 */
struct tws_watch {
	u32 nr;
	u8 fresh;

	/* private: */
	u32 look;		/* counts the updates */
	struct rb_root known;	/* struct tws_known_level, by key */
};

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

/**
 * struct tws_watch_sink - receiver of changes
 * @changed:	called for each destination whose level has changed, and for one that
 *		nobody has used yet
 * @ctx:	its first argument
 */
struct tws_watch_sink {
	void (*changed)(void *ctx, const struct tws_event *event);
	void *ctx;
};

/**
 * struct tws_watch_look - what a snapshot says of levels
 * @rows:	its rows, struct tws_row, out rows first
 * @fresh:	outlook of a destination that nobody has used yet
 * @unseen_level: worst level that a destination without a row may have;
 *		TWS_LEVEL_OK if every destination has one
 * @hysteresis:	see tws_level_next()
 */
struct tws_watch_look {
	const struct list_head *rows;
	const struct tws_outlook *fresh;
	u8 unseen_level;
	u32 hysteresis;
};

int tws_watch_update(struct tws_watch *watch,
		     const struct tws_watch_look *look,
		     const struct tws_watch_sink *sink);
void tws_watch_free(struct tws_watch *watch);

/* One snapshot may fail for want of memory. So many in a row are to be told. */
#define TWS_UNKNOWN_LOOKS	3u

/**
 * struct tws_unknown - whether a monitor knows the levels
 * @looks:	looks in a row that did not tell them
 */
struct tws_unknown {
	u32 looks;
};

/* What a look changes. */
enum tws_unknown_news {
	TWS_UNKNOWN_NO_NEWS,
	TWS_UNKNOWN_LOST,	/* the levels are not known any more */
	TWS_UNKNOWN_BACK,	/* they are known again */
};

/**
 * tws_unknown_look() - take down whether a look told the levels
 * @unknown:	zeroed at first
 * @known:	it did
 *
 * Return: what is to be told.
 */
static inline enum tws_unknown_news tws_unknown_look(struct tws_unknown *unknown, bool known)
{
	const u32 before = unknown->looks;

	if (known) {
		unknown->looks = 0;
		return before >= TWS_UNKNOWN_LOOKS ? TWS_UNKNOWN_BACK : TWS_UNKNOWN_NO_NEWS;
	}
	if (before >= TWS_UNKNOWN_LOOKS)
		return TWS_UNKNOWN_NO_NEWS;
	return ++unknown->looks == TWS_UNKNOWN_LOOKS ? TWS_UNKNOWN_LOST : TWS_UNKNOWN_NO_NEWS;
}

#endif /* TWS_WATCH_H */
