// SPDX-License-Identifier: GPL-2.0-only
/* The tracepoints' own code. */
#include <linux/module.h>

#define CREATE_TRACE_POINTS
#include <trace/events/tw_summary.h>
