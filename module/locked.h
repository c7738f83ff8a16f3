/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_LOCKED_H
#define TWS_LOCKED_H

struct tws_walk;

unsigned int tws_locked_read(struct tws_walk *w, unsigned int slot);

#endif /* TWS_LOCKED_H */
