import DaybreakCore

/// One statement of a script and where it stands.
package struct SQLStatement: Hashable, Sendable {
  /// The statement without its semicolon.
  package let text: String
  /// Where its first word stands, from 1; columns count characters.
  package let line: Int
  package let column: Int
  /// Its first words, in upper case, comments left out; at most four.
  package let words: [String]

  /// Whether it begins or ends a transaction, or moves inside one.
  package var isTransactionControl: Bool {
    switch words.first {
    case "BEGIN", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE": true
    case "START", "PREPARE": words.dropFirst().first == "TRANSACTION"
    default: false
    }
  }

  /// The place of a character of the statement in its file.
  ///
  /// - Parameters:
  ///   - file: the file's name.
  ///   - position: as the server counts, in characters from 1; nil for the statement's start.
  /// - Returns: file, line and column.
  package func location(in file: String, position: Int?) -> ScriptLocation {
    var location = ScriptLocation(file: file, line: line, column: column)
    for scalar in text.unicodeScalars.prefix(max(0, (position ?? 1) - 1)) {
      if scalar == "\n" {
        location.line += 1
        location.column = 1
      } else {
        location.column += 1
      }
    }
    return location
  }
}

/// Cuts a script into statements as `psql` does: semicolons inside quotes, dollar quotes, comments,
/// parentheses and `BEGIN ATOMIC … END` bodies do not end a statement.
///
/// Source: PostgreSQL 15, `src/fe_utils/psqlscan.l`.
package struct SQLScript {
  private let file: String
  private let bytes: [UInt8]
  private var offset = 0
  private var statements: [SQLStatement] = []
  private var start: Int?
  private var words: [String] = []
  private var parentheses = 0
  private var bodies = 0

  /// Cuts a script.
  ///
  /// - Parameters:
  ///   - text: the script.
  ///   - file: its name, for messages.
  /// - Returns: the statements, in order, without empty ones.
  /// - Throws: `PostgresError.migration` for a quote or comment that nothing ends, and for a command of
  ///   psql (a line that starts with a backslash).
  package static func statements(
    of text: String, file: String
  ) throws(PostgresError) -> [SQLStatement] {
    var script = SQLScript(text, file: file)
    try script.cut()
    return script.statements
  }

  private init(_ text: String, file: String) {
    self.file = file
    bytes = Array(text.utf8)
  }

  private mutating func cut() throws(PostgresError) {
    while let byte = peek() {
      switch byte {
      case 0x20, 0x09, 0x0A, 0x0B, 0x0C, 0x0D: offset += 1
      case 0x2D where peek(1) == 0x2D: skipLine()
      case 0x2F where peek(1) == 0x2A: try skipComment()
      case 0x3B:
        if parentheses == 0, bodies == 0 {
          endStatement()
          offset += 1
        } else {
          offset += 1
        }
      case 0x5C where start == nil:
        throw problem("commands of psql cannot run here", at: offset)
      default: try takeToken(byte)
      }
    }
    endStatement()
  }

  /// Takes one token that belongs to a statement.
  private mutating func takeToken(_ byte: UInt8) throws(PostgresError) {
    start = start ?? offset
    switch byte {
    case 0x27: try skipQuoted(0x27, backslashes: false)
    case 0x22: try skipQuoted(0x22, backslashes: false)
    case 0x24:
      if try !skipDollarQuoted() { offset += 1 }
    case 0x28:
      parentheses += 1
      offset += 1
    case 0x29:
      parentheses = max(0, parentheses - 1)
      offset += 1
    case _ where isWordStart(byte): try takeWord()
    default: offset += 1
    }
  }

  private mutating func takeWord() throws(PostgresError) {
    let begin = offset
    while let byte = peek(), isWordStart(byte) || (0x30...0x39).contains(byte) || byte == 0x24 {
      offset += 1
    }
    let word = String(decoding: bytes[begin..<offset], as: UTF8.self).uppercased()
    // E'…' alone gives backslashes a meaning.
    if word == "E", peek() == 0x27 { return try skipQuoted(0x27, backslashes: true) }
    if words.count < 4 { words.append(word) }
    guard parentheses == 0, isRoutine else { return }
    switch word {
    case "BEGIN": bodies += 1
    case "CASE" where bodies > 0: bodies += 1
    case "END" where bodies > 0: bodies -= 1
    default: break
    }
  }

  /// Whether the statement creates a function or procedure, whose body may hold statements.
  private var isRoutine: Bool {
    guard words.first == "CREATE" else { return false }
    let kind = words.dropFirst().first == "OR" ? words.dropFirst(3).first : words.dropFirst().first
    return kind == "FUNCTION" || kind == "PROCEDURE"
  }

  private mutating func endStatement() {
    defer {
      start = nil
      words = []
      parentheses = 0
      bodies = 0
    }
    guard let start else { return }
    let (line, column) = place(of: start)
    statements.append(
      SQLStatement(
        text: String(decoding: bytes[start..<offset], as: UTF8.self), line: line, column: column,
        words: words))
  }

  private mutating func skipLine() {
    while let byte = peek(), byte != 0x0A { offset += 1 }
  }

  /// Skips a block comment; they nest.
  private mutating func skipComment() throws(PostgresError) {
    let begin = offset
    var depth = 0
    repeat {
      guard let byte = peek() else { throw problem("a comment does not end", at: begin) }
      if byte == 0x2F, peek(1) == 0x2A {
        depth += 1
        offset += 2
      } else if byte == 0x2A, peek(1) == 0x2F {
        depth -= 1
        offset += 2
      } else {
        offset += 1
      }
    } while depth > 0
  }

  /// Skips a quoted run; a doubled quote stands for itself, which two runs in a row give too.
  private mutating func skipQuoted(_ quote: UInt8, backslashes: Bool) throws(PostgresError) {
    let begin = offset
    offset += 1
    while let byte = peek() {
      offset += 1
      if byte == quote { return }
      if backslashes, byte == 0x5C { offset += 1 }
    }
    throw problem("a quote does not end", at: begin)
  }

  /// Skips `$tag$ … $tag$`; false when the dollar begins no such quote.
  private mutating func skipDollarQuoted() throws(PostgresError) -> Bool {
    var end = offset + 1
    while end < bytes.count, isWordStart(bytes[end]) || (0x30...0x39).contains(bytes[end]) {
      end += 1
    }
    let startsWithDigit = end > offset + 1 && (0x30...0x39).contains(bytes[offset + 1])
    guard end < bytes.count, bytes[end] == 0x24, !startsWithDigit else { return false }
    let delimiter = bytes[offset...end]
    let begin = offset
    offset = end + 1
    while offset + delimiter.count <= bytes.count {
      if bytes[offset] == 0x24, bytes[offset..<offset + delimiter.count] == delimiter {
        offset += delimiter.count
        return true
      }
      offset += 1
    }
    throw problem("a dollar quote does not end", at: begin)
  }

  private func peek(_ ahead: Int = 0) -> UInt8? {
    offset + ahead < bytes.count ? bytes[offset + ahead] : nil
  }

  private func isWordStart(_ byte: UInt8) -> Bool {
    (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F || byte >= 0x80
  }

  private func problem(_ reason: String, at place: Int) -> PostgresError {
    let (line, column) = self.place(of: place)
    return .migration(
      reason: reason, location: ScriptLocation(file: file, line: line, column: column), remedy: nil)
  }

  private func place(of offset: Int) -> (line: Int, column: Int) {
    let before = bytes[..<offset]
    let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    let column = String(decoding: bytes[lineStart..<offset], as: UTF8.self).unicodeScalars.count + 1
    return (before.count { $0 == 0x0A } + 1, column)
  }
}
