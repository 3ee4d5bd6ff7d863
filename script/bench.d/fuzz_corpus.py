#!/usr/bin/env python3
"""Writes lines as files for a fuzzer to start from.

Usage: fuzz_corpus.py CORPUS FOLDER...      takes every hundredth line of *.log under the folders
"""

import hashlib
import sys
from pathlib import Path

# Pieces that the scanner's rules look for.
PIECES = [
    b"user=anna id=7 url=http://h/a?b=1,2 t=0.5s",
    b"{\"a\":1,\"b\":\"x y\",\"msg\":\"user 7\",\"c\":[1,2],\"d\":true}",
    b"550e8400-e29b-41d4-a716-446655440000 aa:bb:cc:dd:ee:ff 2026-03-12T02:11:09.123Z",
    b"fe80::1%eth0 10.0.0.1:80 mail.example.org a@b.de C:\\x\\y \\\\srv\\x ~/a ./b ../c",
    b"true://x 3.4 MB 1,234.5 0x7f deadbeef Jan 3 10:11:12 1h2m <1 sec 5 bytes (2 KB)",
    b"head\n\tat a.b.C(D.java:12)\n  File \"x.py\", line 3\n    y\nCaused by: x: 7",
]


def main():
    corpus = Path(sys.argv[1])
    lines = list(PIECES)
    for folder in sys.argv[2:]:
        for log in sorted(Path(folder).rglob("*.log")):
            lines += log.read_bytes().split(b"\n")[::100]
    for line in lines:
        (corpus / hashlib.sha256(line).hexdigest()[:16]).write_bytes(line[:20000])


if __name__ == "__main__":
    main()
