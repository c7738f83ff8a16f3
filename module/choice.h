/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_CHOICE_H
#define TWS_CHOICE_H

#include "compute/choice.h"

struct kernel_param_ops;

/* For module_param_cb() with an enum tws_choice: Y, N, or empty. */
extern const struct kernel_param_ops tws_choice_param_ops;

#endif /* TWS_CHOICE_H */
