# SPDX-License-Identifier: GPL-2.0-only
"""The version. dkms.conf has the only one; installing writes it into a file here."""
import os
import re

_HERE = os.path.dirname(os.path.abspath(__file__))


def _read():
    try:
        with open(os.path.join(_HERE, "VERSION"), encoding="ascii") as file:
            return file.read().strip()
    except FileNotFoundError:
        pass
    with open(os.path.join(_HERE, "..", "..", "dkms.conf"), encoding="utf-8") as file:
        return re.search(r'^PACKAGE_VERSION="(.*)"$', file.read(), re.M).group(1)


VERSION = _read()
