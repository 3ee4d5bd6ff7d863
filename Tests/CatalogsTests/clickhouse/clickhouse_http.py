#!/usr/bin/env python3
"""ClickHouse's HTTP interface around chDB, which is ClickHouse's own engine as a library.

Listens on a free port of 127.0.0.1, prints it, and serves until standard input ends. Statements run one
after the other, by the real engine; here are only the messages: POST with the statement in the body, or
its beginning in ?query= and data in the body; ?database=, ?param_NAME=, settings; /ping; users by
X-ClickHouse-User and X-ClickHouse-Key; X-ClickHouse-Exception-Code, -Summary and -Query-Id.
Source: ClickHouse documentation, "HTTP interface".

Usage: clickhouse_http.py DIRECTORY [--user NAME --password WORD]
"""
import argparse
import http.server
import json
import queue
import re
import sys
import threading
import urllib.parse
import uuid

from chdb import session as chdb_session

arguments = argparse.ArgumentParser()
arguments.add_argument("directory")
arguments.add_argument("--user", default="default")
arguments.add_argument("--password", default="")
options = arguments.parse_args()

# What exceptionCodeToHTTPStatus of the server's source maps; all else is 500.
STATUSES = {62: 400, 36: 400, 43: 400, 46: 404, 47: 404, 60: 404, 81: 404, 115: 400, 194: 401, 497: 403,
            516: 403, 241: 500, 164: 500}
NO_SETTINGS = {"database", "query", "wait_end_of_query", "default_format", "user", "password", "query_id",
               "session_id", "date_time_output_format"}

work = queue.Queue()


def literal(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def execute(session, job):
    """Runs one statement in a session that only this thread uses; gives body and counts."""
    items, body = job
    parameters = dict(items)
    given = [k for k in parameters if k not in NO_SETTINGS and not k.startswith("param_")]
    session.query("USE `" + parameters.get("database", "default").replace("`", "\\`") + "`")
    for key, value in items:
        if key.startswith("param_"):
            session.query(f"SET {key} = {literal(value)}")
    try:
        for key in given:
            session.query(f"SET {key} = {literal(parameters[key])}")
        sql = body.decode()
        if parameters.get("query"):
            sql = parameters["query"] + ("\n" + sql if sql else "")
        result = session.query(sql, parameters.get("default_format", "TabSeparated"))
        return bytes(result.bytes()), {"read_rows": str(result.rows_read()), "read_bytes": str(result.bytes_read())}
    finally:
        for key in given:
            try:
                session.query(f"SET {key} = DEFAULT")
            except Exception:  # a setting that there is not
                pass


def engine():
    session = chdb_session.Session(options.directory)
    while True:
        job, answers = work.get()
        try:
            answers.put(("ok", execute(session, job)))
        except Exception as problem:
            answers.put(("error", str(problem)))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body, headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def refuse(self, text):
        found = re.search(r"Code: (\d+)", text)
        code = int(found[1]) if found else 1002
        self.answer(STATUSES.get(code, 500), (text.strip() + "\n").encode(),
                    [("X-ClickHouse-Exception-Code", str(code)), ("Content-Type", "text/plain; charset=UTF-8")])

    def do_GET(self):
        if self.path in ("/", "/ping"):
            self.answer(200, b"Ok.\n")
        else:
            self.refuse("Code: 164. DB::Exception: Cannot execute query in readonly mode. (READONLY) (version chDB)")

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        user = self.headers.get("X-ClickHouse-User") or "default"
        if (user, self.headers.get("X-ClickHouse-Key") or "") != (options.user, options.password):
            self.refuse(f"Code: 516. DB::Exception: {user}: Authentication failed: password is incorrect, or there "
                        "is no user with such name. (AUTHENTICATION_FAILED) (version chDB)")
            return
        items = urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query, keep_blank_values=True)
        answers = queue.Queue()
        work.put(((items, body), answers))
        kind, value = answers.get()
        if kind == "error":
            self.refuse(value)
            return
        self.answer(200, value[0], [("X-ClickHouse-Summary", json.dumps(value[1])),
                                    ("X-ClickHouse-Query-Id", str(uuid.uuid4())),
                                    ("Content-Type", "text/tab-separated-values; charset=UTF-8")])


threading.Thread(target=engine, daemon=True).start()
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
