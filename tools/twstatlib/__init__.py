# SPDX-License-Identifier: GPL-2.0-only
"""What twstat is made of.

errors      what can go wrong, each with an exit status of its own
interface   the one parser of the module's files
sources     where the files are: this namespace, all of them
cgroups     the names of control groups
filters     which rows are wanted
people, who, top, jsonout, metrics    the forms of output
options     the command line
main        brings them together
"""
