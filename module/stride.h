/* SPDX-License-Identifier: GPL-2.0-only */
/* Bounds that every walk over a hash table of the kernel keeps to. */
#ifndef TWS_STRIDE_H
#define TWS_STRIDE_H

/* Slots in one RCU section, and between two chances to reschedule. */
#define TWS_STRIDE	256
/* How often the batch grows for one chain that goes on growing as well. */
#define TWS_GROWTHS	4

#endif /* TWS_STRIDE_H */
