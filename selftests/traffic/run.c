// SPDX-License-Identifier: GPL-2.0-only
/*
 * run: a command as an ordinary user, perhaps in namespaces of his own; or before all
 * others.
 */
#include <getopt.h>
#include <grp.h>
#include <sched.h>
#include <sys/types.h>
#include <unistd.h>

#include "traffic.h"

/* Whatever is not real-time waits, the kernel's workers too. */
static void go_before_others(void)
{
	const struct sched_param lowest = { .sched_priority = 1 };

	if (sched_setscheduler(0, SCHED_FIFO, &lowest))
		die_errno("SCHED_FIFO");
}

int cmd_run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "uid", required_argument, NULL, 'u' },
		{ "userns", no_argument, NULL, 'n' },
		{ "fifo", no_argument, NULL, 'f' },
		{ NULL, 0, NULL, 0 }
	};
	bool userns = false;
	unsigned int uid = 0;
	int opt;

	/* The command's own options are not ours: stop at its name. */
	while ((opt = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		if (opt == 'u')
			uid = parse_number(optarg);
		else if (opt == 'n')
			userns = true;
		else if (opt == 'f')
			go_before_others();
		else
			die("bad option (see --help)");
	}
	if (optind == argc)
		die("run needs a command");
	if (uid && (setgroups(0, NULL) || setresgid(uid, uid, uid) ||
		    setresuid(uid, uid, uid)))
		die_errno("cannot become user %u", uid);
	if (userns && unshare(CLONE_NEWUSER | CLONE_NEWNET))
		die_errno("user namespace");
	execvp(argv[optind], argv + optind);
	die_errno("%s", argv[optind]);
}
