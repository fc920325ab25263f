"""The tables of docs/performance.md from a result of scripts/benchmark."""
import math

START, END = "<!-- scripts/benchmark-page writes from here -->", "<!-- to here -->"
OURS = "tripoint-java"
WORDS = {"case", "case, N", "data", "by", "N × D"}


def spliced(page, text):
    """The page with the text between its marks."""
    before, start, rest = page.partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise ValueError(f"the page has not both of the marks {START} and {END}")
    return f"{before}{START}\n\n{text.strip()}\n\n{END}{after}"


def ordered(values):
    """Each once, in the order of their first."""
    return list(dict.fromkeys(values))


def slope(points):
    """The exponent of N in time = c · N^exponent by least squares, from N = 512 on; None for fewer than two points."""
    found = [(math.log(n), math.log(ms)) for n, ms in points if n >= 512]
    if len(found) < 2:
        return None
    x, y = (sum(p[i] for p in found) / len(found) for i in (0, 1))
    return sum((p[0] - x) * (p[1] - y) for p in found) / sum((p[0] - x) ** 2 for p in found)


def select(rows, **wanted):
    return [r for r in rows if all(r[k] == v for k, v in wanted.items())]


def number(value):
    """Three digits that matter, so that tables can be read down."""
    if value is None:
        return ""
    if value == 0 or value >= 1000:
        return f"{value:,.0f}"
    digits = max(0, 2 - math.floor(math.log10(value)))
    return f"{value:.{min(digits, 3)}f}"


def ratio(row):
    if "failed" in row:
        return row["failed"]
    return "" if row["ratio"] is None else f"**{number(row['ratio'])}** ({number(row['ratio_q1'])} to {number(row['ratio_q3'])})"


def table(header, lines):
    """Words to the left, numbers to the right."""
    sides = ["---" if name in WORDS else "--:" for name in header]
    return "\n".join("| " + " | ".join(line) + " |" for line in [header, sides, *lines])


def machine(about):
    load = ", ".join(f"{v:.2f}" for v in about["load"])
    features = ", ".join(about["features"]) or "none of those looked for"
    versions = "; ".join(f"{name} {version}" for name, version in about["versions"].items())
    lines = [["processor", f"{about['cpu']} ({about['family']}), {about['cores']} cores, {about['memory_gib']} GiB"],
             ["features", f"{features}; LibTorch uses {about['libtorch_features']}"],
             ["threads", str(about["threads"])],
             ["LibTorch, JDK, Linux", f"{about['libtorch']}, {about['jdk']}, {about['kernel']}"],
             ["load before", load]]
    if versions:
        lines.append(["others", versions])
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in lines)])


def ours(rows):
    """A line for each cell of the Java side."""
    lines = [[f"`{r['case']}`", r["data"], f"{r['n']:,}", str(r["d"]), *(["", ratio(r), ""] if "failed" in r else
              [number(r["ms"]), ratio(r), number(r["peak_mib"])])] for r in select(rows, impl=OURS) if r["case"] != "mm_out"]
    return table(["case", "data", "N", "D", "ms", "ratio (quartiles)", "MiB"], lines)


def products(rows):
    """What the bare product takes from each side, and the noise of a ratio that should be 1."""
    bare = select(rows, case="mm_out", data="normal")
    sides = {"cpp-mm": "C++, ms", OURS: "Java, ms", "tripoint-python": "Python, ms"}
    if select(bare, impl="djl"):
        sides["djl"] = "DJL's matMul, ms"
    lines = []
    for n, d in ordered((r["n"], r["d"]) for r in bare):
        found = {r["impl"]: r for r in select(bare, n=n, d=d)}
        own = found.get(OURS, {"ratio": None})
        lines.append([f"{n:,} × {d}", *(number(found.get(i, {}).get("ms")) for i in sides), ratio(own)])
    return table(["N × D", *sides.values(), "Java, against itself"], lines)


def size_of_comparison(rows, case):
    """The largest N of a case at which the Java side has a time beside others, at D = 128 on normal rows; None where none has."""
    wide = select(rows, case=case, data="normal", d=128)
    done = {r["n"] for r in wide if r["impl"] == OURS and "failed" not in r}
    return max((r["n"] for r in wide if r["impl"] != OURS and r["n"] in done), default=None)


def comparable(rows):
    """Whether their ratios are to the same thing."""
    return len({r["held"] for r in rows if "held" in r}) < 2


def comparison(rows):
    """Every implementation of a case, at one size."""
    lines = []
    for case in ordered(r["case"] for r in rows):
        n = size_of_comparison(rows, case)
        if case == "mm_out" or n is None:
            continue
        found = select(rows, case=case, data="normal", n=n, d=128)
        for r in found:
            said = ratio(r) if "failed" in r or comparable(found) else ""
            lines.append([f"`{case}`, {n:,}", r["impl"], number(r.get("ms")), said, number(r.get("peak_mib"))])
    return table(["case, N", "by", "ms", "ratio (quartiles)", "MiB"], lines)


def text(about, rows, images):
    """The whole generated part; `images` are (title, path) beside the page."""
    parts = ["### The machine", machine(about)]
    if select(rows, case="mm_out"):
        parts += ["### The bare product", products(rows)]
    parts += [f"### {title}\n\n![{title}]({path})" for title, path in images]
    beside = comparison(rows)
    if beside.count("\n") > 1:
        parts += ["### Beside other libraries", "Normal rows, D = 128, the largest N that this library and another were measured at.", beside]
    parts += ["### All sizes, Java", ours(rows)]
    return "\n\n".join(parts)
