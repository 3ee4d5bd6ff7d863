import Foundation
import Spawning
import TestSupport
import Testing

/// `cluster`, `fold` and `merge` as a shell runs them.
@Suite struct ClusterCommandTests {
  let scratch: ScratchDirectory

  init() throws {
    scratch = try ScratchDirectory()
    try scratch.write(Self.log(300), to: "logs/a.log")
    try scratch.write(Self.log(200, from: 300), to: "logs/deep/b.log")
  }

  /// Lines of a log: requests, a warning, stack traces, bytes that act on terminals.
  static func log(_ count: Int, from start: Int = 0) -> String {
    (start..<start + count).map { index in
      let clock = "2026-11-20 09:\(index / 10 % 60 < 10 ? "0" : "")\(index / 10 % 60):00"
      switch index % 10 {
      case 3: return "\(clock) WARN cache of 10.0.0.\(index % 200) is full\n"
      case 7:
        return "\(clock) ERROR order \(index) failed\njava.io.IOException: closed\n"
          + "\tat shop.Cart.add(Cart.java:12)\n"
      case 9: return "\(clock) INFO \u{1b}[2J\u{202e}clear \(index)\n"
      default: return "\(clock) INFO request \(index) took \(index % 90) ms\n"
      }
    }.joined()
  }

  /// Runs a line of shell; `$daybreak` is the program.
  private func shell(_ line: String, environment: [String: String] = [:]) throws
    -> DaybreakProcess.Outcome
  {
    let variables = ["PATH": "/usr/bin:/bin", "daybreak": DaybreakProcess.binary.path]
    var command = ChildCommand(
      ["/bin/bash", "-c", line], environment: variables.merging(environment) { _, new in new })
    command.directory = scratch.url.path
    command.output = .captured
    command.errors = .captured
    let process = try ChildProcess(command)
    return DaybreakProcess.Outcome(
      ending: process.wait(), output: String(decoding: process.capturedOutput, as: UTF8.self),
      errors: String(decoding: process.capturedErrors, as: UTF8.self))
  }

  @Test func `shows a table of all lines, quietly`() throws {
    let outcome = try shell("$daybreak cluster logs/a.log")
    #expect(outcome.status == 0)
    #expect(outcome.errors.isEmpty)
    #expect(outcome.output.hasPrefix("360 lines read = 360 clustered + 0 quarantined\n"))
    #expect(outcome.output.contains("300 events; 60 lines continue the one before\n"))
    #expect(outcome.output.contains("request <num> took <"))
    #expect(!outcome.output.contains("\u{1b}"))
  }

  @Test(arguments: [
    "logs", "'logs/**/*.log'", "logs/a.log logs/deep/b.log", "'logs/*.log' logs/deep",
  ])
  func `names files one by one, by a folder or by a pattern`(operands: String) throws {
    let outcome = try shell("$daybreak cluster \(operands)")
    #expect(outcome.output.hasPrefix("600 lines read = 600 clustered"))
  }

  @Test(arguments: [
    "$daybreak cluster - < logs/a.log", "cat logs/a.log | $daybreak cluster",
    "gzip -c logs/a.log > a.gz && $daybreak cluster a.gz", "gzip -c logs/a.log | $daybreak cluster",
    "$daybreak cluster <(cat logs/a.log)",
    "mkfifo named; cat logs/a.log > named & $daybreak cluster named",
    "$daybreak cluster --threads 3 logs/a.log", "$daybreak cluster --threads=1 logs/a.log",
    "$daybreak fold logs/a.log -o a.fold && $daybreak merge a.fold",
    "cat logs/a.log | $daybreak fold --out - | $daybreak merge -",
  ])
  func `prints the same bytes from wherever the lines come`(line: String) throws {
    let expected = try shell("$daybreak cluster logs/a.log").output
    let outcome = try shell(line)
    #expect(outcome.output == expected)
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  @Test func `merged parts print what their files do, byte for byte, in every form`() throws {
    for options in [
      "", "--json", "--tsv", "--level warn+ --samples 2", "--placeholders plain -n 2",
    ] {
      let outcome = try shell(
        """
        $daybreak cluster logs \(options) > whole &&
        $daybreak fold logs/a.log -o 1.fold && $daybreak fold logs/deep -o 2.fold &&
        $daybreak merge 2.fold 1.fold -o sum.fold && $daybreak merge sum.fold \(options) > merged &&
        cmp whole merged
        """)
      #expect(outcome.status == 0, "\(options): \(outcome.output) \(outcome.errors)")
    }
  }

  @Test func `a row for every line, also of standard input`() throws {
    let outcome = try shell(
      """
      $daybreak cluster logs/a.log --assign a.tsv > /dev/null &&
      cat logs/a.log | $daybreak cluster --assign b.tsv --json > b.json && cmp a.tsv b.tsv &&
      grep -q '"name":"standard input"' b.json &&
      $daybreak cluster logs/a.log --assign - | cmp a.tsv - &&
      $daybreak cluster <(gzip -c logs/a.log) --assign - | cmp a.tsv - && wc -l < a.tsv && ls
      """)
    #expect(outcome.output.hasPrefix("360\n"), "\(outcome.output) \(outcome.errors)")
    #expect(!outcome.output.contains(".part"))
  }

  @Test(arguments: [
    ("$daybreak cluster missing.log", 4, "no file matches missing.log"),
    ("$daybreak cluster --levle x logs", 2, "did you mean --level?"),
    ("$daybreak cluster --level loud logs", 2, "there is no level `loud`"),
    ("$daybreak cluster --format jsonlines logs", 2, "--format cannot be `jsonlines`"),
    ("$daybreak cluster --json --tsv logs", 2, "--json does not go with --tsv"),
    ("$daybreak cluster --zone Mars logs", 2, "--zone must be an IANA name"),
    ("$daybreak cluster -z logs", 2, "no option -z"),
    ("$daybreak cluster --top=-1 logs", 2, "--top must be a whole number"),
    ("$daybreak cluster - --diff -", 2, "standard input can be one side"),
    ("$daybreak cluster logs --diff missing.log", 4, "no file matches missing.log"),
    ("$daybreak cluster logs --assign no/such/folder", 4, "cannot write no/such/folder"),
    ("$daybreak fold logs", 2, "add -o PART"),
    ("$daybreak merge logs/a.log", 4, "logs/a.log: not a fold file"),
    ("$daybreak merge none.fold", 4, "no file matches none.fold"),
  ])
  func `says what is wrong, by its exit code too`(
    line: String, status: Int32, problem: String
  ) throws {
    let outcome = try shell(line)
    #expect(outcome.status == status)
    #expect(outcome.errors.contains(problem), "\(outcome.errors)")
    #expect(outcome.output.isEmpty)
  }

  @Test func `lines that cannot be read are named, and the exit code says so`() throws {
    let entry = #"{"labels":{"app":"a"},"line":"x 1","timestamp":"2026-11-20T09:00:00Z"}"#
    try scratch.write("\(entry)\nbroken\n", to: "a.jsonl")
    let outcome = try shell("$daybreak cluster a.jsonl")
    #expect(outcome.status == 3)
    #expect(outcome.output.hasPrefix("2 lines read = 1 clustered + 1 quarantined\n"))
    #expect(
      outcome.output.contains("a.jsonl, byte \(entry.utf8.count + 1): not an entry of logcli"))
    let missing = try shell("$daybreak cluster logs/a.log missing.log --tsv")
    #expect(missing.status == 3)
    #expect(missing.errors.contains("no file matches missing.log"))
    #expect(missing.output.contains("request <num> took <"))
  }

  @Test func `a reader that goes away is no failure`() throws {
    let outcome = try shell(
      "$daybreak cluster logs --samples 5 --json | head -c 1; echo \"${PIPESTATUS[0]}\"")
    #expect(outcome.output == "{0\n")
    #expect(outcome.errors.isEmpty)
  }

  @Test func `compares with one file or several`() throws {
    try scratch.write(Self.log(500) + "2026-11-20 09:30:00 ERROR disk is full\n", to: "today.log")
    let outcome = try shell("$daybreak cluster today.log --diff 'logs/**/*.log'")
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("new: 1 pattern only in today.log\n"))
    #expect(outcome.output.contains("disk is full\n"))
    #expect(!outcome.output.contains("gone:"))
    let twice = try shell("$daybreak cluster today.log --diff logs/a.log --diff logs/deep")
    let parts = try shell(
      """
      $daybreak fold today.log -o t.fold; $daybreak fold logs/a.log -o 1.fold
      $daybreak fold logs/deep -o 2.fold; $daybreak merge t.fold --diff 1.fold --diff 2.fold
      """)
    let rows: (String) -> [Substring] = { $0.split(separator: "\n").filter { $0.first == " " } }
    #expect(!rows(outcome.output).isEmpty)
    #expect(rows(twice.output) == rows(outcome.output))
    #expect(rows(parts.output) == rows(outcome.output))
  }

  @Test func `stops when asked to, and leaves nothing behind`() throws {
    // More than a pipe holds is read before the signal is sent, so somebody listens by then.
    let outcome = try shell(
      """
      mkfifo pipe; "$daybreak" cluster --assign out.tsv < pipe & exec 3> pipe
      for i in {1..40}; do cat logs/a.log >&3; done; kill -INT $!; cat logs/a.log >&3; exec 3>&-
      wait $!; echo $?; rm pipe; ls
      """)
    #expect(outcome.output == "130\nlogs\n")
    #expect(outcome.errors == "daybreak: stopped on request\n")
  }

  @Test func `a terminal gets colours and its width, and no colours where NO_COLOR is set`() throws
  {
    let line =
      "script -qec 'stty cols 90; \"$daybreak\" cluster logs/a.log' /dev/null < /dev/null"
    let coloured = try shell(line, environment: ["TERM": "xterm"])
    guard coloured.status == 0 else { return }  // No `script` here: nothing makes a terminal.
    #expect(coloured.output.contains("\u{1b}[31mERROR"))
    let plain = try shell(line, environment: ["TERM": "xterm", "NO_COLOR": "1"])
    #expect(!plain.output.contains("\u{1b}[3"))
    #expect(!plain.output.contains("\u{1b}[2J"))
    for line in plain.output.split(whereSeparator: \.isNewline) where !line.contains("\u{1b}") {
      #expect(line.count <= 90)
    }
  }
}
