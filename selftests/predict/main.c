// SPDX-License-Identifier: GPL-2.0-only
/*
 * tw_predict [--bind] [--seed N] [--rounds N] [--verbose]: rounds of random sockets in
 * network namespaces of their own; in each of them, several times, what
 * /proc/net/tw_summary says is free against what connect() finds; or with --bind, what
 * /proc/net/tw_sources says against what bind() finds. The seed of a round that fails is
 * printed: `--seed N --rounds 1` does the same once more.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "predict.h"

static const char *const words[] = {
	[RIGHT] = "right",
	[RIGHT_BUT_FOR_TIME] = "right, some TIME_WAITs came of age meanwhile",
	[WRONG] = "wrong",
	[NOT_TOLD] = "not told",
	[TOO_SLOW] = "too slow",
};

static unsigned int counts[ARRAY_SIZE(words)];
static unsigned int n_with_devices;

static bool binding;

static void print_what_is_wrong(unsigned long long seed)
{
	printf("WRONG with seed %llu:\n", seed);
	story_print();
	if (binding)
		sources_print();
	else
		table_print();
	printf("to see it again: tw_predict%s --seed %llu --rounds 1\n",
	       binding ? " --bind" : "", seed);
}

static bool round_is_right(unsigned long long seed)
{
	unsigned int step, steps, action, actions;
	enum verdict verdict;

	random_seed(seed);
	story_begin();
	closed_forget();
	world_begin();
	n_with_devices += world.devices;
	steps = 1 + below(4);
	for (step = 0; step < steps; step++) {
		actions = 1 + below(6);
		for (action = 0; action < actions; action++)
			act();
		verdict = binding ? check_binds(random_pair()) :
				    check_pair(random_pair());
		counts[verdict]++;
		if (verdict == TOO_SLOW)
			break;
		if (verdict == WRONG) {
			print_what_is_wrong(seed);
			return false;
		}
	}
	let_go_of_all();
	return true;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "bind", no_argument, NULL, 'b' },
		{ "seed", required_argument, NULL, 's' },
		{ "rounds", required_argument, NULL, 'r' },
		{ "verbose", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 }
	};
	unsigned int seed = now_ms() % 1000000000, rounds = 200, i;
	bool verbose = false;
	int opt;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (opt == 'b')
			binding = true;
		else if (opt == 's')
			seed = parse_number(optarg);
		else if (opt == 'r')
			rounds = parse_number(optarg);
		else if (opt == 'v')
			verbose = true;
		else
			die("usage: tw_predict [--bind] [--seed N] [--rounds N] [--verbose]");
	}
	table_check_cache();
	raise_fd_limit();
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("rounds=%u seed=%u\n", rounds, seed);
	for (i = 0; i < rounds; i++) {
		if (!round_is_right(seed + i))
			return 1;
		if (verbose) {
			printf("round %u, seed %u\n", i, seed + i);
			story_print();
		}
	}
	for (i = 0; i < ARRAY_SIZE(words); i++)
		printf("%u %s\n", counts[i], words[i]);
	printf("%u namespaces with devices\n", n_with_devices);
	return 0;
}
