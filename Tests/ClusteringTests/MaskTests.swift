import Testing

@testable import Clustering

@Suite struct MaskTests {
  @Test(arguments: [
    ("took 12 attempts", "took <num> attempts"),
    ("error state -5", "error state <num>"),
    ("delta=+3.5e-7", "delta=<num>"),
    ("total 1,234,567 rows", "total <num> rows"),
    ("worth 1,234.50 EUR", "worth <num> EUR"),
    ("ids 1,2,3", "ids <num>,<num>,<num>"),
    ("at 97.5% of", "at <num>% of"),
    ("version 1.2.3 of 1.25", "version <num> of <num>"),
    ("blk_-6952295868487656571 done", "blk_<num> done"),
    ("web12 up", "web<num> up"),
    ("3rd try of 64bit", "<num>rd try of <num>bit"),
    ("rate 100Mbps", "rate <num>Mbps"),
    ("1e5 loops", "<num> loops"),
  ])
  func `masks numbers with sign, thousands and fraction`(line: String, expected: String) {
    #expect(template(line) == expected)
  }

  @Test(arguments: [
    ("took 12ms", "took <dur>"), ("took 1.5s.", "took <dur>."), ("in 1h2m3.5s", "in <dur>"),
    ("in 250 ms now", "in <num> ms now"), ("in 0.2 s", "in <num> s"),
    ("lifetime <1 sec", "lifetime <dur>"),
    ("sent 1293 bytes (1.26 KB) now", "sent <size> now"), ("in 15µs", "in <dur>"),
    ("after 5 seconds", "after <num> seconds"), ("sent 4KB", "sent <size>"),
    ("sent 3.4 MiB of 2 GB", "sent <size> of <size>"), ("heap 512M", "heap <size>"),
    ("sent 512 B", "sent <size>"), ("sent 512 bytes", "sent <num> bytes"),
    ("in 5 minutes", "in <num> minutes"), ("5 m away", "<num> m away"),
  ])
  func `masks durations and sizes with their units`(line: String, expected: String) {
    #expect(template(line) == expected)
  }

  @Test(arguments: [
    ("from 10.0.0.1 port 22", "from <ip> port <num>"),
    ("to 10.251.43.115:50010 failed", "to <ip>:<num> failed"),
    ("src: /10.250.19.102:54106 dest", "src: /<ip>:<num> dest"),
    ("from 2001:db8::1 now", "from <ip> now"), ("from [::1]:8080", "from [<ip>]:<num>"),
    ("from fe80::1%eth0 now", "from <ip> now"),
    ("v4 in v6 ::ffff:10.0.0.1", "v4 in v6 <ip>"),
    ("mac 00:1a:2B:3c:4d:5e up", "mac <mac> up"),
    ("std::min of dead::beef", "std::min of dead::beef"),
    ("not 300.1.2.3", "not <num>"),
  ])
  func `masks addresses`(line: String, expected: String) {
    #expect(template(line) == expected)
  }

  @Test(arguments: [
    ("id 550e8400-e29b-41d4-a716-446655440000 ok", "id <uuid> ok"),
    ("at 0x7ffe12ab", "at <hex>"), ("commit 3f2a9c1 merged", "commit <hex> merged"),
    ("trace=a84b21487d5481fd5c2cd0bd92c0e323", "trace=<hex>"),
    ("pod checkout-7c9d8f5b6-x2kq4 up", "pod checkout-<hex>-<id> up"),
    ("token QWxhZGRpbjpvcGVuIHNlc2FtZTEyMw== used", "token <b64> used"),
    (
      "bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.SflKxwRJSMeKKF2QT4 end",
      "bearer <b64> end"
    ),
    ("a face in the cafe", "a face in the cafe"),
  ])
  func `masks identifiers by their shape`(line: String, expected: String) {
    #expect(template(line) == expected)
  }

  @Test(arguments: [
    ("at 2026-03-12T02:11:09.123Z end", "at <time> end"),
    ("at 2026-03-12 02:11:09,123 end", "at <time> end"),
    ("at 2026-03-12T02:11:09+10:00 end", "at <time> end"),
    ("on 2026-03-12 end", "on <time> end"), ("on 2026/03/12 02:11:09", "on <time>"),
    ("2005-06-03-15.42.50.675872 up", "<time> up"), ("17/06/09 20:10:55 INFO", "<time> INFO"),
    ("[12/Mar/2026:02:11:09 +0000] x", "[<time>] x"), ("Mar 12 02:11:09 host", "<time> host"),
    ("Mar  2 02:11:09 host", "<time> host"),
    ("[Sun Dec 04 04:47:44 2005] x", "[<time>] x"),
    ("Thu, 12 Mar 2026 02:11:09 GMT x", "<time> x"), ("lifetime 00:01", "lifetime <time>"),
    ("at 02:11:09.5 end", "at <time> end"), ("20260312T021109Z x", "<time> x"),
    ("May I", "May I"), ("Main.java:42: x", "Main.java:<num>: x"), ("1:2:3", "<num>:<num>:<num>"),
  ])
  func `masks dates and times`(line: String, expected: String) {
    #expect(template(line) == expected)
  }

  @Test(arguments: [
    ("open /etc/httpd/conf.d/ssl.conf failed", "open <path> failed"),
    ("open ./run.sh, ../x and ~/.ssh/id", "open <path>, <path> and <path>"),
    ("at /a/b.c:12: bad", "at <path>:<num>: bad"), ("input/output error", "input/output error"),
    ("C:\\Windows\\x.dll missing", "<path> missing"),
    ("\\\\share\\dir\\f.txt gone", "<path> gone"), ("a / b // c", "a / b // c"),
    ("GET /api/orders/17?x=1 200", "GET <path> <num>"),
    ("see https://a.example:8443/p/q?x=1&y=2#z, then", "see <url>, then"),
    ("see (http://[::1]:80/x) now", "see (<url>) now"), ("s3://bucket/key1 put", "<url> put"),
    ("jdbc:postgresql://db/x up", "jdbc:<url> up"),
    ("mail to anna.b+c@shop.example.org.", "mail to <email>."),
    ("<anna@shop.example> and user@host", "<<email>> and user@host"),
  ])
  func `masks paths, URLs and addresses of mail`(line: String, expected: String) {
    #expect(template(line) == expected)
  }

  @Test(arguments: [
    ("relation \"users\" missing", "relation \"<str>\" missing"),
    ("name='x y' set", "name='<str>' set"),
    ("can't open 'a' and don't", "can't open 'a' and don't"),
    ("say \"a \\\" b\" x", "say \"<str>\" x"), ("half \" open", "half \" open"),
    ("\"GET /x/y HTTP/1.1\" 200", "\"GET <path> HTTP/<num>\" <num>"),
    ("was true or False", "was <bool> or <bool>"),
  ])
  func `masks quoted strings and booleans`(line: String, expected: String) {
    #expect(template(line) == expected)
  }

  @Test(arguments: [
    (
      "user=root uid=0 tty=ssh ruser= rhost=1.2.3.4", "user=<*> uid=<num> tty=<*> ruser= rhost=<ip>"
    ),
    ("failure; uid=0 tty=ssh user=bob", "failure; uid=<num> tty=ssh user=<*>"),
    ("addr=10.0.0.1:80 ok", "addr=<ip>:<num> ok"), ("a==b c => d", "a==b c => d"),
    ("total = 40, boot", "total = <num>, boot"), ("amount=1,234.5 x", "amount=<num> x"),
    ("level=info msg=\"order 17 placed\" id=a7f", "level=info msg=\"order <num> placed\" id=<id>"),
    ("name=\"\" x", "name=\"<str>\" x"), ("f(a=1,b=x)", "f(a=<num>,b=<*>)"),
    ("q?a=1&b=c d", "q?a=<num>&b=<*> d"),
  ])
  func `masks the values of keys`(line: String, expected: String) {
    #expect(template(line) == expected)
  }

  @Test(arguments: [
    (
      #"{"ts":17,"level":"info","msg":"order 17 placed","ok":true,"x":null,"n":{"a":[1,{"b":2}]}}"#,
      #"{"ts":<num>,"level":"info","msg":"order <num> placed","ok":<bool>,"x":<*>,"n":{"a":[<text>]}}"#
    ),
    (#"{"a": "", "b": "x \" y"} tail"#, #"{"a": "<str>", "b": "<str>"} tail"#),
    (#"got {'k1': 'v', 'z': []} end"#, #"got {'k<num>': '<str>', 'z': [<text>]} end"#),
  ])
  func `keeps JSON keys and masks their values`(line: String, expected: String) {
    #expect(template(line) == expected)
  }

  @Test(arguments: [
    ("to mail.example.org:25 now", "to <host>:<num> now"),
    ("from 24-54-76-216.bflony.example.net (x)", "from <host> (x)"),
    ("from dsl-059.45.101.203.example.net now", "from <host> now"),
    ("via bx.optimix.asia:443 now", "via <host>:<num> now"),
    ("class org.example.shop.Cart failed", "class org.example.shop.Cart failed"),
    ("file mail.py missing", "file mail.py missing"), ("in mice.c:12", "in mice.c:<num>"),
    ("call java.net.Socket.connect() failed", "call java.net.Socket.connect() failed"),
    ("see example.com.", "see <host>."), ("Done. Next e.g. this", "Done. Next e.g. this"),
  ])
  func `masks names of hosts, not of classes and files`(line: String, expected: String) {
    #expect(template(line) == expected)
  }

  @Test(arguments: [
    ("closed for user cyrus", "closed for user <*>"),
    ("check pass; user unknown", "check pass; user unknown"),
    ("user request failed", "user request failed"), ("user name=x y", "user name=<*> y"),
    ("(root) CMD x", "(<*>) CMD x"), ("a root-cause of root.cfg", "a root-cause of root.cfg"),
    ("value is null now", "value is <*> now"),
    ("invalid user  bob [preauth]", "invalid user  <*> [preauth]"),
  ])
  func `masks the names of accounts`(line: String, expected: String) {
    #expect(template(line) == expected)
  }

  @Test(arguments: [
    ("port 22 ssh2", "port <num> ssh2"), ("jk2_init() ok", "jk2_init() ok"),
    ("host web12 up", "host web<num> up"), ("r24=0x0f r25=0x03", "r24=<hex> r25=<hex>"),
    ("version v1.0.0 up", "version v<num> up"),
  ])
  func `keeps names with one digit and keys with a few`(line: String, expected: String) {
    #expect(template(line) == expected)
  }

  @Test func `keeps non-Latin words`() {
    #expect(template("用户 张三 登录 7 次") == "用户 张三 登录 <num> 次")
    #expect(template("ошибка №5: нет места") == "ошибка №<num>: нет места")
  }

  @Test(arguments: ["", "   ", "\t\r\n"])
  func `names an empty line`(line: String) {
    #expect(template(line) == "(empty)")
  }

  @Test func `drops blanks at the end of a line only`() {
    #expect(template("  a  b \r") == "  a  b")
  }
}

@Suite struct TraceTests {
  private let java = """
    java.io.IOException: disk 7 full
    \tat a.B.c(B.java:12)
    \tat a.B.d(B.java:44)
    \tat a.E.f(E.java:7)
    """

  @Test func `keeps an exception and its top frames`() {
    #expect(
      template(java + "\n\tat g.H.i(H.java:1)\n\tat g.H.j(H.java:2)")
        == """
        java.io.IOException: disk <num> full
        \tat a.B.c(B.java:<num>)
        \tat a.B.d(B.java:<num>)
        \tat a.E.f(E.java:<num>)<text>
        """)
  }

  @Test func `gives traces of other depth the same pattern`() {
    #expect(template(java) == template(java + "\n\tat g.H.i(H.java:1)\n\t... 12 more"))
  }

  @Test func `keeps the innermost Python frame and the exception`() {
    let trace = """
      Traceback (most recent call last):
        File "/app/main.py", line 3, in <module>
          run()
        File "/app/run.py", line 17, in run
          raise ValueError(x)
      ValueError: bad value 3
      """
    #expect(
      template(trace)
        == """
        Traceback (most recent call last):<text>
          File "<str>", line <num>, in run
            raise ValueError(x)
        ValueError: bad value <num>
        """)
  }
}
