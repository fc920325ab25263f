"""What scripts/benchmark makes of times, options and processes; nothing here is timed. python3 -m unittest discover -s scripts/bench"""
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import build  # noqa: E402
import page  # noqa: E402
import plan  # noqa: E402
import profile_of  # noqa: E402
import rows  # noqa: E402
from sides import Side  # noqa: E402

CELL = plan.Cell("batch_hard_l2", "normal", 64, 128)
READY = "import sys, time; print('{}', flush=True)\nfor line in sys.stdin:\n "


class Statistics(unittest.TestCase):
    def test_quartiles(self):
        self.assertEqual(rows.quartiles([5]), (5, 5, 5))
        self.assertEqual(rows.quartiles([4, 1, 3, 2]), (1.75, 2.5, 3.25))
        self.assertEqual(rows.quartiles(range(21)), (5, 10, 15))

    def test_ratios_are_of_the_same_round(self):
        # Each round is twice its product, but the medians' ratio would be 4.
        found = rows.row(CELL, "torch", {"ms": [2, 8, 20], "held_ms": [1, 4, 10], "held": "mm_out", "peak_mib": 1.5})
        self.assertEqual((found["ratio_q1"], found["ratio"], found["ratio_q3"]), (2, 2, 2))
        self.assertEqual((found["ms"], found["spread"], found["held_ms"], found["rounds"]), (8, 9, 4, 3))

    def test_rows_have_the_names_that_readers_rely_on(self):
        found = rows.row(CELL, "torch", {"ms": [2], "held_ms": [1], "held": "mm_out", "peak_mib": 1.5})
        self.assertLessEqual({"case", "impl", "data", "n", "d", "ms", "spread", "ratio", "ratio_q1", "ratio_q3", "peak_mib"}, set(found))
        alone = rows.row(CELL, "cpp-mm", {"ms": [2]})
        self.assertEqual((alone["ms"], alone["ratio"], alone["peak_mib"]), (2, None, None))
        self.assertIn("2.000 ms", rows.text(alone))

    def test_a_failure_is_a_row(self):
        found = rows.row(CELL, "torch", {"failed": "out of memory"})
        self.assertEqual(found, {"case": "batch_hard_l2", "impl": "torch", "data": "normal", "n": 64, "d": 128, "failed": "out of memory"})
        self.assertIn("out of memory", rows.text(found))

    def test_the_file_is_one_document(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "result.json")
            rows.write(path, {"cpu": "x"}, [rows.row(CELL, "torch", {"failed": "no"})])
            self.assertEqual(os.listdir(folder), ["result.json"])
            with open(path, encoding="utf-8") as file:
                self.assertEqual(sorted(json.load(file)), ["machine", "rows"])


    def test_memory_that_ran_out_is_said_in_one_way(self):
        libtorch = "[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 34359738368 bytes."
        self.assertEqual(rows.sentence(libtorch), "out of memory: it asked for 32.0 GiB more")
        self.assertEqual(rows.sentence("Unable to allocate 1.00 TiB for an array"), "out of memory: it asked for 1.00 TiB")
        self.assertEqual(rows.sentence("std::bad_alloc"), "out of memory")
        self.assertEqual(rows.sentence("no such file"), "no such file")


class Page(unittest.TestCase):
    def result(self):
        made = []
        for case, impl in (("mm_out", "tripoint-java"), ("mm_out", "cpp-mm"), ("batch_hard_l2", "tripoint-java"), ("batch_hard_l2", "torch")):
            for n in (512, 2048):
                held = {} if impl == "cpp-mm" else {"held_ms": [n / 512], "held": "mm_out", "peak_mib": 0.5}
                made.append(rows.row(plan.Cell(case, "normal", n, 128), impl, {"ms": [2 * (n / 512) ** 2], **held}))
        made.append(rows.row(plan.Cell("batch_hard_l2", "normal", 8192, 128), "torch", {"failed": "out of memory"}))
        return made

    def test_slope(self):
        self.assertAlmostEqual(page.slope([(64, 9), (512, 1), (1024, 4), (2048, 16)]), 2)
        self.assertIsNone(page.slope([(64, 9), (512, 1)]))

    def test_numbers(self):
        self.assertEqual([page.number(v) for v in (0, 0.0123, 0.456, 1.234, 56.78, 12345.6, None)], ["0", "0.012", "0.456", "1.23", "56.8", "12,346", ""])

    def test_tables(self):
        text = page.text({**{k: 1 for k in ("cpu", "family", "cores", "memory_gib", "libtorch", "libtorch_features", "jdk", "kernel", "threads")},
                          "features": ["avx2"], "load": [0.0], "versions": {"torch": "2.13"}}, self.result(), [("Time", "images/time.svg")])
        self.assertIn("| `batch_hard_l2` | normal | 2,048 | 128 | 32.0 | **8.00** (8.00 to 8.00) | 0.500 |", text)
        self.assertIn("| `batch_hard_l2`, 2,048 | torch |", text)
        self.assertIn("| 512 × 128 | 2.00 | 2.00 |  | **2.00** (2.00 to 2.00) |", text)
        self.assertIn("![Time](images/time.svg)", text)
        for line in text.splitlines():
            self.assertEqual(line, line.rstrip())

    def test_a_product_by_djl_has_a_column(self):
        own = rows.row(plan.Cell("mm_out", "normal", 512, 128), "djl", {"ms": [3], "held_ms": [1], "held": "mm_out"})
        self.assertNotIn("DJL", page.products(self.result()))
        self.assertIn("| 512 × 128 | 2.00 | 2.00 |  | 3.00 | **2.00** (2.00 to 2.00) |", page.products([*self.result(), own]))

    def test_the_generated_part_is_replaced(self):
        first = page.spliced(f"a\n{page.START}\n{page.END}\nz\n", "one")
        self.assertEqual(page.spliced(first, "two"), f"a\n{page.START}\n\ntwo\n\n{page.END}\nz\n")
        self.assertRaises(ValueError, page.spliced, "no marks", "text")
        page.spliced((HERE.parents[1] / "docs/performance.md").read_text(encoding="utf-8"), "")


class Plan(unittest.TestCase):
    def test_sizes(self):
        self.assertEqual({c.n for c in plan.cells(["nt_xent"])}, {64, 512, 2048, 8192, 32768})
        self.assertEqual({c.n for c in plan.cells(["nt_xent"], quick=True)}, {64, 512, 2048, 8192})
        self.assertEqual({c.n for c in plan.cells(["top_k"], sizes=[64])}, {200_000})
        self.assertEqual({(c.data, c.n) for c in plan.cells(["semihard_l2"], sizes=[20_000])}, {("normal", 20_000), ("clustered", 20_000)})
        self.assertEqual({c.d for c in plan.cells(["semihard_l2"], data=["trained"])}, {64})

    def test_every_case_stands_in_both_languages(self):
        java = (HERE.parents[1] / "src/jmh/java/dev/tripoint/bench/Case.java").read_text(encoding="utf-8")
        for case in plan.CASES:
            self.assertIn(f"\n  {case.upper()} {{", java)
        djl = (HERE.parents[1] / "src/djl/java/dev/tripoint/bench/djl/Cases.java").read_text(encoding="utf-8")
        for case in plan.HAS["djl"]:
            self.assertIn(f'"{case}"', djl)
        for impl, cases in plan.HAS.items():
            self.assertLessEqual(set(cases), set(plan.CASES), impl)

    def test_n_grows_within_what_a_failure_speaks_for(self):
        last = {}
        for cell in plan.cells():
            self.assertLess(last.get(cell.family, 0), cell.n)
            last[cell.family] = cell.n


class Profile(unittest.TestCase):
    REPORT = """
# Overhead  Symbol
    32.00%  [.] tripoint::cpu::(anonymous namespace)::block<3>
    10.00%  [.] tripoint::cpu::(anonymous namespace)::block<2>
     8.50%  [.] tripoint::cpu::(anonymous namespace)::ScreenedScan<float>::search
     3.50%  [.] tripoint::cpu::avx2::(anonymous namespace)::each_value<float, (tripoint::cpu::avx2::(anonymous namespace)::Term)0>
     2.00%  [.] tripoint::cpu::FunctionRef<void (long, long)>::FunctionRef<tripoint::cpu::PackedRows<float>::PackedRows(tripoint::cpu::FloatMatrix const&)::{lambda(long, long)#1}>(int)::_FUN
"""

    def test_one_line_for_each_function(self):
        self.assertEqual(profile_of.shares(self.REPORT), [("block", 42.0), ("ScreenedScan::search", 8.5), ("each_value", 3.5), ("PackedRows::PackedRows", 2.0)])


class Processes(unittest.TestCase):
    def side(self, program, limit=30):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        side = Side("torch", [sys.executable, "-c", program], os.path.join(folder.name, "log"), limit)
        self.addCleanup(side.stop)
        return side

    def test_answers(self):
        side = self.side(READY + "print('noise'); print('{\"next\":\"call\"}'); print('{\"ms\":[%s]}' % line.split()[2], flush=True)")
        self.assertEqual(side.ask(CELL), {"ms": [64]})
        self.assertEqual(side.ask(plan.Cell("mm_out", "normal", 7, 1)), {"ms": [7]})

    def test_a_call_that_takes_too_long(self):
        side = self.side(READY + "print('{\"next\":\"call\"}', flush=True); time.sleep(60)", limit=0.2)
        self.assertEqual(side.ask(CELL), {"failed": "a call took longer than 0.2 s"})
        self.assertEqual(side.ask(CELL), {"failed": "a call took longer than 0.2 s"})

    def test_an_end(self):
        self.assertEqual(self.side(READY + "sys.exit('no such thing')").ask(CELL), {"failed": "the process ended with 1: no such thing"})
        self.assertRegex(self.side(READY + "import os; os.kill(os.getpid(), 9)").ask(CELL)["failed"], "SIGKILL")
        self.assertRegex(self.side("import nothing_of_that_name").ask(CELL)["failed"], "No module named")

    def test_memory_has_a_limit(self):
        side = self.side(READY + "import json\n try: bytearray(1 << 45)\n except MemoryError: print(json.dumps({'failed': 'no memory'}), flush=True)")
        self.assertEqual(side.ask(CELL), {"failed": "no memory"})


class Djl(unittest.TestCase):
    """Maven is a script here that notes how it was called."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder, self.said = Path(folder.name), []
        for each in (mock.patch.object(build, "TARGET", self.folder), mock.patch.dict(os.environ, PATH=folder.name)):
            each.start()
            self.addCleanup(each.stop)

    def maven(self, body):
        path = self.folder / "mvn"
        path.write_text(f"#!/bin/sh\necho \"$@\" >> {self.folder}/calls\n{body}\n", encoding="utf-8")
        path.chmod(0o755)

    def calls(self):
        return (self.folder / "calls").read_text(encoding="utf-8").splitlines()

    def command(self):
        return build.djl("/jdk", ["-Xmx1g"], 3, self.said.append)

    def test_it_is_built_once_and_never_asks_the_network(self):
        jar = self.folder / "some.jar"
        jar.touch()
        self.maven(f"echo {jar} > {self.folder}/djl-classpath")
        command = self.command()
        self.assertEqual((command[:2], command[-2:]), (["/jdk/bin/java", "-Xmx1g"],
                                                       [f"{self.folder}/djl/classes:{jar}", "dev.tripoint.bench.djl.DjlSide"]))
        self.assertLessEqual({"-Dai.djl.offline=true", "-Dai.djl.pytorch.num_threads=3", "-Dai.djl.pytorch.num_interop_threads=3"}, set(command))
        self.assertEqual((self.command(), len(self.calls()), self.said), (command, 1, []))
        jar.unlink()
        self.command()
        self.assertEqual(len(self.calls()), 2)

    def test_what_is_not_there_is_fetched_with_a_word(self):
        self.maven(f"case $* in *' -o') exit 1;; esac; echo {self.folder} > {self.folder}/djl-classpath")
        self.command()
        self.assertEqual([call.endswith(" -o") for call in self.calls()], [True, False])
        self.assertRegex(self.said[0], "Fetching DJL .* MB")

    def test_it_cannot_be_had(self):
        self.maven("exit 1")
        self.assertRaisesRegex(build.BuildError, "^Maven could not bring DJL .*djl.log$", self.command)
        self.assertEqual(len(self.said), 1)
        (self.folder / "mvn").unlink()
        self.assertRaisesRegex(build.BuildError, "^mvn is missing$", self.command)


class Options(unittest.TestCase):
    def refused(self, *arguments):
        ran = subprocess.run([sys.executable, str(HERE.parent / "benchmark"), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.assertEqual((ran.returncode, ran.stdout), (2, ""))
        self.assertEqual(ran.stderr.count("\n"), 1)
        self.assertLessEqual(len(ran.stderr), 400)
        return ran.stderr

    def test_mistakes_are_one_sentence(self):
        self.assertIn("--bogus", self.refused("--bogus"))
        self.assertIn("batch_hard_l2", self.refused("--cases", "batch_hard_12"))
        self.assertIn("clustered", self.refused("--data", "cluster"))
        self.assertIn("'0'", self.refused("--rounds", "0"))
        self.assertIn("'many'", self.refused("--sizes", "64,many"))
        self.assertIn("no folder", self.refused("--json", "/no/such/folder/result.json"))
        self.assertIn("/no/such/python", self.refused("--peers", "/no/such/python"))
        self.assertIn("no case", self.refused("--cases", "call_overhead", "--data", "trained"))


if __name__ == "__main__":
    unittest.main()
