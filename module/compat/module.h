/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_COMPAT_MODULE_H
#define TWS_COMPAT_MODULE_H

#include <linux/module.h>

/**
 * tws_module_get() - get a reference to this module, if it is there to stay
 *
 * A module whose loading may still fail goes whatever references there are. Built into the
 * kernel there is no module (THIS_MODULE is NULL), and nothing goes.
 *
 * Return: whether there is a reference, until tws_module_put()
 */
static inline bool tws_module_get(void)
{
#ifdef MODULE
	return READ_ONCE(THIS_MODULE->state) == MODULE_STATE_LIVE &&
	       try_module_get(THIS_MODULE);
#else
	return true;
#endif
}

static inline void tws_module_put(void)
{
	module_put(THIS_MODULE);
}

#endif /* TWS_COMPAT_MODULE_H */
