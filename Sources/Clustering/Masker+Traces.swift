/// The lines of one event behind its first: stack traces above all.
extension Masker {
  /// How many frames of a stack trace belong to its pattern.
  private static let frameLimit = 3

  /// Masks everything behind the first line of an event; returns its end.
  ///
  /// Of a run of frames (`at …` of Java, JavaScript and .NET; `File "…"` with its source line of
  /// Python) those nearest the fault are kept, the rest is one `<text>`. Other lines are masked as any.
  mutating func maskContinuation(_ range: ScanRange, at newline: Int) -> Int {
    var index = newline
    while index < range.end {
      // `index` is at a newline here.
      let lineStart = index + 1
      let lineEnd = self.lineEnd(range, from: lineStart)
      if isFrame(range, from: lineStart, to: lineEnd) {
        index = maskFrames(range, at: index)
      } else if isPythonFrame(range, from: lineStart, to: lineEnd) {
        index = maskPythonFrames(range, at: index)
      } else {
        copy(UInt8(ascii: "\n"))
        scan(range.source, from: lineStart, to: lineEnd, depth: 1)
        index = lineEnd
      }
    }
    return range.end
  }

  /// Masks a run of frames whose innermost is the first.
  private mutating func maskFrames(_ range: ScanRange, at newline: Int) -> Int {
    var index = newline
    var frames = 0
    while index < range.end {
      let lineEnd = self.lineEnd(range, from: index + 1)
      guard isFrame(range, from: index + 1, to: lineEnd) else { break }
      if frames < Masker.frameLimit {
        copy(UInt8(ascii: "\n"))
        scan(range.source, from: index + 1, to: lineEnd, depth: 1)
      }
      frames += 1
      index = lineEnd
    }
    // Depth of the stack below is no part of the event: it may be empty as well.
    emit(.text)
    return index
  }

  /// Masks a run of frames whose innermost is the last; a frame may have lines of source behind it.
  private mutating func maskPythonFrames(_ range: ScanRange, at newline: Int) -> Int {
    var index = newline
    var last = newline
    while index < range.end {
      let lineEnd = self.lineEnd(range, from: index + 1)
      let isStart = isPythonFrame(range, from: index + 1, to: lineEnd)
      guard isStart || (range.byte(index + 1) == 0x20 && range.byte(index + 2) == 0x20) else {
        break
      }
      if isStart { last = index }
      index = lineEnd
    }
    emit(.text)
    while last < index {
      let lineEnd = self.lineEnd(range, from: last + 1)
      copy(UInt8(ascii: "\n"))
      scan(range.source, from: last + 1, to: lineEnd, depth: 1)
      last = lineEnd
    }
    return index
  }

  private func lineEnd(_ range: ScanRange, from start: Int) -> Int {
    var end = start
    while end < range.end, range.source[end] != UInt8(ascii: "\n") { end += 1 }
    return end
  }

  /// Tells whether a line is blank-led `at …` or `… 12 more`.
  private func isFrame(_ range: ScanRange, from start: Int, to end: Int) -> Bool {
    var index = start
    while index < end, range.source[index] == 0x20 || range.source[index] == 0x09 { index += 1 }
    guard index > start, end - index > 3 else { return false }
    let isAt =
      range.source[index] == UInt8(ascii: "a") && range.source[index + 1] == UInt8(ascii: "t")
      && range.source[index + 2] == 0x20
    let isMore =
      range.source[index] == UInt8(ascii: ".") && range.source[index + 1] == UInt8(ascii: ".")
      && range.source[index + 2] == UInt8(ascii: ".")
    return isAt || isMore
  }

  /// Tells whether a line is `  File "…"`.
  private func isPythonFrame(_ range: ScanRange, from start: Int, to end: Int) -> Bool {
    guard end - start > 8, range.source[start] == 0x20, range.source[start + 1] == 0x20 else {
      return false
    }
    return isWord(range.source, start + 2, start + 6, "file")
      && range.source[start + 6] == 0x20 && range.source[start + 7] == UInt8(ascii: "\"")
  }
}
