# SPDX-License-Identifier: GPL-2.0-only
"""What Prometheus on port 9090 and Alertmanager on port 9093 say, for the shell:
    prom.py value EXPR                 the values of a query, a line for each
    prom.py wait SECONDS EXPR          waits until a query has a result
    prom.py alert SECONDS NAME WORDS   waits until Alertmanager has an alert with these
                                       words in its texts: its severity and its texts
    prom.py no-alert SECONDS NAME      waits until it has it no more
    prom.py panels DASHBOARD           for each query of a dashboard how many results
                                       it has, its letter, and the panel's title
"""
import http.client
import json
import sys
import time
import urllib.parse


# One for each port: it leaves one TIME_WAIT, however often it asks.
CONNECTIONS = {}


def get(port, path):
    """An answer, as JSON; None while nobody answers."""
    conn = CONNECTIONS.setdefault(
        port, http.client.HTTPConnection("127.0.0.1", port, timeout=60))
    try:
        conn.request("GET", path)
        answer = conn.getresponse()
        text = answer.read()
        return json.loads(text) if answer.status in (200, 400, 422) else None
    except (OSError, http.client.HTTPException):
        conn.close()
        return None


def query(expr):
    """The samples of a query. A wrong one ends the program."""
    answer = get(9090, "/api/v1/query?query=" + urllib.parse.quote(expr, safe=""))
    if answer is None:
        return []
    if answer["status"] != "success":
        sys.exit(f"{expr}: {answer['error']}")
    return answer["data"]["result"]


def alerts(name, words=""):
    """The alerts of a name, with these words, that Alertmanager has."""
    all_of_them = get(9093, "/api/v2/alerts?active=true") or []
    return [alert for alert in all_of_them if alert["labels"]["alertname"] == name and
            any(words in text for text in alert["annotations"].values())]


def wait(seconds, condition):
    """Waits until something is true, and returns that."""
    end = time.monotonic() + float(seconds)
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            sys.exit(f"not within {seconds} s")
        time.sleep(0.5)


def panels(path):
    """Each query of a dashboard, for all hosts."""
    with open(path, encoding="utf-8") as file:
        left = json.load(file)["panels"]
    while left:
        panel = left.pop(0)
        left += panel.get("panels", [])         # of a row
        for target in panel.get("targets", []):
            expr = target["expr"]
            for name, value in (("$instance", ".*"), ("$job", ".*"),
                                ("$__rate_interval", "10s")):
                expr = expr.replace(name, value)
            print(len(query(expr)), target["refId"], panel["title"])


def main(what, *args):
    """Does what is asked for."""
    if what == "value":
        for sample in query(args[0]):
            print(sample["value"][1])
    elif what == "wait":
        wait(args[0], lambda: query(args[1]))
    elif what == "alert":
        for alert in wait(args[0], lambda: alerts(args[1], args[2])):
            print(alert["labels"]["severity"], alert["annotations"]["summary"],
                  alert["annotations"]["description"], sep="\n")
    elif what == "no-alert":
        wait(args[0], lambda: not alerts(args[1]))
    elif what == "panels":
        panels(args[0])
    else:
        sys.exit(__doc__)


main(*sys.argv[1:])
