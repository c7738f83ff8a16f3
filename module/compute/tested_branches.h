/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The branches that `make check` tests the prediction on, the oldest first: elements of
 * an array. The harness and `make help` read them here, and `make check` compares the
 * documents with them.
 */
KERNEL_VERSION(5, 10, 0),
KERNEL_VERSION(6, 1, 0),
KERNEL_VERSION(6, 12, 0),
KERNEL_VERSION(7, 2, 0),
KERNEL_VERSION(7, 3, 0),
