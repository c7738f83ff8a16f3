// SPDX-License-Identifier: GPL-2.0-only
/* Module parameters that are Y, N, or empty. */
#include <linux/compiler.h>
#include <linux/kernel.h>
#include <linux/moduleparam.h>
#include <linux/string.h>

#include "compute/choice.h"

static int tws_choice_set_param(const char *val, const struct kernel_param *kp)
{
	enum tws_choice choice = TWS_CHOICE_NONE;
	bool yes;
	int err;

	if (val && *skip_spaces(val)) {
		err = kstrtobool(val, &yes);
		if (err)
			return err;
		choice = yes ? TWS_CHOICE_YES : TWS_CHOICE_NO;
	}
	WRITE_ONCE(*(enum tws_choice *)kp->arg, choice);
	return 0;
}

static int tws_choice_get_param(char *buffer, const struct kernel_param *kp)
{
	static const char *const words[] = {
		[TWS_CHOICE_NONE]	= "",
		[TWS_CHOICE_YES]	= "Y",
		[TWS_CHOICE_NO]		= "N",
	};

	return sprintf(buffer, "%s\n", words[READ_ONCE(*(enum tws_choice *)kp->arg)]);
}

const struct kernel_param_ops tws_choice_param_ops = {
	.set	= tws_choice_set_param,
	.get	= tws_choice_get_param,
};
