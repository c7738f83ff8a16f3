/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_COMPUTE_CHOICE_H
#define TWS_COMPUTE_CHOICE_H

/* What root has chosen by a module parameter: Y, N, or nothing. */
enum tws_choice {
	TWS_CHOICE_NONE,
	TWS_CHOICE_YES,
	TWS_CHOICE_NO,
};

#endif /* TWS_COMPUTE_CHOICE_H */
