/* SPDX-License-Identifier: GPL-2.0-only */
/* The parts of tw_traffic: its options, and its subcommands. */
#ifndef TRAFFIC_H
#define TRAFFIC_H

#include "../sock/sock.h"

/* opts.c */
int opts_parse(int argc, char **argv, struct opts *o);

/* wait.c */
void become_background(const struct opts *o);
void stay(const struct opts *o);

/* The subcommands: each gets its own arguments, argv[0] is its name. */
int cmd_pairs(int argc, char **argv);
int cmd_serve(int argc, char **argv);
int cmd_try(int argc, char **argv);
int cmd_dial(int argc, char **argv);
int cmd_connect(int argc, char **argv);
int cmd_poll(int argc, char **argv);
int cmd_bind(int argc, char **argv);
int cmd_hold(int argc, char **argv);
int cmd_selfconnect(int argc, char **argv);
int cmd_read(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_expect(int argc, char **argv);
int cmd_now(int argc, char **argv);
int cmd_suspended(int argc, char **argv);

#endif
