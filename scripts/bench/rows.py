"""From the times of the rounds to a row of the result."""
import json
import os
import re
import statistics
import tempfile

ALLOCATION = re.compile(r"you tried to allocate (\d+) bytes|Unable to allocate ([\d.]+ .iB)")


def quartiles(values):
    """First quartile, median, third; values between two are interpolated."""
    ordered = sorted(values)

    def at(share):
        place = share * (len(ordered) - 1)
        low = int(place)
        high = min(low + 1, len(ordered) - 1)
        return ordered[low] + (ordered[high] - ordered[low]) * (place - low)

    return at(0.25), statistics.median(ordered), at(0.75)


def sentence(why):
    """Why something failed, with LibTorch's and NumPy's ways to say that memory ran out as one."""
    asked = ALLOCATION.search(why)
    if asked:
        return "out of memory: it asked for " + (asked[2] or f"{int(asked[1]) / 2**30:.1f} GiB more")
    return "out of memory" if "bad_alloc" in why else why


def row(cell, impl, answer):
    """The row of an answer: ms and spread (the range between the quartiles) of the calls, and the ratios of the rounds."""
    found = {"case": cell.case, "impl": impl, "data": cell.data, "n": cell.n, "d": cell.d}
    if "failed" in answer:
        return {**found, "failed": sentence(answer["failed"])}
    low, middle, high = quartiles(answer["ms"])
    found.update(ms=middle, spread=high - low, ratio=None, ratio_q1=None, ratio_q3=None, peak_mib=answer.get("peak_mib"), rounds=len(answer["ms"]))
    if "held_ms" in answer:
        low, middle, high = quartiles([a / b for a, b in zip(answer["ms"], answer["held_ms"])])
        found.update(ratio=middle, ratio_q1=low, ratio_q3=high, held=answer["held"], held_ms=quartiles(answer["held_ms"])[1])
    return found


def text(found):
    """A row for people."""
    start = "%-19s %-23s %-9s %6d %4d" % tuple(found[k] for k in ("case", "impl", "data", "n", "d"))
    if "failed" in found:
        return f"{start}  {found['failed']}"
    ratio = "" if found["ratio"] is None else "%8.2f  (%.2f to %.2f)" % (found["ratio"], found["ratio_q1"], found["ratio_q3"])
    memory = "" if found["peak_mib"] is None else "%10.1f MiB" % found["peak_mib"]
    return "%s %12.3f ms ±%-9.3f %-27s%s" % (start, found["ms"], found["spread"] / 2, ratio, memory)


def write(path, machine, rows):
    """The whole file or none."""
    handle, beside = tempfile.mkstemp(dir=os.path.dirname(os.path.abspath(path)), prefix=".benchmark-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({"machine": machine, "rows": rows}, file, indent=1, ensure_ascii=False)
            file.write("\n")
        os.chmod(beside, 0o644)
        os.replace(beside, path)
    except BaseException:
        os.unlink(beside)
        raise
