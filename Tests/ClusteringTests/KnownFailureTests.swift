import DaybreakCore
import Testing

@testable import Clustering

/// What users of other log parsers complain of.
@Suite struct KnownFailureTests {
  private func templates(_ lines: [String]) -> [String] { clusters(lines).map(\.template).sorted() }

  @Test func `takes the keys of JSON as structure and the values as variables`() {
    let lines = [
      #"{"level":"info","msg":"order placed","user":"anna","total":17.5,"gift":true}"#,
      #"{"level":"info","msg":"order placed","user":"bob","total":3,"gift":false}"#,
    ]
    #expect(
      templates(lines) == [
        #"{"level":"info","msg":"order placed","user":"<str>","total":<num>,"gift":<bool>}"#
      ])
    #expect(templates([#"{"a":1,"b":2}"#, #"{"a":1,"c":2}"#]).count == 2)
  }

  @Test func `takes the keys of logfmt as structure and the values as variables`() {
    #expect(
      templates([
        "level=info msg=\"order placed\" user=anna region=eu total=17",
        "level=info msg=\"order placed\" user=bob region=us total=3",
      ]) == ["level=info msg=\"order placed\" user=<*> region=<*> total=<num>"])
  }

  @Test func `gives enumerations one template`() {
    #expect(
      templates(["cache warm: true, retries 3", "cache warm: false, retries 1"])
        == ["cache warm: <bool>, retries <num>"])
  }

  @Test func `gives statements of one form one template`() {
    let lines = [
      "LOG: duration: 12.5 ms  statement: SELECT id FROM orders WHERE user_id = 17 AND state = 'open'",
      "LOG: duration: 9.1 ms  statement: SELECT id FROM orders WHERE user_id = 4 AND state = 'paid'",
    ]
    #expect(
      templates(lines) == [
        "LOG: duration: <num> ms  statement: SELECT id FROM orders WHERE user_id = <num> AND state = "
          + "'<*>'"
      ])
    #expect(
      templates(["DELETE FROM carts WHERE id = 1", "DELETE FROM users WHERE id = 1"]).count == 2)
  }

  @Test func `gives URLs with any query one template`() {
    #expect(
      templates([
        "fetched https://shop.example.org/search?q=red+shoes&page=2 with 200",
        "fetched https://shop.example.org/?utm=a%20b with 404",
      ]) == ["fetched <url> with <num>"])
  }

  @Test func `gives a stack trace one template whatever its depth and line numbers`() {
    let deep = (0..<30).map { "\n\tat org.example.Frame\($0).call(Frame.java:\($0))" }.joined()
    let head =
      "request failed\njava.io.IOException: broken\n\tat org.example.A.b(A.java:1)\n\tat org.example.C.d(C.java:2)"
    let tail = "\n\tat org.example.E.f(E.java:3)"
    #expect(templates([head + tail, head + tail + deep]).count == 1)
    let other = head.replacing("IOException", with: "EOFException")
    #expect(templates([head + tail, other + tail]).count == 2)
  }

  @Test func `keeps events of one word apart`() {
    #expect(templates(["started", "stopped", "restart."]) == ["restart.", "started", "stopped"])
  }

  @Test func `reads a line of two thousand words`() {
    let words = (0..<2000).map { "w\($0 % 7)ord" }.joined(separator: " ")
    let found = clusters([words + " 1", words + " 2"])
    #expect(found.map(\.count) == [2])
    #expect(TemplateMatcher(template: found[0].template).matches((words + " 1").utf8))
  }

  @Test func `tells non-Latin texts apart and joins their values`() {
    #expect(
      templates(["用户 登录 成功 7 次", "用户 登录 成功 12 次", "用户 登录 失败 3 次"])
        == ["用户 登录 失败 <num> 次", "用户 登录 成功 <num> 次"])
  }

  @Test func `gives a text of any number of words one template`() {
    let texts = [
      "disk was full", "operator", "moved to another rack", "no reason given", "late",
      "asked to by the owner of the group", "broken", "too slow to go on", "rack 7 without power",
      "its parent is gone", "because", "wrong input in line 12", "nobody waits for it any more",
      "budget spent", "duplicate of 812", "license ran out at noon", "noise", "fan broke again",
    ]
    let lines = texts.enumerated().map { "job \($0) of group batch was stopped by hand: \($1)" }
    #expect(templates(lines) == ["job <num> of group batch was stopped by hand: <text>"])
  }

  @Test func `gives a name of two words the template of the others`() {
    let cities = [
      "Berlin", "Graz", "Porto", "Lyon", "Utrecht", "Malmö", "Hamburg", "Bergen", "New York",
    ]
    #expect(
      templates(cities.map { "parcel handed over in \($0) at noon" })
        == ["parcel handed over in <text> at noon"])
  }

  @Test func `gives values that are empty in some lines one template`() {
    #expect(templates(["client db (10.0.0.7) timed out", "client db () timed out"]).count == 1)
  }

  @Test func `gives sizes and durations in any unit one template`() {
    #expect(
      templates(["wrote 2 KB in 3ms", "wrote 3.4 MB in 1.2s", "wrote 17 B in 1m3s"])
        == ["wrote <size> in <dur>"])
  }

  @Test(arguments: [
    ("VM Started", "VM Paused"), ("link up on port 3", "link down on port 3"),
    ("Cache entry found", "Cache entry lost"),
  ])
  func `keeps events apart that differ in what happened`(first: String, second: String) {
    #expect(templates([first, second]).count == 2)
  }

  @Test func `takes names, paths and numbered machines for values`() {
    #expect(
      templates([
        "user anna opened /srv/a on rack-7", "user bob opened /home/b/c.txt on node-12",
        "user svc-mail opened /etc/x on sw-3",
      ]) == ["user <*> opened <path> on <*>-<num>"])
  }

  @Test func `learns the names of things from many lines for lines that are few`() {
    let groups = ["orders", "billing", "mail", "search", "checkout", "audit", "main", "data"]
    let many = groups.map { "member 7 of group \($0) was removed from the list" }
    let few = ["quota of orders used up today", "quota of mail used up today"]
    #expect(
      templates(many + few) == [
        "member <num> of group <*> was removed from the list", "quota of <*> used up today",
      ])
  }

  @Test func `takes tokens in Base64 for one value wherever their plus signs stand`() {
    let tokens = ["kT9+x2", "+aB3c9", "kQz7P+", "abZ+7Qx", "q7++Zk", "+GH+afGEkd", "J99xOMK="]
    #expect(
      templates(tokens.map { "login failed for session=<\($0)> from 10.0.0.7" })
        == ["login failed for session=<<*>> from <ip>"])
    #expect(
      templates(["hash a8Kx+J99xOMK= differs", "hash q7Zx9 differs"]) == ["hash <*> differs"])
  }

  @Test func `gives a value that is empty between angle brackets one template`() {
    #expect(
      templates([
        "queue 7 took mail from=<a@b.example>, size=7", "queue 8 took mail from=<>, size=9",
      ])
      .count == 1)
  }

  @Test func `keeps a plus sign in front of a value that never varies`() {
    #expect(
      templates(["17", "3f2a9c1"].map { "id \($0) of hosts (+node[1-3]) was lost" })
        == ["id <*> of hosts (+node[<num>-<num>]) was lost"])
  }

  @Test func `gives titles of any number of words in one sentence one template`() {
    let units = [
      "Network Time", "Rotate log files", "Mail Transport Agent", "Sound Card", "Timers",
    ]
    #expect(templates(units.map { "Reached target \($0)." }) == ["Reached target <text>."])
    #expect(
      templates(["Session of ann Started", "Session of ann Paused", "Session of ann Closed"]).count
        == 3)
  }

  @Test func `takes a quoted message in front of keys for the message`() {
    #expect(
      templates([
        #""SyncLoop ADD" source="api" pods=7"#, #""SyncLoop DELETE" source="api" pods=9"#,
        #""SyncLoop ADD" source="file" pods=2"#,
      ]) == [
        #""SyncLoop ADD" source="<str>" pods=<num>"#,
        #""SyncLoop DELETE" source="<str>" pods=<num>"#,
      ])
  }

  @Test func `gives commands run by sudo one template whoever runs what`() {
    #expect(
      templates([
        "ann : TTY=pts/0 ; PWD=/srv ; USER=root ; COMMAND=/bin/ls -la",
        "bo : TTY=unknown ; PWD=/home/bo ; USER=ann ; COMMAND=/usr/bin/systemctl restart web",
      ]) == ["<*> : TTY=<*> ; PWD=<path> ; USER=<*> ; COMMAND=<text>"])
  }

  @Test func `takes lists between brackets for one value`() {
    #expect(
      templates(["new topics: [orders, users]", "new topics: [audit, mail, stock]"])
        == ["new topics: [<text>]"])
  }

  @Test func `gives a Python trace one template whatever its outer frames`() {
    let head = "job failed\nTraceback (most recent call last):"
    let outer = "\n  File \"/srv/main.py\", line 3, in main\n    run()"
    let inner = "\n  File \"/srv/run.py\", line 9, in run\n    raise ValueError(x)\nValueError: bad"
    #expect(templates([head + inner, head + outer + inner]).count == 1)
  }
}
