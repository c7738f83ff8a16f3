// SPDX-License-Identifier: GPL-2.0-only
/* The options that the socket-making subcommands share. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "traffic.h"

enum {
	OPT_FROM = 1, OPT_TO, OPT_LISTEN, OPT_DEV, OPT_SERVER_DEV,
	OPT_SERVER_NETNS, OPT_MAPPED, OPT_MAPPED_SERVER, OPT_V6ONLY,
	OPT_EARLY_BIND, OPT_REUSEADDR, OPT_REUSEPORT, OPT_NO_TIMESTAMPS,
	OPT_SERVER_CLOSES, OPT_EXTERNAL, OPT_CLOSE_LISTENER, OPT_FOREVER,
	OPT_BACKGROUND, OPT_KEEP_OPEN, OPT_COUNT, OPT_KEEP, OPT_FIN_WAIT2,
	OPT_ORPHANS, OPT_HALF_OPEN, OPT_DESTINATIONS, OPT_INTERVAL_MS,
	OPT_LIMIT, OPT_TIMES, OPT_MPTCP, OPT_LAST_PORT,
	OPT_EACH_DEVICE, OPT_ONE_PORT,
};

static const struct option options[] = {
	{ "from", required_argument, NULL, OPT_FROM },
	{ "to", required_argument, NULL, OPT_TO },
	{ "listen", required_argument, NULL, OPT_LISTEN },
	{ "dev", required_argument, NULL, OPT_DEV },
	{ "each-device", no_argument, NULL, OPT_EACH_DEVICE },
	{ "one-port", no_argument, NULL, OPT_ONE_PORT },
	{ "server-dev", required_argument, NULL, OPT_SERVER_DEV },
	{ "server-netns", required_argument, NULL, OPT_SERVER_NETNS },
	{ "mapped", no_argument, NULL, OPT_MAPPED },
	{ "mapped-server", no_argument, NULL, OPT_MAPPED_SERVER },
	{ "mptcp", no_argument, NULL, OPT_MPTCP },
	{ "v6only", no_argument, NULL, OPT_V6ONLY },
	{ "early-bind", no_argument, NULL, OPT_EARLY_BIND },
	{ "reuseaddr", no_argument, NULL, OPT_REUSEADDR },
	{ "reuseport", no_argument, NULL, OPT_REUSEPORT },
	{ "no-timestamps", no_argument, NULL, OPT_NO_TIMESTAMPS },
	{ "server-closes", no_argument, NULL, OPT_SERVER_CLOSES },
	{ "external", no_argument, NULL, OPT_EXTERNAL },
	{ "close-listener", no_argument, NULL, OPT_CLOSE_LISTENER },
	{ "forever", no_argument, NULL, OPT_FOREVER },
	{ "background", no_argument, NULL, OPT_BACKGROUND },
	{ "keep-open", no_argument, NULL, OPT_KEEP_OPEN },
	{ "count", required_argument, NULL, OPT_COUNT },
	{ "keep", required_argument, NULL, OPT_KEEP },
	{ "fin-wait2", required_argument, NULL, OPT_FIN_WAIT2 },
	{ "orphans", required_argument, NULL, OPT_ORPHANS },
	{ "half-open", required_argument, NULL, OPT_HALF_OPEN },
	{ "destinations", required_argument, NULL, OPT_DESTINATIONS },
	{ "interval-ms", required_argument, NULL, OPT_INTERVAL_MS },
	{ "times", required_argument, NULL, OPT_TIMES },
	{ "limit", required_argument, NULL, OPT_LIMIT },
	{ "last-port", required_argument, NULL, OPT_LAST_PORT },
	{ NULL, 0, NULL, 0 }
};

static void take(struct opts *o, int opt, const char *arg)
{
	switch (opt) {
	case OPT_FROM:
		addr_parse(arg, &o->from);
		break;
	case OPT_TO:
		addr_parse(arg, &o->to);
		break;
	case OPT_LISTEN:
		addr_parse(arg, &o->listen);
		break;
	case OPT_MPTCP:
		o->mptcp = true;
		break;
	case OPT_DEV:
		o->dev = arg;
		break;
	case OPT_ONE_PORT:
		o->one_port = true;
		break;
	case OPT_EACH_DEVICE:
		o->each_device = true;
		break;
	case OPT_SERVER_DEV:
		o->server_dev = arg;
		break;
	case OPT_SERVER_NETNS:
		o->server_netns = arg;
		break;
	case OPT_MAPPED:
		o->mapped = true;
		break;
	case OPT_MAPPED_SERVER:
		o->mapped_server = true;
		break;
	case OPT_V6ONLY:
		o->v6only = true;
		break;
	case OPT_LAST_PORT:
		o->last_port = parse_number(arg);
		break;
	case OPT_EARLY_BIND:
		o->early_bind = true;
		break;
	case OPT_REUSEADDR:
		o->reuseaddr = true;
		break;
	case OPT_REUSEPORT:
		o->reuseport = true;
		break;
	case OPT_NO_TIMESTAMPS:
		o->no_timestamps = true;
		break;
	case OPT_SERVER_CLOSES:
		o->server_closes = true;
		break;
	case OPT_EXTERNAL:
		o->external = true;
		break;
	case OPT_CLOSE_LISTENER:
		o->close_listener = true;
		break;
	case OPT_FOREVER:
		o->forever = true;
		break;
	case OPT_BACKGROUND:
		o->background = true;
		break;
	case OPT_KEEP_OPEN:
		o->keep = true;
		break;
	case OPT_COUNT:
		o->count = parse_number(arg);
		break;
	case OPT_KEEP:
		o->established = parse_number(arg);
		break;
	case OPT_FIN_WAIT2:
		o->fin_wait2 = parse_number(arg);
		break;
	case OPT_ORPHANS:
		o->orphans = parse_number(arg);
		break;
	case OPT_HALF_OPEN:
		o->half_open = parse_number(arg);
		break;
	case OPT_DESTINATIONS:
		o->destinations = parse_number(arg);
		break;
	case OPT_INTERVAL_MS:
		o->interval_ms = parse_number(arg);
		break;
	case OPT_TIMES:
		o->times = arg;
		break;
	case OPT_LIMIT:
		o->limit = parse_number(arg);
		break;
	default:
		die("bad option (see --help)");
	}
}

/* Returns the index of the first argument that is not an option. */
int opts_parse(int argc, char **argv, struct opts *o)
{
	int opt;

	memset(o, 0, sizeof(*o));
	o->destinations = 1;
	o->limit = 100000;
	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1)
		take(o, opt, optarg);
	if (o->mapped) {
		if (o->from.set)
			addr_map(&o->from);
		if (o->to.set)
			addr_map(&o->to);
	}
	return optind;
}
