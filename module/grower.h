/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_GROWER_H
#define TWS_GROWER_H

#include <linux/workqueue.h>

struct tws_sets;

/**
 * struct tws_grower - brings memory to a table of sets
 * @work:	does it, where it may allocate
 * @sets:	the table
 */
struct tws_grower {
	struct work_struct work;
	struct tws_sets *sets;
};

void tws_grower_init(struct tws_grower *grower, struct tws_sets *sets);
void tws_grower_ask(struct tws_grower *grower, const bool *closing);
void tws_grower_stop(struct tws_grower *grower);

#endif /* TWS_GROWER_H */
