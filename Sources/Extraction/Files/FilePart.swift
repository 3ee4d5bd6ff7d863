internal import DaybreakCore

/// A stretch of a plain file that one thread reads: the events that start in it.
///
/// Events do not start at any byte, so a part begins at the first line at or behind `start` that starts
/// an event whatever stands before it, and ends in front of the first such line at or behind `end`.
/// Which lines those are follows from the file alone: the parts of a file are the same for all readers,
/// and together they are what one reader makes of the whole.
struct FilePart {
  let start: Int64
  /// `Int64.max` for the last part.
  let end: Int64

  /// How long parts are: enough that finding their ends costs nothing, few enough bytes that threads end
  /// at about the same time.
  static let byteCount: Int64 = 8 << 20

  /// The parts of a file.
  static func parts(of byteCount: Int64) -> [FilePart] {
    stride(from: 0, to: byteCount, by: Int(FilePart.byteCount)).map { start in
      let end = start + FilePart.byteCount
      return FilePart(start: start, end: end < byteCount ? end : .max)
    }
  }
}

/// Tells the lines at which parts of a text begin and end.
///
/// The first whole line behind a bound is never one, nor is a line behind a blank or overlong line:
/// what counts with its neighbours is then the same for whoever comes from the left and from the right.
struct PartBound {
  private var followsText = false

  /// Takes in the next line behind the bound.
  ///
  /// - Parameters:
  ///   - isText: whether the line is neither blank nor too long.
  ///   - startsEvent: whether it starts an event whatever stands before it; asked for only where needed.
  /// - Returns: whether the part ends in front of this line.
  mutating func isReached(isText: Bool, startsEvent: () -> Bool) -> Bool {
    defer { followsText = isText }
    return followsText && isText && startsEvent()
  }
}

/// How a file is read in parts.
struct PartedFile {
  let mode: PartMode
  let parts: [FilePart]
}

/// The formats whose files can be read in parts.
enum PartMode {
  case jsonLines
  case text(TextReader.Mode, joinsHeaderless: Bool)
}
