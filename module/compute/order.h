/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_ORDER_H
#define TWS_ORDER_H

struct list_head;
struct tws_breath;
struct tws_row;

int tws_row_cmp(const struct tws_row *a, const struct tws_row *b);
void tws_rows_sort(struct list_head *rows, struct tws_breath *breath);

#endif /* TWS_ORDER_H */
