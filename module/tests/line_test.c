// SPDX-License-Identifier: GPL-2.0-only
/* Cells, as the kernel's printf() makes them. */
#include <linux/kernel.h>
#include <linux/string.h>

#include "compute/line.h"
#include "samples.h"

static void expect_line(struct kunit *test, const struct tws_line *line, const char *want)
{
	KUNIT_ASSERT_EQ(test, line->len, strlen(want));
	KUNIT_EXPECT_MEMEQ(test, line->text, want, line->len);
}

/* 0, the largest number, and random ones of any length. */
static void numbers(struct kunit *test)
{
	struct rnd_state random;
	u32 i, number, width;
	char want[40];

	tws_test_seed(test, &random);
	for (i = 0; i < 10000; i++) {
		struct tws_line line = {};

		number = prandom_u32_state(&random) >> tws_test_below(&random, 32);
		if (i < 2)
			number = i ? U32_MAX : 0;
		width = tws_test_below(&random, 12);
		snprintf(want, sizeof(want), " %*u", (int)width, number);
		tws_line_count(&line, width, true, number);
		expect_line(test, &line, want);

		line.len = 0;
		snprintf(want, sizeof(want), " %*u.%u", (int)max(width, 2u) - 2,
			 number / 10, number % 10);
		tws_line_tenths(&line, width, true, number);
		if (width >= 3)
			expect_line(test, &line, want);
	}
}

static void cells_side_by_side(struct kunit *test)
{
	struct tws_line line = {};

	tws_line_text(&line, 5, "out");
	tws_line_blanks(&line, 1);
	tws_line_text(&line, 5, "critical");
	tws_line_count(&line, 6, true, 17);
	tws_line_count(&line, 6, false, 17);
	tws_line_tenths(&line, 5, true, 999);
	tws_line_tenths(&line, 5, false, 999);
	tws_line_count(&line, 2, true, 12345);
	expect_line(test, &line, "out   critical     17      -  99.9     - 12345");
}

/* A cell that has no room is left out, and nothing beyond the line is written. */
static void full_line(struct kunit *test)
{
	struct {
		struct tws_line line;
		char beyond[16];
	} *l = kunit_kzalloc(test, sizeof(*l), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, l);
	tws_line_blanks(&l->line, TWS_LINE_MAX - 3);
	tws_line_count(&l->line, 1, true, 123456);
	tws_line_text(&l->line, 5, "more");
	tws_line_tenths(&l->line, 5, true, 1);
	tws_line_blanks(&l->line, 4);
	KUNIT_EXPECT_EQ(test, l->line.len, TWS_LINE_MAX - 3);
	tws_line_count(&l->line, 1, true, 12);
	KUNIT_EXPECT_EQ(test, l->line.len, TWS_LINE_MAX);
	KUNIT_EXPECT_MEMEQ(test, l->line.text + TWS_LINE_MAX - 3, " 12", 3);
	KUNIT_EXPECT_NULL(test, memchr_inv(l->beyond, 0, sizeof(l->beyond)));
}

static struct kunit_case line_cases[] = {
	KUNIT_CASE(numbers),
	KUNIT_CASE(cells_side_by_side),
	KUNIT_CASE(full_line),
	{}
};

static struct kunit_suite line_suite = {
	.name = "tw_line",
	.test_cases = line_cases,
};

kunit_test_suite(line_suite);
