"""Profiler: times of tasks and of the program's own spans, as a Chrome trace.

Spans of the program (Domain, Task, Frame, Event, Counter, Marker) are collected here, tasks by the
engine.
"""

import json
import os
import threading
import time

from . import _treadle

__all__ = [
    "set_config",
    "set_state",
    "profiler_set_config",
    "profiler_set_state",
    "dump",
    "dump_profile",
    "dumps",
    "pause",
    "resume",
    "Domain",
    "Task",
    "Frame",
    "Event",
    "Counter",
    "Marker",
]

_OPTIONS = (
    "filename",
    "profile_all",
    "profile_symbolic",
    "profile_imperative",
    "profile_memory",
    "profile_api",
    "profile_process",
    "contiguous_dump",
    "continuous_dump",
    "dump_period",
    "aggregate_stats",
    "gpu_memory_profile_filename_prefix",
)

_lock = threading.Lock()
_config = {"filename": "profile.json", "aggregate_stats": False}
_events = []
_running = False
_start = None  # of the engine's times and of those here


def _now():
    return (time.perf_counter() - (_start or 0)) * 1e6


def set_config(**kwargs):
    """What to profile and where to write it: `filename`, `aggregate_stats` and the profile_* of
    MXNet."""
    for key, value in kwargs.items():
        if key not in _OPTIONS:
            raise ValueError(
                "The profiler has no option %r; it has %s." % (key, ", ".join(_OPTIONS))
            )
        _config[key] = value


def profiler_set_config(mode="symbolic", filename="profile.json"):
    """set_config under its first name; `mode` is 'symbolic' or 'all'."""
    if mode not in ("symbolic", "all"):
        raise ValueError("mode is %r; 'symbolic' or 'all' is expected." % (mode,))
    set_config(profile_symbolic=True, profile_imperative=mode == "all", filename=filename)


def set_state(state="stop", profile_process="worker"):
    """'run' starts and 'stop' ends profiling."""
    global _running
    if state not in ("run", "stop"):
        raise ValueError("The state is %r; 'run' or 'stop' is expected." % (state,))
    if state == "stop" and _running:
        _treadle.wait_all()
    _running = state == "run"
    if _running and _start is None:
        _reset()
    _treadle.set_profiling(_running)


profiler_set_state = set_state


def pause(profile_process="worker"):
    """Stops for a while."""
    set_state("stop")


def resume(profile_process="worker"):
    """Goes on after a pause."""
    set_state("run")


def _reset():
    global _start
    with _lock:
        _events.clear()
    _treadle.profile_reset()
    _start = time.perf_counter()
    _treadle.set_profiling(_running)


def _add(event):
    if _running:
        with _lock:
            _events.append(
                {"pid": os.getpid(), "tid": threading.get_ident() & 0xFFFFFFFF, **event}
            )


def _all_events():
    with _lock:
        events = list(_events)
    return events + json.loads(_treadle.profile_trace())["traceEvents"]


def dump(finished=True, profile_process="worker"):
    """Writes what was collected to the configured file, for chrome://tracing or Perfetto."""
    if finished:
        set_state("stop")
    with open(_config["filename"], "w") as file:
        # In one piece: json.dump writes many small ones, ten times as slowly.
        file.write(json.dumps({"traceEvents": _all_events(), "displayTimeUnit": "ms"}))


def dump_profile():
    """dump under its first name."""
    dump(True)


def dumps(reset=False, format="table", sort_by="total", ascending=False):
    """Count and times, in milliseconds, of each name, as text: a table or JSON."""
    columns = {"total": 1, "avg": 4, "min": 2, "max": 3, "count": 0}
    if format not in ("table", "json"):
        raise ValueError("format is %r; 'table' or 'json' is expected." % (format,))
    if sort_by not in columns:
        raise ValueError(
            "sort_by is %r; one of %s is expected." % (sort_by, ", ".join(columns))
        )
    rows = {}
    for event in _all_events():
        if event.get("cat") == "task":
            operator, name = event["args"]["operator"], event["name"]
            key, value = ("", operator), event["dur"] / 1e3
            if name.endswith("::" + operator):  # called by an operator in Python
                key = (str(CUSTOM_OPERATORS), name)
        elif event["ph"] == "X":
            key, value = (event.get("cat", ""), event["name"]), event["dur"] / 1e3
        elif event["ph"] == "C":
            key, value = (event.get("cat", ""), event["name"]), next(iter(event["args"].values()))
        else:
            continue
        count, total, low, high, _ = rows.get(key, (0, 0.0, float("inf"), float("-inf"), 0))
        count, total = count + 1, total + value
        rows[key] = (count, total, min(low, value), max(high, value), total / count)
    order = sorted(rows.items(), key=lambda row: row[1][columns[sort_by]], reverse=not ascending)
    if reset:
        _reset()
    names = ("Count", "Total", "Min", "Max", "Avg")
    if format == "json":
        table = {}
        for (domain, name), values in order:
            table.setdefault(domain or "operator", {})[name] = dict(zip(names, values))
        return json.dumps({"Time": table, "Memory": {}, "Unit": {"Time": "ms"}})
    lines = ["Profile Statistics:"]
    lines.append("%-40s %10s %14s %14s %14s %14s" % ("Name", *names))
    for (domain, name), values in order:
        name = "%s::%s" % (domain, name) if domain else name
        lines.append("%-40s %10d %14.4f %14.4f %14.4f %14.4f" % (name, *values))
    return "\n".join(lines) + "\n"


class Domain:
    """A name that spans, counters and markers belong to."""

    def __init__(self, name):
        self.name = name

    def __str__(self):
        return self.name

    def new_task(self, name):
        return Task(self, name)

    def new_frame(self, name):
        return Frame(self, name)

    def new_counter(self, name, value=None):
        return Counter(self, name, value)

    def new_marker(self, name):
        return Marker(self, name)


# What operators in Python do: each call of theirs, and the operators that they call.
CUSTOM_OPERATORS = Domain("Custom Operator")


class _Span:
    def __init__(self, domain, name):
        self.domain, self.name, self._began = domain, name, None

    def start(self):
        self._began = _now()

    def stop(self):
        if self._began is None:
            return
        began, self._began = self._began, None
        category = str(self.domain) if self.domain is not None else ""
        _add(
            {
                "name": self.name,
                "cat": category,
                "ph": "X",
                "ts": began,
                "dur": _now() - began,
            }
        )

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *error):
        self.stop()

    def __str__(self):
        return self.name


class Task(_Span):
    """A span of work, from start to stop."""


class Frame(_Span):
    """A span of one of many like frames."""


class Event(_Span):
    """A span without a domain."""

    def __init__(self, name):
        super().__init__(None, name)


class Counter:
    """A number over time."""

    def __init__(self, domain, name, value=None):
        self.domain, self.name, self.value = domain, name, 0
        if value is not None:
            self.set_value(value)

    def set_value(self, value):
        self.value = value
        _add(
            {
                "name": self.name,
                "cat": str(self.domain),
                "ph": "C",
                "ts": _now(),
                "args": {self.name: value},
            }
        )

    def increment(self, delta=1):
        self.set_value(self.value + delta)

    def decrement(self, delta=1):
        self.set_value(self.value - delta)

    def __iadd__(self, delta):
        self.increment(delta)
        return self

    def __isub__(self, delta):
        self.decrement(delta)
        return self

    def __str__(self):
        return self.name


class Marker:
    """A moment."""

    def __init__(self, domain, name):
        self.domain, self.name = domain, name

    def mark(self, scope="process"):
        scopes = {"global": "g", "process": "p", "thread": "t", "task": "t", "marker": "t"}
        if scope not in scopes:
            raise ValueError("scope is %r; one of %s is expected." % (scope, ", ".join(scopes)))
        _add(
            {
                "name": self.name,
                "cat": str(self.domain),
                "ph": "i",
                "ts": _now(),
                "s": scopes[scope],
            }
        )
