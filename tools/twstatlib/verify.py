# SPDX-License-Identifier: GPL-2.0-only
"""twstat --verify: compares what the module says with what connect() and bind() do on the
kernel at hand."""
import os
import time

from . import jsonout, sources, verify_bind, verify_devices, verify_failures, verify_ports, \
    verify_reuse, verify_run
from .errors import NotAllowed, NotProven, RulesDiffer
from .verify_run import LEFT_OUT, NO_SUCH_RULE, RIGHT, WRONG
from .verify_ground import MAY_BE_LEFT_OUT

CASES = verify_ports.CASES + verify_reuse.CASES + verify_devices.CASES + \
    verify_bind.CASES + verify_failures.CASES
ALONE = verify_reuse.ALONE

_MODULE = "/sys/module/tw_summary/"
_PARAMETER = _MODULE + "parameters/rules_verified"
VERIFIED, NOT_VERIFIED = "verified", "not verified"


def _text_of(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read().strip()
    except OSError:
        return "?"


def is_root_of_the_machine():
    """Root in the initial user namespace: what he finds counts for everybody."""
    return os.geteuid() == 0 and _text_of("/proc/self/uid_map").split() == [
        "0", "0", "4294967295"]


def verdict_of(results):
    """VERIFIED, WRONG, or NOT_VERIFIED."""
    if any(one.verdict == WRONG for one in results):
        return WRONG
    if any(one.verdict == LEFT_OUT and one.kind not in MAY_BE_LEFT_OUT for one in results):
        return NOT_VERIFIED
    return VERIFIED if any(one.verdict == RIGHT for one in results) else NOT_VERIFIED


def _line(result):
    if result.verdict == RIGHT:
        said = ", ".join(str(one.found) for one in result.numbers)
        return f"right     {result.name}: {said}"
    if result.verdict == WRONG:
        one = result.differing()[0]
        return (f"WRONG     {result.name}: {one.what}: the module says {one.said}, "
                f"and it is {one.found}")
    why = result.why.strip().splitlines()[-1]
    return f"left out  {result.name}: {why}"


def _summary(results, release):
    """The last line."""
    counted = [one for one in results if one.verdict != NO_SUCH_RULE]
    right = sum(one.verdict == RIGHT for one in counted)
    verdict = verdict_of(results)
    left = sorted({one.kind or one.name for one in counted if one.verdict == LEFT_OUT})
    line = f"{verdict} on {release}: {right} of {len(counted)}"
    if verdict == WRONG:
        line = f"wrong on {release}: " + "; ".join(
            one.name for one in counted if one.verdict == WRONG)
    return line + (f"; left out: {', '.join(left)}" if left else "")


def _report(results):
    """What to tell the authors."""
    lines = ["This kernel's rules differ from those that the module knows. Please report it",
             "with this text:", "", _text_of("/proc/version"),
             f"tw_summary {_text_of(_MODULE + 'version')} "
             f"{_text_of(_MODULE + 'srcversion')}"]
    for result in results:
        if result.verdict != WRONG:
            continue
        lines += ["", _line(result)]
        lines += [f"    {one.what}: {one.said}, {one.found}" for one in result.numbers]
        for text in result.texts.values():
            lines += ["    " + line for line in text.splitlines()]
    return lines


def _tell_module(verdict):
    """Sets the parameter; what it is set to, or None."""
    value = {VERIFIED: "Y", WRONG: "N"}.get(verdict)
    if value is None or not is_root_of_the_machine():
        return None
    try:
        with open(_PARAMETER, "w", encoding="ascii") as file:
            file.write(value)
    except OSError:
        return None     # an older module, or /sys cannot be written to
    return value


def _document(results, release, parameter, seconds):
    cases = []
    for one in results:
        case = {"name": one.name, "result": one.verdict}
        if one.numbers:
            case["numbers"] = [numbers._asdict() for numbers in one.numbers]
        if one.why:
            case["why"] = one.why
        cases.append(case)
    return {"kernel": release, "verdict": verdict_of(results), "cases": cases,
            "rules_verified": parameter, "seconds": round(seconds, 1)}


def _any_namespace(world):
    world.compare("namespaces", 1, 1)


def _check_rights():
    """Root of a container may do it as well, if it may make namespaces."""
    if os.geteuid():
        raise NotAllowed("--verify", "run")
    for result in verify_run.run((("a namespace", _any_namespace),), ()):
        if result.verdict == LEFT_OUT:
            raise NotProven(f"a network namespace cannot be made: {result.why}")


def run(options, out):
    """Raises what is wrong as a Failure, after all was printed."""
    header = sources.read(sources.path_of(sources.SUMMARY), sources.SUMMARY).header
    if options.if_untested and header.get("rules") != "untested":
        print(f"nothing to do: rules={header.get('rules')}", file=out)
        return
    _check_rights()
    release, begun, results = os.uname().release, time.monotonic(), []
    for result in verify_run.run(CASES, ALONE):
        results.append(result)
        if not options.json and result.verdict != NO_SUCH_RULE:
            print(_line(result), file=out, flush=True)
    parameter = _tell_module(verdict_of(results))
    if options.json:
        print(jsonout.dump(_document(results, release, parameter,
                                     time.monotonic() - begun)), file=out)
    else:
        print(_summary(results, release), file=out)
    _end(results, options, out)


def _end(results, options, out):
    verdict = verdict_of(results)
    if verdict == WRONG:
        if not options.json:
            print("\n".join([""] + _report(results)), file=out)
        raise RulesDiffer("this kernel's rules differ from those that the module knows")
    if verdict == NOT_VERIFIED:
        raise NotProven("not all that must be tried could be tried")
