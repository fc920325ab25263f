"""What scripts/benchmark makes of times, options and processes; nothing here is timed. python3 -m unittest discover -s scripts/bench"""
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import plan  # noqa: E402
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
        for impl, cases in plan.HAS.items():
            self.assertLessEqual(set(cases), set(plan.CASES), impl)

    def test_n_grows_within_what_a_failure_speaks_for(self):
        last = {}
        for cell in plan.cells():
            self.assertLess(last.get(cell.family, 0), cell.n)
            last[cell.family] = cell.n


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
