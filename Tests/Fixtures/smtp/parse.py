"""Reads a mail with Python's email package and prints what it understood, as JSON."""

import email
import email.policy
import json
import sys

with open(sys.argv[1], "rb") as file:
    raw = file.read()
mail = email.message_from_bytes(raw, policy=email.policy.default)
print(json.dumps({
    "headers": [[name, str(value)] for name, value in mail.items()],
    "subject": str(mail["subject"]),
    "from": [[a.display_name, a.addr_spec] for a in mail["from"].addresses],
    "to": [[a.display_name, a.addr_spec] for a in mail["to"].addresses],
    "date": mail["date"].datetime.isoformat(),
    "type": mail.get_content_type(),
    "boundary": mail.get_boundary(),
    "parts": [[p.get_content_type(), p.get_content_charset(), p.get_content()]
              for p in mail.walk() if not p.is_multipart()],
    "defects": [repr(d) for p in mail.walk() for d in p.defects]
    + [repr(d) for _, v in mail.items() for d in getattr(v, "defects", ())],
    "longest": max(len(line) for line in raw.split(b"\r\n")),
    "bare": raw.replace(b"\r\n", b"").count(b"\n") + raw.replace(b"\r\n", b"").count(b"\r"),
    "ascii": raw.isascii(),
}))
