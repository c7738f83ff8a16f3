# SPDX-License-Identifier: GPL-2.0-only
"""What it was like at some time: `twstat --record` writes it down, --history, --at and
--report read it.

schema      the tables of the file, and what a field in them means
machine     whose record it is
read        what was recorded, as the tables of /proc/net have it
episodes    from when to when a destination was in trouble
"""
