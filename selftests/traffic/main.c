// SPDX-License-Identifier: GPL-2.0-only
/*
 * tw_traffic: makes TCP sockets in the states that tw_summary counts.
 * One program without libraries, so that it runs in any guest.
 */
#include <stdio.h>
#include <string.h>

#include "traffic.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "pairs", cmd_pairs },
	{ "serve", cmd_serve },
	{ "try", cmd_try },
	{ "dial", cmd_dial },
	{ "connect", cmd_connect },
	{ "bind", cmd_bind },
	{ "hold", cmd_hold },
	{ "selfconnect", cmd_selfconnect },
	{ "read", cmd_read },
	{ "poll", cmd_poll },
	{ "run", cmd_run },
	{ "now", cmd_now },
	{ "suspended", cmd_suspended },
	{ "expect", cmd_expect },
};

static const char help[] =
"usage: tw_traffic COMMAND [OPTIONS]\n"
"\n"
"ADDR is 10.0.0.1, fe80::1%dev; with a port 10.0.0.1:80, [fe80::1%dev]:80.\n"
"\n"
"pairs --to ADDR:PORT   connect, accept and close, both ends in this program\n"
"  --count N            closed connections per destination (default 0)\n"
"  --destinations N     that many addresses, counted up from --to (default 1)\n"
"  --interval-ms N      start a connection every N ms of the clock\n"
"  --times FILE         write when each close began and ended: ms since boot\n"
"  --server-closes      the accepted end closes first and gets the TIME_WAIT;\n"
"                       clients use one port after the other from 10000 on\n"
"  --keep N             then N per destination that stay established\n"
"  --fin-wait2 N        then N half-closed ones: FIN_WAIT2 and CLOSE_WAIT\n"
"  --orphans N          then N closed ones whose peer does not close: FIN_WAIT2\n"
"                       as a timewait socket (net.ipv4.tcp_fin_timeout <= 60)\n"
"  --half-open N        then N that the listener knows as request sockets only\n"
"  --forever            go on with --count until killed; no free port: wait\n"
"  --external           somebody else listens (and closes when we do)\n"
"  --listen ADDR:PORT   where the own listener binds (default --to, or the\n"
"                       wildcard address if there are several destinations)\n"
"  --server-dev DEV     bind the own listener to a device\n"
"  --server-netns FILE  make the own listener in that network namespace\n"
"  --mapped-server      an AF_INET6 listener for IPv4\n"
"  --close-listener     close the listener before waiting: a server that died\n"
"serve ADDR PORT        accept, and close when the client does, until killed\n"
"  --server-closes      close first instead\n"
"  --v6only, --server-dev DEV, --mapped-server\n"
"try --to ADDR:PORT     connect until EADDRNOTAVAIL; prints how many worked\n"
"  --limit N            stop after N (default 100000)\n"
"  --keep-open          stay with the connections open; else they are reset\n"
"dial --to ADDR:PORT    for each number on standard input: hold so many\n"
"                       connections, and say so; too many ones are reset\n"
"connect --to ADDR:PORT  call connect() --count times (and for --destinations N\n"
"                       addresses) and tell how they ended: ERRNO-NAME NUMBER\n"
"bind --from ADDR       bind(ADDR, port 0) until EADDRINUSE; prints how many worked\n"
"  --keep N             stay with N of them; the others are closed\n"
"hold KIND              one of: bind, listen, share, udp, syn-sent; --count N of\n"
"                       them (ports counted up from --from; or for syn-sent --to;\n"
"                       share: listeners, all on one port)\n"
"  --each-device        bind, syn-sent: on the devices DEV0, DEV1, ... of --dev DEV\n"
"  --one-port           bind: do not count the port up\n"
"  --destinations N     bind: on N addresses in turn, counted up from --from\n"
"selfconnect --from ADDR:PORT  --count N sockets that connect to themselves and\n"
"                       close, ports counted up; --destinations N addresses\n"
"read FILE              read a file in pieces and print it\n"
"  --chunk N            size of a piece (default 65536)\n"
"  --pread              by pread() at growing offsets\n"
"  --stop-after N       after N bytes run --command CMD, then go on\n"
"  --recheck            then the same once more, backwards; it must be equal\n"
"  --again              then from offset 0 again, after a line \"=== again\"\n"
"poll FILE              wait for EPOLLPRI, as lines on standard input say:\n"
"                       wait, now, read (see traffic/poll.c)\n"
"  --files N            open FILE N times\n"
"  --epoll, --edge      by epoll, level or edge triggered\n"
"expect                 the rows and sums that the table must show, from\n"
"                       /proc/net/tcp and tcp6; --ss: from the lines of\n"
"                       `ss -Htan` on standard input\n"
"now                    milliseconds since boot\n"
"suspended              for how many of these the machine was suspended\n"
"run [--uid N] [--userns] CMD ARGS  run a command as that user, in a user and\n"
"                       network namespace of its own\n"
"  --fifo               with SCHED_FIFO: no ordinary process runs on its processor\n"
"                       until it waits\n"
"\n"
"Clients (pairs, try, dial, connect, bind, hold):\n"
"  --from ADDR[:PORT]   local address; without a port connect() picks one\n"
"  --early-bind         bind() picks the port, not connect()\n"
"  --last-port N        the socket has a port range of its own, up to N (Linux 6.3)\n"
"  --dev DEV            SO_BINDTODEVICE\n"
"  --mapped             IPv4 through an AF_INET6 socket\n"
"  --mptcp              an IPPROTO_MPTCP socket\n"
"  --reuseaddr, --reuseport, --v6only\n"
"  --no-timestamps      net.ipv4.tcp_timestamps=0 while the sockets are made\n"
"--background           go on as a background process once all is made, and\n"
"                       print its process id; else wait in the foreground if\n"
"                       there is something to keep\n";

int main(int argc, char **argv)
{
	size_t i;

	if (argc < 2 || !strcmp(argv[1], "--help")) {
		fputs(help, argc < 2 ? stderr : stdout);
		return argc < 2 ? 2 : 0;
	}
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	fprintf(stderr, "tw_traffic: unknown command %s (see --help)\n", argv[1]);
	return 2;
}
