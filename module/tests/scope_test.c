// SPDX-License-Identifier: GPL-2.0-only
/* With whom a connect() on a device competes for ports. */
#include <kunit/test.h>
#include <net/net_namespace.h>

#include "compute/scope.h"
#include "settings.h"

/* An ordinary device, a VRF, and a device that is in the VRF. */
#define DEV	3
#define VRF	8
#define SLAVE	9

static void expect_scope(struct kunit *test, int dev, int master, bool accept,
			 int l3mdev, unsigned int nr_wider, int first,
			 int second)
{
	struct tws_scope scope;

	memset(&scope, 0xa5, sizeof(scope));
	tws_scope_init(&scope, dev, master, accept);
	KUNIT_EXPECT_EQ(test, scope.dev, dev);
	KUNIT_EXPECT_EQ(test, scope.l3mdev, l3mdev);
	KUNIT_EXPECT_EQ(test, scope.nr_wider, nr_wider);
	if (nr_wider > 0)
		KUNIT_EXPECT_EQ(test, scope.wider[0], first);
	if (nr_wider > 1)
		KUNIT_EXPECT_EQ(test, scope.wider[1], second);
}

/* Bound to no device: only others that are bound to none are in the way. */
static void no_device(struct kunit *test)
{
	expect_scope(test, 0, 0, false, 0, 0, 0, 0);
	expect_scope(test, 0, 0, true, 0, 0, 0, 0);
}

/* Bound to a device: so are sockets without one. */
static void plain_device(struct kunit *test)
{
	expect_scope(test, DEV, 0, false, 0, 1, 0, 0);
	expect_scope(test, DEV, 0, true, 0, 1, 0, 0);
}

/* Bound to a VRF: a world of its own, but for tcp_l3mdev_accept. */
static void vrf_device(struct kunit *test)
{
	expect_scope(test, VRF, VRF, false, VRF, 0, 0, 0);
	expect_scope(test, VRF, VRF, true, 0, 1, 0, 0);
}

/* Bound to a device in a VRF: those of the VRF count too. */
static void device_in_a_vrf(struct kunit *test)
{
	expect_scope(test, SLAVE, VRF, false, VRF, 1, VRF, 0);
	expect_scope(test, SLAVE, VRF, true, 0, 2, VRF, 0);
}

/* What a namespace says: no device, lo, a device that does not exist. */
static void as_the_namespace_has_it(struct kunit *test)
{
	struct tws_scope scope;

	tws_scope_of(&scope, &init_net, 0);
	KUNIT_EXPECT_EQ(test, scope.nr_wider, 0);
	KUNIT_EXPECT_EQ(test, scope.l3mdev, 0);

	tws_scope_of(&scope, &init_net, LOOPBACK_IFINDEX);
	KUNIT_EXPECT_EQ(test, scope.dev, LOOPBACK_IFINDEX);
	KUNIT_ASSERT_EQ(test, scope.nr_wider, 1);
	KUNIT_EXPECT_EQ(test, scope.wider[0], 0);
	KUNIT_EXPECT_EQ(test, scope.l3mdev, 0);

	tws_scope_of(&scope, &init_net, INT_MAX);
	KUNIT_ASSERT_EQ(test, scope.nr_wider, 1);
	KUNIT_EXPECT_EQ(test, scope.wider[0], 0);
}

static struct kunit_case scope_cases[] = {
	KUNIT_CASE(no_device),
	KUNIT_CASE(plain_device),
	KUNIT_CASE(vrf_device),
	KUNIT_CASE(device_in_a_vrf),
	KUNIT_CASE(as_the_namespace_has_it),
	{}
};

static struct kunit_suite scope_suite = {
	.name = "tw_scope",
	.test_cases = scope_cases,
};

kunit_test_suite(scope_suite);
