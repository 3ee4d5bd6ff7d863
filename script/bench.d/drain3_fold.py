#!/usr/bin/env python3
"""Clusters the lines of a file with Drain3, in its default configuration: no masks, depth 4,
similarity 0.4, no persistence. Prints {"lines": N, "clusters": N} as JSON.

Usage: drain3_fold.py FILE
"""

import json
import sys

from drain3 import TemplateMiner
from drain3.template_miner_config import TemplateMinerConfig


def main():
    config = TemplateMinerConfig()
    config.profiling_enabled = False
    miner = TemplateMiner(config=config)
    lines = 0
    with open(sys.argv[1], encoding="utf-8", errors="replace") as file:
        for line in file:
            miner.add_log_message(line.rstrip("\n"))
            lines += 1
    json.dump({"lines": lines, "clusters": len(miner.drain.clusters)}, sys.stdout)


if __name__ == "__main__":
    main()
