# SPDX-License-Identifier: GPL-2.0-only
"""What twstat is made of.

errors      what can go wrong, each with an exit status of its own
interface   the one parser of the module's files
sources     where the files are: this namespace, all of them
ranking     of all namespaces, those that the metrics read
cgroups     the names of control groups, the containers and pods that they are of
filters     which rows are wanted: the grammar
conditions  and what each of its words compares
order       --sort
layout      the columns of a table
rows        what several forms of output ask of a row
clock       when a snapshot was taken
ports       sets of ports, and which ones servers have
outlook     the use that the present rate of closing leads to
named       which destinations the metrics name
settings    the settings of the namespace, and a wider range
people, who, top, jsonout, metrics, advise    the forms of output
options     the command line
main        brings them together
"""
