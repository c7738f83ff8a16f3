// SPDX-License-Identifier: GPL-2.0-only
/* The text of /proc/net/tw_callers, to the last blank. */
#include <linux/seq_file.h>
#include <linux/string.h>

#include "compute/callertable.h"
#include "samples.h"
#include "show.h"

struct page_of_text {
	struct seq_file m;
	char text[1024];
};

static struct page_of_text *new_page(struct kunit *test)
{
	struct page_of_text *p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	p->m.buf = p->text;
	p->m.size = sizeof(p->text);
	return p;
}

static const char *text_of(struct kunit *test, struct page_of_text *p)
{
	KUNIT_ASSERT_FALSE(test, seq_has_overflowed(&p->m));
	p->text[p->m.count] = '\0';
	p->m.count = 0;
	return p->text;
}

static void header(struct kunit *test)
{
	struct page_of_text *p = new_page(test);
	struct tws_callers_head head = {
		.netns = 4026531840u, .known = true, .one_in = 64, .missed = 2,
		.forgotten = 3,
	};

	tws_callers_show_header(&p->m, &head, 5);
	KUNIT_EXPECT_STREQ(test, text_of(test, p),
			   "# tw_callers version=1 netns=4026531840 rows=5 sample_connects=64 fails_missed=2 forgotten=3\n");
	head.known = false;
	tws_callers_show_header(&p->m, &head, 0);
	KUNIT_EXPECT_STREQ(test, text_of(test, p),
			   "# tw_callers version=1 netns=4026531840 rows=0 sample_connects=- fails_missed=- forgotten=-\n");
	tws_callers_show_columns(&p->m);
	KUNIT_EXPECT_STREQ(test, text_of(test, p),
			   "   fails  clashes    first     last      calls search_us     pid comm               cgroup  local         remote\n");
}

static struct tws_caller caller_of(const char *name)
{
	struct tws_caller caller = {
		.key.pair = tws_test_key(1),
		.key.cgroup = 4711,
		.calls = 128,
		.search_ns = 4499,
	};

	strscpy(caller.key.comm, name, sizeof(caller.key.comm));
	return caller;
}

/* A program that found ports, for a reader that sees it and one that does not. */
static void without_failures(struct kunit *test)
{
	const struct tws_caller caller = caller_of("nginx");
	struct page_of_text *p = new_page(test);

	tws_callers_show_row(&p->m, &caller, 1234, true, 100, "");
	KUNIT_EXPECT_STREQ(test, text_of(test, p),
			   "       0        0        -        -        128         4    1234 nginx                4711  10.0.0.1      11.0.0.1:443\n");
	tws_callers_show_row(&p->m, &caller, 0, true, 100, "");
	KUNIT_EXPECT_STREQ(test, text_of(test, p),
			   "       0        0        -        -        128         4       - -                       -  10.0.0.1      11.0.0.1:443\n");
	tws_callers_show_row(&p->m, &caller, 1234, false, 100, "eth0");
	KUNIT_EXPECT_STREQ(test, text_of(test, p),
			   "       0        0        -        -        128         4    1234 nginx                   -  10.0.0.1%eth0  11.0.0.1:443\n");
}

/* The times are ages; a bind() has no remote. */
static void with_failures(struct kunit *test)
{
	struct tws_caller caller = caller_of("my prog");
	struct page_of_text *p = new_page(test);

	caller.fails = 7;
	caller.clashes = 3;
	caller.first_s = 40;
	caller.last_s = 99;
	tws_callers_show_row(&p->m, &caller, 1, true, 100, "");
	KUNIT_EXPECT_STREQ(test, text_of(test, p),
			   "       7        3       60        1        128         4       1 my\\040prog           4711  10.0.0.1      11.0.0.1:443\n");
	caller.key.pair = tws_test_port_key(TWS_BOUND, TWS_CLIENT, 0);
	caller.calls = 64;
	caller.search_ns = 0;
	tws_callers_show_row(&p->m, &caller, 1, true, 100, "");
	KUNIT_EXPECT_STREQ(test, text_of(test, p),
			   "       7        3       60        1         64         -       1 my\\040prog           4711  10.0.0.1      *\n");
}

static struct kunit_case callers_show_cases[] = {
	KUNIT_CASE(header),
	KUNIT_CASE(without_failures),
	KUNIT_CASE(with_failures),
	{}
};

static struct kunit_suite callers_show_suite = {
	.name = "tw_callers_show",
	.test_cases = callers_show_cases,
};

kunit_test_suite(callers_show_suite);
