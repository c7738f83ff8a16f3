# SPDX-License-Identifier: GPL-2.0-only
"""Text as the module prints it, for the tests to begin with."""
import os

_TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def _quoted(path, command):
    """What a document shows below a command, as it is there."""
    lines, found = [], False
    with open(os.path.join(_TOP, path), encoding="utf-8") as file:
        for line in file:
            line = line.rstrip("\n")
            if found and (line.startswith("```") or not line.strip()):
                break
            if found:
                lines.append(line.strip())
            found = found or line.strip() == command
    return "\n".join(lines) + "\n"


def readme():
    """The table that README.md shows: it is real output."""
    return _quoted("README.md", "$ cat /proc/net/tw_summary")


def callers():
    """The callers that docs/usage.md shows."""
    return _quoted("docs/usage.md", "# cat /proc/net/tw_callers")


COLUMNS = ("dir level free used use% tw fw2 estab syn cwait other reuse reuse_if close/s "
           "next eta fail fail_last clash local remote").split()


def table(rows, **header):
    """A table with these rows, each a dict; what it does not say is 0, `ok`, or `-`. A row
    may have columns that are not among COLUMNS."""
    new = {name: None for row in rows for name in row if name not in COLUMNS}
    columns = [*COLUMNS[:-2], *new, *COLUMNS[-2:]]
    keys = dict(version=1, netns=4026531840, complete="yes", rules="tested",
                range="32768-60999", tried=28232, reserved=0, bound=0, usable=28232,
                tw_reuse=2, timewait=0, fin_wait2=0, established=0, syn_sent=0,
                close_wait=0, other=0, hidden_min=0, hidden_sockets=0, level="ok",
                fails=0, fails_last="-", bind_fails=0, bind_fails_last="-", clashes=0,
                clashes_last="-", walk_us=100)
    keys.update(header)
    lines = ["# tw_summary " + " ".join(f"{key}={value}" for key, value in keys.items()),
             " ".join(columns)]
    for row in rows:
        fields = dict.fromkeys(columns, "0")
        fields.update({"dir": "out", "level": "ok", "use%": "0.0", "close/s": "0.0",
                       "next": "-", "eta": "-", "fail_last": "-", "local": "10.0.0.1",
                       "remote": "10.0.9.1:443"})
        fields.update({key: str(value) for key, value in row.items()})
        lines.append(" ".join(fields[name] for name in columns))
    return "\n".join(lines) + "\n"
