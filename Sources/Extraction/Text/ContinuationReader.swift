/// Tells lines that belong to the event before them by their own shape: stack traces of Java, Python,
/// Go, .NET, Node, PHP and Ruby, and closing brackets of dumps.
struct ContinuationReader {
  /// The trace that the event is inside of, where its next lines are known by that alone.
  private enum Trace { case none, python, go }

  private var trace = Trace.none
  /// Whether the event starts with white space itself: more of it then tells nothing.
  private var startsIndented = false

  /// Forgets the event; call where one starts.
  ///
  /// - Parameters:
  ///   - line: its first line.
  ///   - isSplit: whether it is the rest of one that grew too long.
  mutating func startEvent(_ line: ByteView, isSplit: Bool = false) {
    trace = .none
    startsIndented = !isSplit && isBlank(line[0])
    if line.has("Traceback (most recent call last)", at: 0) { trace = .python }
    if line.has("panic: ", at: 0) || line.has("goroutine ", at: 0)
      || line.has("fatal error: ", at: 0)
    {
      trace = .go
    }
  }

  /// Tells whether a line goes on with no event, whatever that is.
  static func neverContinues(_ line: ByteView) -> Bool {
    for trace in [Trace.none, .python, .go] {
      var reader = ContinuationReader()
      reader.trace = trace
      if reader.continues(line) { return false }
    }
    return true
  }

  /// Tells whether a line goes on with the event.
  mutating func continues(_ line: ByteView) -> Bool {
    let first = line[0]
    if isBlank(first) {
      let start = line.skippingSpaces(0)
      return !startsIndented || line.has("at ", at: start) || line.has("... ", at: start)
    }
    switch first {
    case UInt8(ascii: "a"): if line.has("at ", at: 0), isFrame(line) { return true }
    case UInt8(ascii: "C"): if line.has("Caused by: ", at: 0) { return true }
    case UInt8(ascii: "S"):
      if line.has("Suppressed: ", at: 0) || line.has("Stack trace:", at: 0) { return true }
    case UInt8(ascii: "."): if line.has("... ", at: 0) { return true }
    case UInt8(ascii: "-"): if line.has("--- End of ", at: 0) { return true }
    case UInt8(ascii: "#"): if isDigit(line[1]), isFrame(line) { return true }
    case UInt8(ascii: "F"): if line.has("File \"", at: 0) { return true }
    case UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ")"):
      if isCloser(line) { return true }
    case UInt8(ascii: "T"):
      if line.has("Traceback (most recent call last)", at: 0) {
        trace = .python
        return true
      }
      if line.has("The above exception was the direct cause", at: 0) { return true }
    case UInt8(ascii: "D"): if line.has("During handling of the above exc", at: 0) { return true }
    case UInt8(ascii: "g"):
      if line.has("goroutine ", at: 0), isDigit(line[10]) {
        trace = .go
        return true
      }
    default: break
    }
    return continuesTrace(line)
  }

  private mutating func continuesTrace(_ line: ByteView) -> Bool {
    switch trace {
    case .none: return false
    case .python:
      // The line that names the exception is the last of its trace.
      guard isExceptionLine(line) else { return false }
      trace = .none
      return true
    case .go:
      return line.has("created by ", at: 0) || line.has("[signal ", at: 0)
        || line.has("exit status ", at: 0) || line.has("main.main()", at: 0) || isCall(line)
    }
  }

  /// A frame of a stack names a call or a file: `at a.b.C(D.java:1)`, `#0 /srv/a.php(12): f()`.
  private func isFrame(_ line: ByteView) -> Bool {
    line.first(UInt8(ascii: "("), from: 2, limit: 512) != nil || line.has("{main}", at: 3)
  }

  private func isCloser(_ line: ByteView) -> Bool {
    var index = 0
    while index < min(line.count, 8) {
      switch line[index] {
      case UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ")"), 0x2C, 0x3B: index += 1
      default: return false
      }
    }
    return index == line.count
  }

  /// `ValueError: …`, `requests.exceptions.Timeout`, `KeyboardInterrupt`.
  private func isExceptionLine(_ line: ByteView) -> Bool {
    guard isLetter(line[0]) || line[0] == 0x5F else { return false }
    var index = 0
    while index < 200,
      isLetter(line[index]) || isDigit(line[index]) || line[index] == 0x5F
        || line[index] == 0x2E
    {
      index += 1
    }
    return index == line.count || (line[index] == 0x3A && index + 1 == line.count)
      || (line[index] == 0x3A && line[index + 1] == 0x20)
  }

  /// `main.handler(0xc000010000, 0x1)`: a call without spaces in front of its parenthesis.
  private func isCall(_ line: ByteView) -> Bool {
    guard isLetter(line[0]), line.count < 512, line[line.count - 1] == UInt8(ascii: ")"),
      let open = line.first(UInt8(ascii: "("), from: 1, limit: 256)
    else { return false }
    return line.first(0x20, from: 0, limit: open) == nil
      && line.first(0x2E, from: 0, limit: open) != nil
  }
}
