"""A Python side of scripts/benchmark: worker.py IMPL DATA ROUNDS THREADS LIBRARY reads "CASE DATA N D" a line and answers in JSON.

What takes turns with what, how often and how long is as in src/jmh/java/dev/tripoint/bench/side/Rounds.java.
"""
import ctypes
import gc
import importlib
import json
import math
import os
import sys
import time

import numpy as np
import torch

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from peers import products  # noqa: E402

MODULES = {"tripoint-python": "ours", "torch": "plain", "pytorch-metric-learning": "pml", "online-triplet-loss": "online",
           "sentence-transformers": "st", "faiss": "flat"}
SLOW_MS, ROUNDS_OF_SLOW, WARM_MS, ROUND_MS, MEMORY_CALLS = 2000, 3, 1000, 10, 3
MALLOC_TRIM = ctypes.CDLL(None).malloc_trim


class Inputs:
    """The arrays of one set of data."""

    def __init__(self, folder, data, n, d):
        self._start = f"{folder}/{data}-{n}-{d}-"

    def __getattr__(self, what):
        return torch.from_numpy(np.load(f"{self._start}{what}.npy"))


def say(**members):
    print(json.dumps(members), flush=True)


def timed(work, repeats):
    start = time.perf_counter_ns()
    for _ in range(repeats):
        work()
    return (time.perf_counter_ns() - start) / 1e6 / repeats


def warm(work, what):
    total = 0
    while True:
        say(next=what)
        last = timed(work, 1)
        total += last
        if total >= WARM_MS:
            return last


def alternate(work, held, rounds):
    call, other = warm(work, "call"), warm(held, "other")
    if max(call, other) > SLOW_MS:
        rounds = min(rounds, ROUNDS_OF_SLOW)
    ms, held_ms = [], []
    for _ in range(rounds):
        for times, each, last, what in ((ms, work, call, "call"), (held_ms, held, other, "other")):
            say(next=what)
            times.append(timed(each, min(max(math.ceil(ROUND_MS / last), 1), 10_000)))
    return ms, held_ms


def status(name):
    with open("/proc/self/status", encoding="ascii") as file:
        return next(int(line.split()[1]) << 10 for line in file if line.startswith(name))


def rise(work):
    say(next="call")
    MALLOC_TRIM(0)  # what malloc kept from the call before would hide as much of this one's memory
    with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
        file.write("5")
    before = status("VmRSS:")
    results = sum(t.nbytes for t in work())
    return max(0, status("VmHWM:") - before - results) / 2**20


def measure(module, case, inputs, rounds):
    say(next="other")
    if case == "mm_out":
        work = products.product(inputs.embeddings)
        held = ("mm_out", work)
    else:
        work = module.CASES[case](inputs)
        held = products.held(case, inputs)
    gc.collect()
    ms, held_ms = alternate(work, held[1], rounds)
    slow = len(ms) < MEMORY_CALLS or ms[0] > SLOW_MS
    rises = sorted(rise(work) for _ in range(1 if slow else MEMORY_CALLS))
    say(held=held[0], ms=ms, held_ms=held_ms, peak_mib=rises[len(rises) // 2])


def main(impl, folder, rounds, threads, library):
    torch.set_num_threads(int(threads))
    if impl == "tripoint-python":
        torch.ops.load_library(library)
    module = importlib.import_module(f"peers.{MODULES[impl]}")
    say(torch=torch.__version__, version=module.VERSION, threads=torch.get_num_threads())
    for line in sys.stdin:
        case, data, n, d = line.split()
        try:
            measure(module, case, Inputs(folder, data, n, d), int(rounds))
        except (RuntimeError, MemoryError, ValueError) as e:
            say(failed=(str(e) or type(e).__name__).strip().splitlines()[0][:300])


if __name__ == "__main__":
    main(*sys.argv[1:])
