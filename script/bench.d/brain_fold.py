#!/usr/bin/env python3
"""Clusters the lines of a file with Brain (logparser3), in one configuration for all: no masks.
Prints {"lines": N, "clusters": N} as JSON.

Usage: brain_fold.py FILE
"""

import contextlib
import csv
import json
import os
import sys
import tempfile
from pathlib import Path

from logparser.Brain import LogParser


def main():
    file = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        parser = LogParser(
            logname="bench",
            log_format="<Content>",
            indir=str(file.parent),
            outdir=folder,
            threshold=4,
            delimeter=[],
            rex=[],
        )
        # It tells its progress on standard output.
        with open(os.devnull, "w") as silence, contextlib.redirect_stdout(silence):
            parser.parse(file.name)
        with open(Path(folder) / f"{file.name}_templates.csv", newline="") as table:
            clusters = sum(1 for _ in csv.reader(table)) - 1
    lines = sum(1 for _ in file.open("rb"))
    json.dump({"lines": lines, "clusters": clusters}, sys.stdout)


if __name__ == "__main__":
    main()
