/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_CHOICE_H
#define TWS_CHOICE_H

struct kernel_param_ops;

/* What root has chosen by a module parameter: Y, N, or nothing. */
enum tws_choice {
	TWS_CHOICE_NONE,
	TWS_CHOICE_YES,
	TWS_CHOICE_NO,
};

/* For module_param_cb() with such a choice; they are in settings.c. */
extern const struct kernel_param_ops tws_choice_param_ops;

#endif /* TWS_CHOICE_H */
