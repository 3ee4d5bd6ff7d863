#!/usr/bin/env python3
"""A server in place of a language model, for the demo: it has OpenAI's interface and no model behind it.

Usage: model_stand_in.py FILE      writes the port that it listens on into FILE

Each answer is put together from the prompt that came: words of its first samples as evidence, the pattern
and the first mover as the cause. It shows what pages look like where a model speaks; it judges nothing.
"""
import http.server
import json
import os
import re
import sys


def first(pattern, text):
    found = re.search(pattern, text, re.S)
    return found.group(1).strip() if found else ""


def telling(sample):
    """The line of a sample that says most: of a stack trace the deepest cause."""
    lines = [line.strip() for line in sample.split("\n") if line.strip()]
    causes = [line for line in lines if line.startswith("Caused by")]
    return (causes[-1] if causes else lines[0])[:160] if lines else ""


def answer(prompt):
    samples = re.findall(r"Sample (s\d+)[^\n]*:\n<<<\S+\n(.*?)\n\S+>>>", prompt, re.S)
    service = first(r'Service: "([^"]+)"', prompt) or "the service"
    mover = first(r'First mover "([^"]+)"', prompt)
    begun = first(r'First mover "[^"]+" at ([0-9]+:[0-9]+)', prompt)
    other = first(r"since about that time:\n- (\"[^\"]+\")", prompt).strip('"')
    past = first(r"Similar patterns of earlier nights:\n- ([^\n]+)", prompt)
    words = telling(samples[0][1]) if samples else ""
    cause = f"{service} may have met what its own lines name: {words}." if words else None
    if mover and mover != service:
        cause = f"{service} may only follow {mover}, which began at {begun}."
    if past:
        cause = f"{cause or ''} A similar pattern came before; its outcome is below.".strip()
    steps = [f"Read all lines of {service} around the first sample."]
    if mover:
        steps.append(f"Look first at {mover}, the first mover.")
    if other and other != service:
        steps.append(f"See whether {other} shares a dependency with {service}.")
    return {
        "evidence": [{"sample_id": name, "quote": telling(text)} for name, text in samples[:2]],
        "summary": f"{service} logged this pattern more than usual; it reads: {words}",
        "root_cause": cause,
        "suggested_action": "\n".join(steps),
        "confidence": 0.8,
    }


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        prompt = request["messages"][-1]["content"]
        text = json.dumps(answer(prompt))
        body = json.dumps(
            {
                "id": "chatcmpl-demo",
                "object": "chat.completion",
                "created": 0,
                "model": request["model"],
                "choices": [
                    {
                        "index": 0,
                        "message": {"role": "assistant", "content": text},
                        "finish_reason": "stop",
                    }
                ],
                "usage": {"prompt_tokens": len(prompt) // 4, "completion_tokens": len(text) // 4},
            }
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open(sys.argv[1] + ".new", "w") as file:
    file.write(str(server.server_port))
os.rename(sys.argv[1] + ".new", sys.argv[1])
server.serve_forever()
