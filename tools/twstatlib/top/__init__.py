# SPDX-License-Identifier: GPL-2.0-only
"""twstat --top, a live view.

terminal    the screen and the keys; run() is all that the rest of twstat calls
view        the state: what has been read, what is chosen, and what keys do
draw        the lines of the view
columns     the table of destinations
programs    the programs of a destination
fitter      how wide the columns of a table are
graph       bars and lines of history
orders      what the rows are sorted by
prompt      the filter that is typed
scroll      a list that is longer than the screen
screentext  text in cells of the screen
"""
