# SPDX-License-Identifier: GPL-2.0-only
"""Debian's headless Chromium, by its DevTools protocol over a pipe: JSON texts with a zero
byte behind each (chromium's content/public/common/content_switches.cc,
--remote-debugging-pipe). It needs no driver and no port."""
import base64
import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import time

PROGRAM = "chromium-headless-shell"
_PATIENCE = 120         # seconds that an answer may take on a busy machine


def program():
    """Its path, None if it is not installed."""
    return shutil.which(PROGRAM)


class Browser:
    """One page. `events` are all that it has told of itself."""

    def __init__(self, profile):
        to_it, self._to = os.pipe()
        self._from, from_it = os.pipe()
        self._process = subprocess.Popen(
            [program(), "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             "--remote-debugging-pipe", "--no-first-run", f"--user-data-dir={profile}",
             "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            pass_fds=(3, 4), start_new_session=True,
            preexec_fn=lambda: self._move(to_it, from_it))
        os.close(to_it)
        os.close(from_it)
        self._rest = b""
        self._number = 0
        self._session = None
        self.events = []
        target = next(each for each in self.ask("Target.getTargets")["targetInfos"]
                      if each["type"] == "page")
        self._session = self.ask("Target.attachToTarget", targetId=target["targetId"],
                                 flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "DOM"):
            self.ask(f"{domain}.enable")

    @staticmethod
    def _move(to_it, from_it):
        """In the child: where it looks for them."""
        for fd, place in ((os.dup(to_it), 3), (os.dup(from_it), 4)):
            os.dup2(fd, place)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # With all the processes that it has begun, which write to the profile.
        self._session = None
        with contextlib.suppress(OSError, RuntimeError, EOFError,
                                 subprocess.SubprocessError):
            self.ask("Browser.close")
            self._process.wait(_PATIENCE)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        os.close(self._to)
        os.close(self._from)

    def _message(self, until):
        while b"\0" not in self._rest:
            if not select.select([self._from], [], [], max(until - time.monotonic(), 0))[0]:
                raise TimeoutError(f"{PROGRAM} does not answer")
            more = os.read(self._from, 1 << 16)
            if not more:
                raise EOFError(f"{PROGRAM} has ended")
            self._rest += more
        message, _, self._rest = self._rest.partition(b"\0")
        return json.loads(message)

    def ask(self, method, **params):
        """Sends a command, and returns its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + _PATIENCE
        while True:
            answer = self._message(until)
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def open(self, path):
        """Shows a file, and waits until it is there."""
        self.ask("Page.navigate", url=f"file://{path}")
        until = time.monotonic() + _PATIENCE
        while not self.heard("Page.loadEventFired"):
            self.events.append(self._message(until))

    def heard(self, method):
        """The events of this kind."""
        return [event["params"] for event in self.events if event.get("method") == method]

    def value(self, script):
        """What an expression is in the page."""
        result = self.ask("Runtime.evaluate", expression=script, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(f"{script}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def looks(self, width, height=800, scheme="light", media="screen"):
        """The size of the window, and what the page shall be for."""
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height,
                 deviceScaleFactor=1, mobile=width < 600)
        self.ask("Emulation.setEmulatedMedia", media=media,
                 features=[{"name": "prefers-color-scheme", "value": scheme}])

    def picture(self, path):
        """The whole page as PNG."""
        data = self.ask("Page.captureScreenshot", captureBeyondViewport=True)["data"]
        _write(path, data)

    def paper(self, path):
        """The whole page as PDF, on A4."""
        _write(path, self.ask("Page.printToPDF", printBackground=False, paperWidth=8.27,
                              paperHeight=11.69, preferCSSPageSize=True)["data"])


def _write(path, data):
    with open(path, "wb") as file:
        file.write(base64.b64decode(data))
