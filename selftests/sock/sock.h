/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What tw_traffic and tw_predict share: addresses, numbers, clocks, and making
 * one socket as the options say.
 */
#ifndef SOCK_H
#define SOCK_H

#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdnoreturn.h>
#include <sys/socket.h>
#include <time.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Ends the program with a line that says what is wrong. */
#define die(...) do {						\
	fprintf(stderr, "%s: ", program_invocation_short_name);	\
	fprintf(stderr, __VA_ARGS__);				\
	quit(0);						\
} while (0)

#define die_errno(...) do {					\
	int error = errno;					\
								\
	fprintf(stderr, "%s: ", program_invocation_short_name);	\
	fprintf(stderr, __VA_ARGS__);				\
	quit(error);						\
} while (0)

struct addr {
	union {
		struct sockaddr sa;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	};
	bool set;
};

struct opts {
	struct addr from;		/* local address; port 0: connect() picks it */
	struct addr to;			/* remote address and port */
	struct addr listen;		/* where the own listener binds; default: to */
	const char *dev;		/* SO_BINDTODEVICE of the client */
	bool each_device;		/* @dev is the beginning of its name */
	bool one_port;			/* all sockets have that of @from */
	const char *server_dev;		/* SO_BINDTODEVICE of the own listener */
	const char *times;		/* file that gets the time of each close */
	const char *server_netns;	/* namespace file of the own listener */
	bool mapped;			/* client: IPv4 through an AF_INET6 socket */
	bool mapped_server;		/* own listener: AF_INET6, not v6only */
	bool v6only;
	bool share_port;		/* listeners: SO_REUSEPORT */
	bool mptcp;			/* client: IPPROTO_MPTCP */
	bool early_bind;		/* bind(addr, 0) picks the port */
	bool reuseaddr;
	bool reuseport;
	bool no_timestamps;
	bool server_closes;		/* who closes first gets the TIME_WAIT */
	bool external;			/* somebody else listens */
	bool close_listener;		/* before waiting: a server that died */
	bool forever;
	bool background;
	bool keep;			/* try: leave the connections open */
	unsigned int count;
	unsigned int established;
	unsigned int fin_wait2;
	unsigned int orphans;
	unsigned int half_open;
	unsigned int destinations;
	unsigned int interval_ms;
	unsigned int limit;
	unsigned int last_port;		/* of the client's own port range; 0: none */
};

/* addr.c */
void addr_parse(const char *text, struct addr *a);
void addr_advance(struct addr *a, unsigned int by);
void addr_map(struct addr *a);
void addr_wildcard(struct addr *a);
unsigned int addr_port(const struct addr *a);
void addr_set_port(struct addr *a, unsigned int port);
socklen_t addr_len(const struct addr *a);
bool addr_is_any(const struct addr *a);

/* number.c */
unsigned int parse_number(const char *text);

/* socket.c */
int unbound_socket(const struct opts *o, int family);
int client_socket(const struct opts *o, const struct addr *from,
		  const struct addr *to);
int listener_socket(const struct opts *o, const struct addr *where);
int accept_one(int listener);
void wait_for_eof(int fd);
void raise_fd_limit(void);
void timestamps_off(void);
void timestamps_restore(void);

/* close.c */
void close_first(int first, int second);
void close_second(int fd);
void close_before_stranger(int fd);

/* clock.c */
unsigned long long now_ms(void);
unsigned long long suspended_ms(void);
void nap_ms(unsigned int ms);
void wait_for_turn(unsigned int interval_ms, struct timespec *turn);

/* quit.c */
noreturn void quit(int error);

#endif
