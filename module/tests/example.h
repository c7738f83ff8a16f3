/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_TESTS_EXAMPLE_H
#define TWS_TESTS_EXAMPLE_H

#include <kunit/test.h>

#include "compute/portmap.h"
#include "compute/stride.h"
#include "compute/table.h"
#include "count.h"

/* The sockets of an example are in the slots 5 and 6. */
#define TWS_EXAMPLE_SLOT	5

/* A namespace with the ports 40000-40009, and what was counted in it. */
struct tws_example {
	struct tws_range range;
	struct tws_portmap ports;
	struct tws_table table;
	struct tws_counter counter;
	struct tws_breath breath;
};

/* The time is the same in all of them. */
extern const struct tws_clock tws_example_now;

struct tws_example *tws_example(struct kunit *test);
void tws_example_count(struct tws_example *e, const struct tws_tuple *batch,
		       unsigned int nr);
struct tws_tuple tws_example_socket(u16 lport, u8 state);
struct tws_tuple tws_example_reusable(u16 lport);
const struct tws_row *tws_example_row(struct kunit *test, const struct tws_example *e,
				      int dev);

#endif /* TWS_TESTS_EXAMPLE_H */
