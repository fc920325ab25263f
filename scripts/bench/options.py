"""The options of scripts/benchmark."""
import argparse
import difflib
import os
import sys

import plan


class Parser(argparse.ArgumentParser):
    """A mistake is one sentence and exit 2."""

    def error(self, message):
        sys.stderr.write(f"tripoint: {message}\n")
        sys.exit(2)


def names(known, what):
    def parse(value):
        found = value.split(",")
        for name in found:
            if name not in known:
                near = difflib.get_close_matches(name, known, 3) or known
                raise argparse.ArgumentTypeError(f"there is no {what} {name!r}; there is {', '.join(near)}")
        return found

    return parse


def _numbers(value):
    return [count(word) for word in value.split(",")]


def count(value):
    if not value.isascii() or not value.isdigit() or not 0 < int(value) < 2**31:
        raise argparse.ArgumentTypeError(f"{value!r} is no whole number above 0")
    return int(value)


def _result_file(value):
    folder = os.path.dirname(os.path.abspath(value))
    if not os.path.isdir(folder) or os.path.isdir(value):
        raise argparse.ArgumentTypeError(f"{value!r} cannot be written: {'it is a folder' if os.path.isdir(value) else folder + ' is no folder'}")
    return os.path.abspath(value)


def parse(arguments):
    parser = Parser(prog="scripts/benchmark", allow_abbrev=False, description=(
        "Times losses, miners and measures on Java, on Python through torch.ops and, with --peers, in the Python libraries that they follow, "
        "each against the bare matrix product of the same size. docs/performance.md says how."))
    add = parser.add_argument
    add("--quick", action="store_true", help="without N = 32768")
    add("--json", metavar="FILE", type=_result_file, help="write the rows there as JSON")
    add("--peers", metavar="PYTHON", nargs="?", const="", help="measure the other libraries too: those of this Python (default: python3), and DJL, which Maven brings")
    add("--cases", metavar="A,B", type=names(plan.CASES, "case"), help="only these: " + ", ".join(plan.CASES))
    add("--data", metavar="A,B", type=names(plan.DATA, "data"), help="only these: " + ", ".join(plan.DATA))
    add("--sizes", metavar="N,N", type=_numbers, help="these N in place of the usual ones; top_k and call_overhead keep theirs")
    add("--dims", metavar="D,D", type=_numbers, help="only these D of 128, 512 and, for trained data, 64")
    add("--rounds", metavar="N", type=count, default=21, help="rounds of a case and its product by turns (default: 21; 3 where a call takes over 2 s)")
    add("--impl", metavar="A,B", type=names(list(plan.SIDES), "implementation"), help="only these: java, python, cpp")
    add("--threads", metavar="N", type=count, default=len(os.sched_getaffinity(0)), help="threads of every side (default: all cores)")
    add("--call-limit", metavar="S", type=count, default=20, help="seconds that one call may take (default: 20)")
    return parser.parse_args(arguments)
