// SPDX-License-Identifier: GPL-2.0-only
/* How the program ends with an error. */
#include <stdlib.h>
#include <string.h>

#include "sock.h"

void quit(int error)
{
	timestamps_restore();
	if (error)
		fprintf(stderr, ": %s", strerror(error));
	fputc('\n', stderr);
	exit(2);
}
