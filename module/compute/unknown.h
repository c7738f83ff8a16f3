/* SPDX-License-Identifier: GPL-2.0-only */
/* When a monitor says that it knows no level any more. */
#ifndef TWS_UNKNOWN_H
#define TWS_UNKNOWN_H

#include <linux/types.h>

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

#endif /* TWS_UNKNOWN_H */
