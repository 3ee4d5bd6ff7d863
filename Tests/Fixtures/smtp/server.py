"""A real SMTP server (aiosmtpd) that misbehaves as a test asks.

usage: server.py DIRECTORY MODE [--tls CERTIFICATE KEY] [--require-tls] [--auth USER PASSWORD]

Prints its port, then runs until standard input ends. Every mail taken is written to DIRECTORY as
NNN.eml, with NNN.to holding its envelope. Modes:
  accept           takes everything
  refuse-mail      550 to MAIL
  refuse-rcpt      550 to recipients that begin with "no", 451 once a try to those with "later"
  refuse-data      554 to the content
  greylist         451 to each first RCPT, later tries are taken
  busy             421 to every RCPT
  hang-up-data     closes the connection in the middle of the content
  hang-up-dot      takes the content, writes it down, closes the connection without a reply, once
  hang-up-greeting closes the connection before greeting, once
"""

import argparse
import asyncio
import os
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


class Handler:
    def __init__(self, directory, mode):
        self.directory = directory
        self.mode = mode
        self.count = 0
        self.seen = set()
        self.hung_up = False

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.mode == "refuse-mail":
            return "550 5.7.1 sender refused"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        first = address not in self.seen
        self.seen.add(address)
        if self.mode == "greylist" and first:
            return "451 4.7.1 greylisted, try again"
        if self.mode == "busy":
            return "421 4.3.2 too busy"
        if self.mode == "refuse-rcpt":
            if address.startswith("no"):
                return "550 5.1.1 no such user"
            if address.startswith("later") and first:
                return "451 4.2.1 mailbox busy"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.mode == "refuse-data":
            return "554 5.6.0 content refused"
        name = os.path.join(self.directory, "%03d" % self.count)
        self.count += 1
        with open(name + ".to", "w") as file:
            file.write("\n".join([envelope.mail_from] + envelope.rcpt_tos))
        with open(name + ".part", "wb") as file:
            file.write(envelope.original_content)
        os.rename(name + ".part", name + ".eml")
        if self.mode == "hang-up-dot" and not self.hung_up:
            self.hung_up = True
            server.transport.abort()
            await asyncio.sleep(3600)
        return "250 2.0.0 queued as %03d" % (self.count - 1)


class HangUp(SMTP):
    """Closes the connection once it has seen some of the content."""

    async def smtp_DATA(self, arg):
        await self.push("354 go on")
        await self._reader.readexactly(10)
        self.transport.abort()
        await asyncio.sleep(3600)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("directory")
    parser.add_argument("mode")
    parser.add_argument("--tls", nargs=2)
    parser.add_argument("--require-tls", action="store_true")
    parser.add_argument("--auth", nargs=2)
    args = parser.parse_args()

    settings = {"hostname": "mx.test", "enable_SMTPUTF8": False}
    if args.tls:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*args.tls)
        settings.update(tls_context=context, require_starttls=args.require_tls)
    if args.auth:
        user, password = (text.encode() for text in args.auth)

        def authenticate(server, session, envelope, mechanism, data):
            right = isinstance(data, LoginPassword) and (data.login, data.password) == (user, password)
            return AuthResult(success=right, handled=right)

        settings.update(authenticator=authenticate, auth_required=True,
                        auth_require_tls=bool(args.tls))

    handler = Handler(args.directory, args.mode)
    kind = HangUp if args.mode == "hang-up-data" else SMTP
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.set_exception_handler(lambda *_: None)

    def make():
        if args.mode == "hang-up-greeting" and not handler.hung_up:
            handler.hung_up = True
            return Closer()
        return kind(handler, loop=loop, **settings)

    server = loop.run_until_complete(loop.create_server(make, "127.0.0.1", 0))
    print(server.sockets[0].getsockname()[1], flush=True)
    loop.add_reader(sys.stdin, lambda: sys.stdin.buffer.read1(1) or loop.stop())
    loop.run_forever()


class Closer(asyncio.Protocol):
    def connection_made(self, transport):
        transport.abort()


if __name__ == "__main__":
    main()
