#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# `free` in namespaces with random sockets: reads it, then calls connect() until it fails.
# TW_SEED and TW_ROUNDS choose the rounds. A round that fails says how to repeat it.
#
# kernels: all
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/predict.sh"

the_same_every_time() {
	predict 1 "$(scaled 200 20)"
}

# Rounds that differ from run to run.
something_new() {
	predict "$(date +%j%H%M)" "$(scaled 50 10)"
}

tw_main the_same_every_time something_new
