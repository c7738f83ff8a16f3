# SPDX-License-Identifier: GPL-2.0-only
"""twstat --report: what was recorded, as one page of HTML for a ticket.

incidents   what the page is about, from the record
programs    who failed, and who called most
remedies    what --advise says of the worst moment
stack       where the ports of a destination were
series      a bounded number of moments, the worst among them
axis        marks and words for times and numbers
markup      HTML and SVG in which every text is escaped
chart       the drawing of a destination
place       where a word has room in a drawing
tables      numbers, programs, remedies and levels as text
page        all of it together
style       how it looks: wide, narrow, dark, on paper
"""
