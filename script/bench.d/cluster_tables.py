#!/usr/bin/env python3
"""Prints what script/bench.d/cluster measured as Markdown tables.

Usage: cluster_tables.py RESULTS SOURCE MIX LARGE JSON PEER_LINES
"""

import json
import os
import statistics
import sys
from pathlib import Path

from tables import load, significant, spaced, spread, table

SOURCES = {
    "systems": "the labelled systems with fresh digits, users and hosts",
    "own": "lines of our own making (no labelled systems here)",
}


def seconds(result):
    return statistics.median(result["seconds"])


def said(result):
    """What a program printed of itself."""
    return json.loads(result["output"])


def files(folder, large, json_file):
    results = load(folder / "files.json")
    sizes = {False: os.path.getsize(large), True: os.path.getsize(json_file)}
    titles = {
        "wc": "`wc -l`, plain",
        "grep": "`grep -c ERROR`, plain",
        "cluster": "`daybreak cluster`, plain",
        "fold-1": "extraction + fold, plain, one thread",
        "fold-2": "extraction + fold, plain, two threads",
        "json-grep": "`grep -c ERROR`, Loki jsonl",
        "json-extract-2": "extraction, Loki jsonl, two threads",
        "json-fold-1": "extraction + fold, Loki jsonl, one thread",
        "json-fold-2": "extraction + fold, Loki jsonl, two threads",
    }
    rows = []
    for name, title in titles.items():
        is_json = name.startswith("json")
        result = results[name]
        grep = results["json-grep" if is_json else "grep"]
        rows.append(
            [
                title,
                significant(sizes[is_json] / 1e6 / seconds(result)),
                f"{seconds(result) / seconds(grep):.2f}",
                f"{statistics.median(result['cpu']) / statistics.median(grep['cpu']):.1f}",
                f"{statistics.median(result['cpu']):.2f}",
                f"{result['peak'] / 1e6:.0f}",
                f"{spread(result):.0f} %",
            ]
        )
    print(
        f"## Whole files: {sizes[False] / 1e6:.0f} MB plain, {sizes[True] / 1e6:.0f} MB Loki jsonl, "
        "from the page cache\n"
    )
    table(
        ["", "MB/s", "× time of grep", "× CPU of grep", "CPU s", "peak MB", "spread"],
        rows,
    )


def engine(folder, peer_lines):
    results = load(folder / "engine.json")
    base = said(results["mix-1"])["linesPerProcessorSecond"]
    rows = []
    for name, title in {
        "mix-1": "fold, the mix",
        "fresh-1": "fold, the mix, each user and host new",
        "raw-1": "fold, the mix with headers",
    }.items():
        own = said(results[name])
        rate = own["linesPerProcessorSecond"]
        rows.append(
            [title, significant(rate), f"{rate / base:.2f}", spaced(own["patterns"])]
        )
    for peer in ("drain3", "brain"):
        result = load(folder / f"{peer}.json").get(peer)
        if result:
            rate = peer_lines / statistics.median(result["cpu"])
            title = {"drain3": "Drain3", "brain": "Brain"}[peer]
            rows.append(
                [
                    f"{title}, first {spaced(peer_lines)} lines",
                    significant(rate),
                    f"1/{base / rate:.0f}",
                    spaced(said(result)["clusters"]),
                ]
            )
    print("## The fold alone, lines a second of one core's time\n")
    table(["", "lines/s", "× the mix", "patterns"], rows)
    one, two = said(results["mix-1"]), said(results["mix-2"])
    print(
        f"Two threads fold {two['linesPerSecond'] / one['linesPerSecond']:.2f} × the lines of one in the "
        "same time (wall clock: other programs on the machine count against it).\n"
    )
    refine = said(results["refine"])
    print(
        f"Refining {spaced(refine['patterns'])} patterns: {refine['seconds']:.2f} s, "
        f"{spaced(refine['clusters'])} clusters.\n"
    )


def memory(folder):
    titles = {
        "large": "plain",
        "json": "Loki jsonl",
        "words": "a million words in variable places",
        "words-1": "the same, one thread",
    }
    rows = []
    for name, result in load(folder / "memory.json").items():
        own = said(result)
        # Every line is counted, whatever becomes of its pattern.
        is_exact = "yes" if own["clustered"] == own["lines"] else "NO"
        rows.append(
            [
                titles[name],
                spaced(own["lines"]),
                f"{own['bytes'] / 1e6:.0f}",
                f"{result['peak'] / 1e6:.0f}",
                spaced(own["patterns"]),
                is_exact,
            ]
        )
    print("## Peak memory of extraction + fold\n")
    table(["", "lines", "file MB", "peak MB", "patterns", "all lines counted"], rows)


def main():
    folder = Path(sys.argv[1])
    source, mix, large, json_file = sys.argv[2:6]
    print(f"The mix: {os.path.getsize(mix) / 1e6:.0f} MB of {SOURCES[source]}.\n")
    files(folder, large, json_file)
    engine(folder, int(sys.argv[6]))
    memory(folder)


if __name__ == "__main__":
    main()
