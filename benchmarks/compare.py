"""Hold this tree against another checkout: the same measures in turns, medians of several runs, and their spread.

python benchmarks/compare.py ../margin-0.1.0            # seven runs of each, in turns
python benchmarks/compare.py ../margin-0.1.0 --runs 3 --only round,load

A measure is worse only when it is worse by more than 5 % and by more than the runs of one tree differ among themselves.
"""

import argparse
import re
import statistics
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORSE = 1.05
LINE = re.compile(r"^  (?P<what>\S.*?)\s{2,}(?P<value>[\d.,]+) ?(?P<unit>ms|s|/s|MB|)(?:\s|$)")
RATIO = re.compile(r"^  (?P<what>\S.*?)\s{2,}(?:1 : (?P<cost>[\d.]+)|(?P<times>[\d.]+) : 1)")
RISING = ("/s", "rows per second")  # the more of these the better

Measures = dict[str, float]


def run(tree: Path, only: str) -> Measures:
    """Run the quick benchmark of a checkout with its own environment; return {measure: value}."""
    command = [str(tree / ".venv" / "bin" / "python"), "benchmarks/run.py", "--quick", "--only", only]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    measures = read(done.stdout)
    if not measures:
        raise RuntimeError(f"{tree} measured nothing:\n{done.stdout[-1000:]}{done.stderr[-2000:]}")
    return measures


def read(text: str) -> Measures:
    """Return the numbers of a report by the words in front of them.

    >>> read("  A whole round                       0.15 s\\n  Import: over parsing alone    1 : 2.5")
    {'A whole round': 0.15, 'Import: over parsing alone': 2.5}
    """
    measures: Measures = {}
    for line in text.splitlines():
        if match := RATIO.match(line):
            measures[match["what"]] = float(match["cost"] or match["times"])
        elif match := LINE.match(line):
            measures[f"{match['what']}{' /s' if match['unit'] == '/s' else ''}"] = float(
                match["value"].replace(",", "")
            )
    return measures


def verdict(base: list[float], tree: list[float], *, rising: bool) -> tuple[float, bool]:
    """Return (this tree's median over the other's, whether that is worse than noise explains)."""
    first, second = statistics.median(base), statistics.median(tree)
    if not first or not second:
        return 1.0, False
    worse = first / second if rising else second / first
    spread = max(max(values) - min(values) for values in (base, tree)) / 2
    return second / first, worse > WORSE and abs(second - first) > spread


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("other", type=Path, help="the checkout to compare with; it has a .venv of its own")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--only", default="transfer,round,load,paint")
    options = parser.parse_args()
    base: dict[str, list[float]] = defaultdict(list)
    tree: dict[str, list[float]] = defaultdict(list)
    for number in range(options.runs):
        for place, collected in ((options.other.resolve(), base), (ROOT, tree)):
            for what, value in run(place, options.only).items():
                collected[what].append(value)
        print(f"run {number + 1} of {options.runs}", flush=True)
    print(f"\n  {'':<66} {'other':>10} {'this':>10} {'ratio':>7}  spread of either")
    kept = True
    for what, values in base.items():
        if what not in tree:
            continue
        ratio, worse = verdict(values, tree[what], rising=what.endswith(RISING) or any(word in what for word in RISING))
        kept = kept and not worse
        spread = "  ".join(f"{min(some):g} to {max(some):g}" for some in (values, tree[what]))
        medians = f"{statistics.median(values):>10g} {statistics.median(tree[what]):>10g}"
        print(f"  {what:<66} {medians} {ratio:>7.2f}  {spread}{'   WORSE' if worse else ''}")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
