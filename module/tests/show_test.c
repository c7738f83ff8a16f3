// SPDX-License-Identifier: GPL-2.0-only
/* The text of /proc/net/tw_summary, to the last blank. */
#include <linux/seq_file.h>
#include <linux/string.h>

#include "compute/level.h"
#include "compute/names.h"
#include "compute/reuse.h"
#include "samples.h"
#include "show.h"
#include "summary.h"

#define TEXT_MAX	4096

struct page_of_text {
	struct seq_file m;
	struct tws_summary sum;
	struct tws_row row;
	char text[TEXT_MAX];
};

/* A namespace with Debian's settings and nothing in it. */
static struct page_of_text *new_page(struct kunit *test)
{
	struct page_of_text *p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	p->m.buf = p->text;
	p->m.size = sizeof(p->text);
	p->sum.netns = 4026531840;
	p->sum.complete = true;
	p->sum.settings.range.low = 32768;
	p->sum.settings.range.high = 60999;
	p->sum.settings.reuse_mode = 2;
	p->sum.settings.timewait_max = 65536;
	p->row.next_ms = TWS_NEVER;
	p->row.outlook.growth.per_10s = TWS_NO_GROWTH;
	p->sum.closes_known = true;
	p->row.outlook.full_ms = TWS_NEVER;
	return p;
}

static const char *text_of(struct kunit *test, struct page_of_text *p)
{
	KUNIT_ASSERT_FALSE(test, seq_has_overflowed(&p->m));
	p->text[p->m.count] = '\0';
	p->m.count = 0;
	return p->text;
}

static const char *header_of(struct kunit *test, struct page_of_text *p,
			     u64 age_ms)
{
	tws_show_header(&p->m, &p->sum, age_ms);
	tws_show_columns(&p->m, p->sum.local_width);
	return text_of(test, p);
}

static const char *row_of(struct kunit *test, struct page_of_text *p)
{
	tws_show_row(&p->m, p->sum.local_width, &p->sum, &p->row);
	return text_of(test, p);
}

#define COLUMNS \
	"dir   level   free   used  use%     tw   fw2 fw2_held  estab   syn  cwait  other" \
	"  reuse  reuse_if  close/s  grow/s  next   eta  fail fail_last clash  local         remote\n"

/* A namespace without a socket. */
static void header_of_nothing(struct kunit *test)
{
	struct page_of_text *p = new_page(test);

	p->sum.ports_known = true;
	p->sum.levels_known = true;
	p->sum.settings.trust = TWS_TRUST_TESTED;
	p->sum.usable = 28232;
	p->sum.fails.known = true;
	p->sum.fails.last_ms = TWS_NEVER;
	p->sum.fails.binds_last_ms = TWS_NEVER;
	p->sum.fails.clashes_last_ms = TWS_NEVER;
	KUNIT_EXPECT_STREQ(test, header_of(test, p, 0),
			   "# tw_summary version=1 netns=4026531840 age_ms=0 walk_us=0 sockets=0 complete=yes rules=tested\n"
			   "# ports range=32768-60999 tried=28232 reserved=0 bound=0 usable=28232 tw_reuse=2\n"
			   "# states timewait=0 fin_wait2=0 established=0 syn_sent=0 close_wait=0 other=0 timewait_max=65536 timewait_dropped=0\n"
			   "# rows out_rows=0 in_rows=0 bound_rows=0 hidden_min=0 hidden_sockets=0 level=ok bind_level=- hidden_level=-\n"
			   "# failures fails=0 fails_last=- fails_missed=0 bind_fails=0 bind_fails_last=- clashes=0 clashes_last=- mispredicted=0\n"
			   COLUMNS);
}

/* A million sockets of all states; the ports are not known. */
static void header_of_much(struct kunit *test)
{
	struct page_of_text *p = new_page(test);

	p->sum.complete = false;
	p->sum.walk_us = 250123;
	p->sum.sockets = 1000017;
	p->sum.count[TWS_STATE_TIME_WAIT] = 1000000;
	p->sum.count[TWS_STATE_FIN_WAIT2] = 1;
	p->sum.count[TWS_STATE_ESTABLISHED] = 2;
	p->sum.count[TWS_STATE_SYN_SENT] = 3;
	p->sum.count[TWS_STATE_CLOSE_WAIT] = 4;
	p->sum.count[TWS_STATE_OTHER] = 7;
	p->sum.dir_rows[TWS_OUT] = 4094;
	p->sum.dir_rows[TWS_IN] = 1;
	p->sum.dir_rows[TWS_BOUND] = 1;
	p->sum.level = TWS_LEVEL_CRIT;
	p->sum.settings.range.high = 32770;
	p->sum.settings.reuse_mode = 0;
	KUNIT_EXPECT_STREQ(test, header_of(test, p, 12345),
			   "# tw_summary version=1 netns=4026531840 age_ms=12345 walk_us=250123 sockets=1000017 complete=no rules=untested\n"
			   "# ports range=32768-32770 tried=2 reserved=- bound=- usable=- tw_reuse=0\n"
			   "# states timewait=1000000 fin_wait2=1 established=2 syn_sent=3 close_wait=4 other=7 timewait_max=65536 timewait_dropped=0\n"
			   "# rows out_rows=4094 in_rows=1 bound_rows=1 hidden_min=0 hidden_sockets=0 level=- bind_level=- hidden_level=-\n"
			   "# failures fails=- fails_last=- fails_missed=- bind_fails=- bind_fails_last=- clashes=- clashes_last=- mispredicted=-\n"
			   COLUMNS);
}

/* The last of 113 connect() calls that failed did so 0.2 s ago, or a day ago. */
static void header_of_failures(struct kunit *test)
{
	struct page_of_text *p = new_page(test);
	static const char calls[] = "\n# failures fails=113 fails_last=0.2 fails_missed=4 ";
	static const char others[] = " bind_fails_last=1.2 clashes=5 clashes_last=61.0 ";
	const char *header;

	p->sum.fails = (struct tws_failure_sums){
		.known = true, .fails = 113, .last_ms = 299, .missed = 4,
		.binds = 7, .binds_last_ms = 1200, .clashes = 5, .clashes_last_ms = 61099,
		.mispredicted = 6,
	};
	header = header_of(test, p, 0);
	KUNIT_EXPECT_NOT_NULL(test, strstr(header, calls));
	KUNIT_EXPECT_NOT_NULL(test, strstr(header, others));
	p->sum.fails.last_ms = 86400000;
	header = header_of(test, p, 0);
	KUNIT_EXPECT_NOT_NULL(test, strstr(header, " fails_last=86400.0 "));
}

/* Room for two rows and 12 keys: ten are hidden. */
static void header_with_hidden_rows(struct kunit *test)
{
	struct page_of_text *p = new_page(test);
	struct tws_tuple t = tws_test_tuple();
	struct tws_table *table = &p->sum.table;
	const char *header;
	int pass, i;

	KUNIT_ASSERT_EQ(test, tws_table_init(table, 2,
					     tws_test_hash(1)), 0);
	for (pass = 0; pass < 2; pass++) {
		for (i = 0; i < 20; i++) {
			const struct tws_key key = tws_test_key(i % 12);
			struct tws_row *row = tws_test_row(table, &key);

			if (row)
				tws_row_add_socket(row, &t);
		}
		KUNIT_EXPECT_EQ(test, tws_table_second_pass(table), !pass);
	}
	tws_table_finish(table);
	p->sum.sockets = 20;
	p->sum.dir_rows[TWS_OUT] = table->nr;
	KUNIT_EXPECT_EQ(test, table->nr, 2);
	KUNIT_EXPECT_EQ(test, table->hidden_min, 10);
	p->sum.levels_known = true;
	p->sum.hidden_level = TWS_LEVEL_WARN;
	header = header_of(test, p, 0);
	KUNIT_EXPECT_NOT_NULL(test, strstr(header, " hidden_min=10 hidden_sockets=16 "));
	KUNIT_EXPECT_NOT_NULL(test, strstr(header, " level=ok bind_level=- hidden_level=warn\n"));
	tws_table_free(table);
}

/* The first row of the example in the contract: all 28,229 ports used. */
static void row_that_is_full(struct kunit *test)
{
	struct page_of_text *p = new_page(test);
	struct tws_row *row = &p->row;

	row->key = tws_test_key(0);
	row->key.remote = tws_test_v4(TWS_SERVER);
	row->sockets = 28229;
	row->count[TWS_STATE_TIME_WAIT] = 28229;
	row->age[3] = 4704;
	row->next_ms = 199;
	row->outlook.known = true;
	row->outlook.level = TWS_LEVEL_FULL;
	row->outlook.open = 28229;
	row->outlook.free_if = 27811;
	row->outlook.full_ms = 0;
	row->fails = 113;
	row->fail_last_ms = 45678;
	row->clashes = 9;
	p->sum.fails.known = true;
	KUNIT_EXPECT_STREQ(test, row_of(test, p),
			   "out   full       0  28229 100.0  28229     0        0      0     0      0      0      0     27811    470.4       -   0.1   0.0   113      45.6     9  10.0.0.1      10.0.9.1:443\n");
}

/* IPv6 on a device, half used; 12,345 ms to the next and 59,999 to the end. */
static void row_of_ipv6_on_a_device(struct kunit *test)
{
	struct page_of_text *p = new_page(test);
	struct tws_row *row = &p->row;

	row->key = tws_test_key(0);
	row->key.local = tws_test_v6(1);
	row->key.remote = tws_test_v6(2);
	row->key.dev = 4;
	strscpy(row->dev_name, "eth0", sizeof(row->dev_name));
	row->sockets = 505;
	row->count[TWS_STATE_TIME_WAIT] = 400;
	row->count[TWS_STATE_FIN_WAIT2] = 50;
	row->count[TWS_STATE_ESTABLISHED] = 49;
	row->count[TWS_STATE_SYN_SENT] = 1;
	row->count[TWS_STATE_CLOSE_WAIT] = 3;
	row->count[TWS_STATE_OTHER] = 2;
	row->reuse = 7;
	row->age[0] = 1;
	row->next_ms = 12345;
	row->outlook.known = true;
	row->outlook.level = TWS_LEVEL_WARN;
	row->fw2_held = 40;
	row->outlook.growth.per_10s = -123;
	row->outlook.open = 1000;
	row->outlook.free = 502;
	row->outlook.free_if = 511;
	row->outlook.full_ms = 59999;
	KUNIT_EXPECT_STREQ(test, row_of(test, p),
			   "out   warn     502    505  49.8    400    50       40     49     1      3      2      7         9      0.1   -12.3  12.3  59.9     -         -     -  2001:db8::1%eth0  [2001:db8::2]:443\n");
}

/* Sockets were counted, the port map was not to be had. */
static void row_of_which_little_is_known(struct kunit *test)
{
	struct page_of_text *p = new_page(test);
	struct tws_row *row = &p->row;

	row->key = tws_test_key(0);
	row->sockets = 3;
	row->count[TWS_STATE_ESTABLISHED] = 3;
	KUNIT_EXPECT_STREQ(test, row_of(test, p),
			   "out   -          -      3     -      0     0        0      3     0      0      0      -         -      0.0       -     -     -     -         -     -  10.0.0.1      11.0.0.0:443\n");
}

/* A served port: nothing about ports that are left. */
static void row_of_a_served_port(struct kunit *test)
{
	struct page_of_text *p = new_page(test);
	struct tws_row *row = &p->row;

	row->key = tws_test_port_key(TWS_IN, TWS_CLIENT, 80);
	row->sockets = 20312;
	row->count[TWS_STATE_TIME_WAIT] = 20300;
	row->count[TWS_STATE_ESTABLISHED] = 12;
	row->age[9] = 3383;
	row->next_ms = 0;
	p->sum.fails.known = true;
	KUNIT_EXPECT_STREQ(test, row_of(test, p),
			   "in    -          -      -     -  20300     0        0     12     0      0      0      -         -    338.3       -   0.0     -     -         -     -  10.0.0.1:80   *\n");
}

/* A stopped server's leftovers, IPv6; the column is as wide as its widest. */
static void row_of_a_bound_port(struct kunit *test)
{
	struct page_of_text *p = new_page(test);
	struct tws_row *row = &p->row;

	row->key = tws_test_port_key(TWS_BOUND, 0, 8080);
	row->key.local = tws_test_v6(1);
	row->sockets = 2;
	row->count[TWS_STATE_TIME_WAIT] = 2;
	row->next_ms = 60000;
	p->sum.local_width = 20;
	KUNIT_EXPECT_STREQ(test, row_of(test, p),
			   "bound -          -      -     -      2     0        0      0     0      0      0      -         -      0.0       -  60.0     -     -         -     -  [2001:db8::1]:8080    *\n");
}

static int fields_in(const char *line)
{
	bool blank = true;
	int nr = 0;

	for (; *line && *line != '\n'; line++) {
		nr += blank && *line != ' ';
		blank = *line == ' ';
	}
	return nr;
}

/* Numbers of all sizes in every column: fields never merge and never vanish. */
static void fields_of_any_size(struct kunit *test)
{
	struct page_of_text *p = new_page(test);
	struct tws_row *row = &p->row;
	struct rnd_state random;
	const u32 seed = tws_test_seed(test, &random);
	const char *last_line;
	int columns, i, j;

	last_line = strstr(header_of(test, p, 0), "\ndir ");
	KUNIT_ASSERT_NOT_NULL(test, last_line);
	columns = fields_in(last_line + 1);
	KUNIT_EXPECT_EQ(test, columns, 23);

	for (i = 0; i < 2000; i++) {
		u32 size = U32_MAX >> tws_test_below(&random, 32);
		const char *line;

		row->key = tws_test_key(0);
		row->key.dir = tws_test_below(&random, TWS_NR_DIRS);
		row->sockets = size;
		for (j = 0; j < TWS_NR_STATES; j++)
			row->count[j] = size;
		row->age[0] = size;
		row->reuse = size;
		row->next_ms = size;
		row->outlook.known = tws_test_below(&random, 2);
		row->outlook.level = tws_test_below(&random, TWS_NR_LEVELS);
		row->outlook.open = size;
		row->outlook.free = size ? tws_test_below(&random, size) : 0;
		row->outlook.free_if = size;
		row->outlook.full_ms = size;
		row->fails = size;
		row->fail_last_ms = prandom_u32_state(&random);
		row->fw2_held = size;
		row->outlook.growth.per_10s = (s32)prandom_u32_state(&random);
		p->sum.closes_known = tws_test_below(&random, 2);
		row->clashes = size;
		p->sum.fails.known = tws_test_below(&random, 2);
		line = row_of(test, p);
		KUNIT_EXPECT_EQ_MSG(test, fields_in(line), columns,
				    "seed=%u: %s", seed, line);
		KUNIT_EXPECT_EQ_MSG(test, line[strlen(line) - 1], '\n',
				    "seed=%u: %s", seed, line);
	}
}

static struct kunit_case show_cases[] = {
	KUNIT_CASE(header_of_nothing),
	KUNIT_CASE(header_of_much),
	KUNIT_CASE(header_of_failures),
	KUNIT_CASE(header_with_hidden_rows),
	KUNIT_CASE(row_that_is_full),
	KUNIT_CASE(row_of_ipv6_on_a_device),
	KUNIT_CASE(row_of_which_little_is_known),
	KUNIT_CASE(row_of_a_served_port),
	KUNIT_CASE(row_of_a_bound_port),
	KUNIT_CASE(fields_of_any_size),
	{}
};

static struct kunit_suite show_suite = {
	.name = "tw_show",
	.test_cases = show_cases,
};

kunit_test_suite(show_suite);
