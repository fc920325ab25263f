"""The plots of docs/performance.md as SVG."""
import os

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402
import page  # noqa: E402

# The same result gives the same bytes.
plt.rcParams.update({"svg.hashsalt": "tripoint", "svg.fonttype": "none", "font.size": 8, "axes.grid": True, "grid.alpha": 0.3, "axes.axisbelow": True})
COLOURS = {"tripoint-java": "#0b5fa5", "tripoint-python": "#7fb2d9", "cpp-mm": "#888888", "torch": "#e07b39", "pytorch-metric-learning": "#3a923a",
           "online-triplet-loss": "#9467bd", "sentence-transformers": "#b5a000", "faiss": "#c44e52", "djl": "#17a2a2"}


def _save(figure, folder, name):
    path = os.path.join(folder, f"performance-{name}.svg")
    figure.savefig(path, metadata={"Date": None}, bbox_inches="tight", facecolor="white")
    plt.close(figure)
    # Matplotlib leaves blanks at the ends of lines, which editors take away.
    with open(path, encoding="utf-8") as file:
        lines = [line.rstrip() for line in file]
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    return os.path.basename(path)


def _grid(cases):
    columns = min(3, len(cases))
    height = -(-len(cases) // columns)
    figure, axes = plt.subplots(height, columns, figsize=(3.6 * columns, 2.9 * height), squeeze=False, layout="constrained")
    for left in axes.flat[len(cases):]:
        left.set_visible(False)
    return figure, dict(zip(cases, axes.flat))


def against_n(rows, value, label, name, folder, floor=0.0):
    """Small plots, one a case: a line for each implementation over N, both axes logarithmic; the slope stands in the legend."""
    done = [r for r in page.select(rows, data="normal", d=128) if r.get(value) is not None]
    cases = [c for c in page.ordered(r["case"] for r in done) if len({r["n"] for r in page.select(done, case=c)}) > 1]
    if not cases:
        return None
    figure, axes = _grid(cases)
    for case, plot in axes.items():
        for impl in page.ordered(r["impl"] for r in page.select(done, case=case)):
            points = sorted((r["n"], max(r[value], floor)) for r in page.select(done, case=case, impl=impl))
            exponent = page.slope(points)
            plot.plot(*zip(*points), "o-", ms=3, lw=1.2, color=COLOURS[impl], label=impl + ("" if exponent is None else f"  N^{exponent:.1f}"))
        held = sorted({r["n"]: r["held_ms"] for r in page.select(done, case=case, impl=page.OURS) if value == "ms" and "held_ms" in r}.items())
        if len(held) > 1 and case != "mm_out":
            plot.plot(*zip(*held), "k--", lw=0.8, label="bare product")
        plot.set(xscale="log", yscale="log", title=case, xlabel="N", ylabel=label)
        ticks = sorted({r["n"] for r in page.select(done, case=case)})
        plot.set_xticks(ticks, [str(n) for n in ticks])
        plot.minorticks_off()
        plot.legend(fontsize=6, framealpha=0.6, edgecolor="none")
    return _save(figure, folder, name)


def ratios(rows, folder):
    """Bars, one group a case, of the ratio to the bare product; what failed has no bar and says so."""
    sizes = {c: page.size_of_comparison(rows, c) for c in page.ordered(r["case"] for r in rows) if c != "mm_out"}
    groups = [(c, page.select(rows, case=c, data="normal", n=n, d=128)) for c, n in sizes.items() if n is not None]
    groups = [(c, found) for c, found in groups if page.comparable(found)]
    if not groups:
        return None
    count = sum(len(found) + 1 for _, found in groups)
    figure, plot = plt.subplots(figsize=(7.5, 0.19 * count + 0.8), layout="constrained")
    ticks, place = [], 0
    for case, found in groups:
        ticks.append((place - 0.2, f"{case}, N = {sizes[case]:,}"))
        for r in found:
            place += 1
            ticks.append((place, r["impl"]))
            if r.get("ratio") is None:
                plot.text(1.05, place, "failed: " + r["failed"][:60] if "failed" in r else "", va="center", fontsize=6)
                continue
            # Bars start at 1, the product's own time; shorter ones than it go to the left.
            plot.barh(place, r["ratio"] - 1, left=1, color=COLOURS[r["impl"]], height=0.8)
            plot.plot([r["ratio_q1"], r["ratio_q3"]], [place, place], color="black", lw=0.8)
        place += 1.4
    plot.axvline(1, color="black", lw=0.8)
    plot.set(xscale="log", xlabel="time as a ratio to the bare product (logarithmic)")
    plot.set_yticks([t[0] for t in ticks], [t[1] for t in ticks], fontsize=6.5)
    for (_, label), tick in zip(ticks, plot.get_yticklabels()):
        if ", N = " in label:
            tick.set_fontweight("bold")
    plot.grid(axis="y", visible=False)
    plot.invert_yaxis()
    return _save(figure, folder, "ratios")


def draw(rows, folder):
    """All plots that the rows suffice for, as (title, file name)."""
    found = [("Time against N", against_n(rows, "ms", "ms", "time", folder)),
             # Below this the counters of the kernel are the noise.
             ("Memory against N", against_n([r for r in rows if r["case"] != "mm_out"], "peak_mib", "MiB", "memory", folder, floor=0.1)),
             ("Ratios to the bare product", ratios(rows, folder))]
    return [(title, name) for title, name in found if name]
