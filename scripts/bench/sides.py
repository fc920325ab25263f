"""A process that measures: a cell a line goes in, JSON comes out a line; silence and memory have limits."""
import json
import os
import resource
import select
import signal
import subprocess
import time

# What has no limit of its own: reading data, the products, the start.
OTHER_LIMIT = 600
# Of the free memory; the rest stays for the machine.
SHARE = 0.8


class Side:
    """Starts when it is first asked, again after its end, and for each cell where `fresh`."""

    def __init__(self, impl, command, log, call_limit, fresh=False, environment=None):
        self.impl = impl
        self.hello = {}
        self._command, self._log, self._call_limit, self._fresh = command, log, call_limit, fresh
        self._environment = {**os.environ, **(environment or {})}
        self._process = None
        self._rest = b""

    def start(self):
        """Starts unless it runs; gives what it says of itself, or None with the reason in hello["failed"]."""
        if self._process:
            return self.hello
        with open(self._log, "ab") as log:
            self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, env=self._environment)
        self._rest = b""
        self.hello = self._answer()
        if "failed" not in self.hello:
            self._limit_memory()
        return self.hello

    def ask(self, cell):
        """The answer for a cell: times, or a sentence under "failed"."""
        if self._fresh:
            self.stop()
        if "failed" in self.start():
            return self.hello
        try:
            self._process.stdin.write((cell.request + "\n").encode())
            self._process.stdin.flush()
        except BrokenPipeError:
            return {"failed": self._end()}
        return self._answer()

    def stop(self):
        if self._process:
            self._process.kill()
            self._wait()

    def _limit_memory(self):
        # Where an allocation fails the process can say so; one that the machine kills cannot.
        pages = int(_first_number(f"/proc/{self._process.pid}/statm"))
        limit = pages * resource.getpagesize() + int(SHARE * available())
        resource.prlimit(self._process.pid, resource.RLIMIT_AS, (limit, limit))

    def _answer(self):
        limit = OTHER_LIMIT
        while True:
            line = self._line(time.monotonic() + limit)
            if line is None:
                self.stop()
                return {"failed": f"a call took longer than {limit:g} s"}
            if line == b"":
                return {"failed": self._end()}
            if not line.startswith(b"{"):
                continue
            answer = json.loads(line)
            if "next" not in answer:
                return answer
            limit = self._call_limit if answer["next"] == "call" else OTHER_LIMIT

    def _line(self, deadline):
        """The next line; empty at the end, None when time is up."""
        while b"\n" not in self._rest:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._process.stdout], [], [], left)[0]:
                return None
            more = os.read(self._process.stdout.fileno(), 1 << 16)
            if not more:
                return b""
            self._rest += more
        line, _, self._rest = self._rest.partition(b"\n")
        return line

    def _wait(self):
        process, self._process = self._process, None
        process.stdout.close()
        try:
            process.stdin.close()
        except BrokenPipeError:
            pass  # what it did not read any more
        return process.wait()

    def _end(self):
        """Why a process that should answer is gone."""
        code = self._wait()
        if code < 0:
            return f"the process was ended by {signal.Signals(-code).name}, as happens where memory runs out"
        with open(self._log, encoding="utf-8", errors="replace") as log:
            lines = [line.strip() for line in log if line.strip()]
        return f"the process ended with {code}: {lines[-1][:200] if lines else 'it said nothing'}"


def available():
    """Bytes of memory that can be had without swapping."""
    with open("/proc/meminfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) << 10
    raise OSError("/proc/meminfo has no MemAvailable")


def _first_number(path):
    with open(path, encoding="utf-8") as file:
        return file.read().split()[0]
