#!/usr/bin/env python3
"""Prints what script/bench measured as Markdown tables.

Usage: tables.py RESULTS FILE PREFIX LINES PREFIX_LINES
"""

import json
import os
import platform
import statistics
import sys
from pathlib import Path


def load(path):
    """The measurements in a file; nothing where it is not there."""
    return json.loads(path.read_text()) if path.exists() else {}


def rate(result, lines):
    """Lines a second, by the median round."""
    return lines / statistics.median(result["seconds"])


def spread(result):
    """How far the rounds lie apart, in per cent of their median."""
    seconds = result["seconds"]
    return 100 * (max(seconds) - min(seconds)) / statistics.median(seconds)


def spaced(number):
    """A whole number in groups of three digits."""
    return f"{number:,.0f}".replace(",", " ")


def significant(number):
    """A number with three significant digits."""
    if number >= 100:
        return spaced(number)
    return f"{number:.3g}"


def table(headings, rows):
    """A Markdown table; the first column is text, the others are numbers."""
    print("| " + " | ".join(headings) + " |")
    print("|---" + "|---:" * (len(headings) - 1) + "|")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


def speed(folder, file, prefix, lines, prefix_lines):
    results = load(folder / "speed.json")
    drain = load(folder / "drain3.json").get("drain3")
    size, prefix_size = os.path.getsize(file), os.path.getsize(prefix)
    peers = {
        "`wc -l`": rate(results["wc"], lines),
        "`grep -c ERROR`": rate(results["grep"], lines),
    }
    if drain:
        peers["Drain3"] = rate(drain, prefix_lines)

    def row(title, result, count, byte_count):
        own = rate(result, count)
        return [
            title,
            significant(own),
            significant(byte_count / 1e6 * own / count),
            *(significant(own / peer) for peer in peers.values()),
            f"{statistics.median(result['cpu']):.2f}",
            f"{spread(result):.0f} %",
        ]

    print(f"## Extraction and fold: {spaced(lines)} lines, {size / 1e6:.0f} MB")
    print()
    rows = [
        row("daybreak: extraction + fold", results["fold"], lines, size),
        row("`wc -l`", results["wc"], lines, size),
        row("`grep -c ERROR`", results["grep"], lines, size),
        row(f"daybreak, first {spaced(prefix_lines)} lines", results["fold-prefix"], prefix_lines, prefix_size),
    ]
    if drain:
        rows.append(row(f"Drain3, first {spaced(prefix_lines)} lines", drain, prefix_lines, prefix_size))
    headings = ["", "lines/s", "MB/s", *(f"× {name}" for name in peers), "CPU s", "spread"]
    table(headings, rows)
    if not drain:
        print("Drain3 is not installed here, so that it was not measured.\n")
    print(f"The fold says of itself: `{results['fold']['output'].strip()}`\n")


def memory(folder):
    print("## Peak memory of extraction + fold\n")
    results = load(folder / "memory.json")
    table(
        ["lines", "peak MB", "seconds"],
        [
            [spaced(int(count)), f"{result['peak'] / 1e6:.0f}", f"{result['seconds'][0]:.2f}"]
            for count, result in results.items()
        ],
    )


def night(folder):
    demo = load(folder / "demo.json").get("demo")
    if not demo:
        return
    timings = sorted((folder / "night").rglob("run.json"))
    # The index and other pages have none; the nights' folders are named by their date.
    runs = [json.loads(path.read_text()) for path in timings]
    print(f"## The demo: {len(runs)} nightly runs in {demo['seconds'][0]:.1f} s\n")
    if not runs:
        return
    stages = [stage["name"] for stage in runs[-1]["stages"]]
    rows = []
    for name in stages:
        seconds = [
            stage["seconds"]
            for run in runs
            for stage in run["stages"]
            if stage["name"] == name
        ]
        last = runs[-1]["stages"][stages.index(name)]["seconds"]
        rows.append([name, f"{statistics.median(seconds):.3f}", f"{max(seconds):.3f}", f"{last:.3f}"])
    table(["stage", "median s", "longest s", "last night s"], rows)


def main():
    folder, file, prefix = (Path(argument) for argument in sys.argv[1:4])
    lines, prefix_lines = int(sys.argv[4]), int(sys.argv[5])
    print(f"Measured on {os.cpu_count()} × {platform.machine()}, {platform.platform()}.\n")
    speed(folder, file, prefix, lines, prefix_lines)
    memory(folder)
    night(folder)


if __name__ == "__main__":
    main()
