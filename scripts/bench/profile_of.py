"""What share of a profile falls on which function."""
import re
from collections import Counter

LINE = re.compile(r"^\s*([\d.]+)%\s+\[[.k]\]\s+(.+?)\s*$")
# What a name has beside the function itself; lambdas count for the function that they are in.
SPACES = re.compile(r"tripoint::(\w+::)*|\(anonymous namespace\)::|avx2::|avx512::|portable::")


def bare(symbol):
    """A function's name without namespaces, template arguments and parameters: "Scan::tile" of "ns::Scan<float>::tile(int)"."""
    name = SPACES.sub("", symbol)
    if name.startswith("FunctionRef<"):  # a loop that was handed to another thread: named by where it was written
        inside = re.search(r"FunctionRef<(?!void)([^(]+?)\(", name)
        name = inside[1] if inside else name
    while "<" in name:
        shorter = re.sub(r"<[^<>]*>", "", name)
        if shorter == name:
            break
        name = shorter
    return name.split("(")[0].strip().split(" ")[-1].strip(":")


def shares(report):
    """(function, percent) from perf's report, largest first; what has one bare name is one."""
    found = Counter()
    for line in report.splitlines():
        match = LINE.match(line)
        if match:
            found[bare(match[2])] += float(match[1])
    return found.most_common()
