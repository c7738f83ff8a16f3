/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tw_predict: random sockets in a namespace, then what the tables say is free
 * against what connect() or bind() finds. What a round does follows from its seed alone.
 */
#ifndef PREDICT_H
#define PREDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "../sock/sock.h"

/* Who connects to whom. */
struct pair {
	const char *local;
	const char *remote;	/* with port */
	const char *dev;
	bool mapped;
	bool silent;		/* nobody answers: SYN_SENT is all there is */
	bool needs_devices;
	bool needs_ipv6;
};

struct world {
	unsigned int low, high;		/* net.ipv4.ip_local_port_range */
	bool devices, ipv6;		/* made */
	unsigned long long made_ms;	/* since boot */
};

extern struct world world;
extern const struct pair pairs[];
extern const unsigned int n_pairs;

/* random.c */
void random_seed(unsigned long long seed);
unsigned int below(unsigned int n);
bool one_in(unsigned int n);
const struct pair *random_pair(void);

/* story.c: what the round has done, for whoever has to understand it */
void story_begin(void);
#define story(...)	story_add(snprintf(story_end(), story_room(), __VA_ARGS__))
char *story_end(void);
size_t story_room(void);
void story_add(int n);
void story_print(void);

/* world.c */
void world_begin(void);
void write_file(const char *path, const char *text);
bool write_setting(const char *name, const char *text);
bool write_number(const char *name, unsigned int n);
void set_range(unsigned int low, unsigned int high);

/* sockets.c */
struct how {
	bool reuseaddr;
	bool reuseport;
	bool bind;		/* bind() picks the port, or takes @port */
	bool any;		/* of every address */
	unsigned int port;
};

void listeners_begin(void);
int pair_socket(const struct pair *p, const struct how *how);
bool pair_connect(const struct pair *p, int client);
int pair_accept(const struct pair *p);
void acknowledge(int fd);
void reset(int fd);

/* actions.c */
void act(void);
void listeners_somewhere(void);
void keep(int client, int server);
void let_go_of_all(void);

/* clock.c: TIME_WAITs whose time comes between read and connect */
void closed_between(unsigned long long from_ms, unsigned long long to_ms);
void closed_forget(void);
unsigned int ripening(unsigned long long from_ms, unsigned long long to_ms);

/* table.c: what the table says */
struct told {
	bool row;
	unsigned int free;	/* of the row */
	unsigned int reuse_if;	/* likewise */
	unsigned int usable;	/* of the header */
};

void table_read(const struct pair *p, struct told *told);
void table_check_cache(void);
void table_print(void);

/* A namespace older than this may lose TIME_WAITs while we look. */
#define TOO_OLD_MS 50000

/* check.c, binds.c */
enum verdict {
	RIGHT,
	RIGHT_BUT_FOR_TIME,	/* some TIME_WAITs came of age meanwhile */
	WRONG,
	NOT_TOLD,		/* no row: nothing to compare with */
	TOO_SLOW,		/* TIME_WAITs may end while we look */
};

enum verdict check_pair(const struct pair *p);
enum verdict check_binds(const struct pair *p);
void sources_print(void);

#endif
