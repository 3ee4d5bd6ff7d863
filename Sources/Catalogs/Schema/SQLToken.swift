/// A word, name, literal or sign of a statement, with the line it stands on.
struct SQLToken: Hashable {
  enum Kind: Hashable {
    /// A bare word, in lower case.
    case word
    /// A name in double quotes, without them.
    case quotedName
    /// A literal in single or dollar quotes, without them.
    case literal
    case number
    /// One character.
    case sign
  }

  let kind: Kind
  let text: String
  /// From 1, within the text.
  let line: Int

  /// Whether it is this bare word, or this sign.
  func isWord(_ word: String) -> Bool { text == word && (kind == .word || kind == .sign) }

  /// Whether it may name something.
  var isName: Bool { kind == .word || kind == .quotedName }

  /// Cuts SQL into tokens; comments and blanks go.
  ///
  /// Reads what `SQLScript` let through, so that every quote ends. Source: PostgreSQL 15 manual, §4.1
  /// "Lexical Structure".
  static func tokens(of text: String) -> [SQLToken] {
    var scanner = Scanner(bytes: Array(text.utf8))
    return scanner.scan()
  }

  private struct Scanner {
    let bytes: [UInt8]
    var offset = 0
    var line = 1
    var tokens: [SQLToken] = []

    mutating func scan() -> [SQLToken] {
      while offset < bytes.count {
        switch bytes[offset] {
        case 0x0A:
          line += 1
          offset += 1
        case 0x20, 0x09, 0x0D: offset += 1
        case 0x2D where peek(1) == 0x2D: skip { $0 == 0x0A }
        case 0x2F where peek(1) == 0x2A: skipComment()
        case 0x27: quoted(0x27, kind: .literal)
        case 0x22: quoted(0x22, kind: .quotedName)
        case 0x24: dollar()
        case let byte where isWordByte(byte): word()
        case let byte: add(.sign, String(UnicodeScalar(byte)), length: 1)
        }
      }
      return tokens
    }

    private mutating func add(_ kind: SQLToken.Kind, _ text: String, length: Int) {
      tokens.append(SQLToken(kind: kind, text: text, line: line))
      offset += length
    }

    private func peek(_ ahead: Int) -> UInt8? {
      offset + ahead < bytes.count ? bytes[offset + ahead] : nil
    }

    private func isWordByte(_ byte: UInt8) -> Bool {
      (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
        || byte == 0x5F || byte >= 0x80
    }

    private mutating func skip(until isEnd: (UInt8) -> Bool) {
      while offset < bytes.count, !isEnd(bytes[offset]) { offset += 1 }
    }

    private mutating func skipComment() {
      var depth = 0
      repeat {
        if bytes[offset] == 0x2F, peek(1) == 0x2A {
          depth += 1
          offset += 1
        } else if bytes[offset] == 0x2A, peek(1) == 0x2F {
          depth -= 1
          offset += 1
        } else if bytes[offset] == 0x0A {
          line += 1
        }
        offset += 1
      } while depth > 0 && offset < bytes.count
    }

    private mutating func word() {
      let start = offset
      while offset < bytes.count, isWordByte(bytes[offset]) || bytes[offset] == 0x24 { offset += 1 }
      let text = String(decoding: bytes[start..<offset], as: UTF8.self)
      let isNumber = (0x30...0x39).contains(bytes[start])
      tokens.append(
        SQLToken(kind: isNumber ? .number : .word, text: text.lowercased(), line: line))
    }

    /// A quoted run; a doubled quote stands for one.
    private mutating func quoted(_ quote: UInt8, kind: SQLToken.Kind) {
      let startLine = line
      var content: [UInt8] = []
      offset += 1
      while offset < bytes.count {
        if bytes[offset] == quote {
          if peek(1) != quote { break }
          offset += 1
        }
        if bytes[offset] == 0x0A { line += 1 }
        content.append(bytes[offset])
        offset += 1
      }
      offset += 1
      tokens.append(
        SQLToken(kind: kind, text: String(decoding: content, as: UTF8.self), line: startLine))
    }

    private mutating func dollar() {
      var end = offset + 1
      while end < bytes.count, isWordByte(bytes[end]) { end += 1 }
      guard end < bytes.count, bytes[end] == 0x24 else { return add(.sign, "$", length: 1) }
      let delimiter = Array(bytes[offset...end])
      let start = end + 1
      var close = start
      while close + delimiter.count <= bytes.count,
        Array(bytes[close..<close + delimiter.count]) != delimiter
      { close += 1 }
      let startLine = line
      let content = bytes[start..<min(close, bytes.count)]
      line += content.count { $0 == 0x0A }
      offset = close + delimiter.count
      tokens.append(
        SQLToken(kind: .literal, text: String(decoding: content, as: UTF8.self), line: startLine))
    }
  }
}

/// Tokens read one after the other.
struct SQLReader {
  private let tokens: ArraySlice<SQLToken>
  private(set) var position: Int

  init(_ tokens: some Collection<SQLToken>) {
    self.tokens = ArraySlice(tokens)
    position = self.tokens.startIndex
  }

  var next: SQLToken? { position < tokens.endIndex ? tokens[position] : nil }
  var rest: ArraySlice<SQLToken> { tokens[position...] }

  /// Passes these words if they come next, all of them.
  mutating func pass(_ words: String...) -> Bool {
    var place = position
    for word in words {
      guard place < tokens.endIndex, tokens[place].isWord(word) else { return false }
      place += 1
    }
    position = place
    return true
  }

  mutating func skip() { if position < tokens.endIndex { position += 1 } }

  /// Passes everything before a word outside parentheses; false when it does not come.
  mutating func seek(_ word: String) -> Bool {
    var depth = 0
    var place = position
    while place < tokens.endIndex {
      let token = tokens[place]
      if depth == 0, token.isWord(word) {
        position = place
        return true
      }
      if token.isWord("(") { depth += 1 }
      if token.isWord(")") { depth -= 1 }
      place += 1
    }
    return false
  }

  /// A name with or without its schema, as `schema.table`; nil when none comes next.
  mutating func name() -> RelationName? {
    guard let first = next, first.isName else { return nil }
    skip()
    guard next?.isWord(".") == true else { return RelationName(schema: nil, name: first.text) }
    skip()
    guard let second = next, second.isName else {
      return RelationName(schema: nil, name: first.text)
    }
    skip()
    return RelationName(schema: first.text, name: second.text)
  }
}

/// A table, index or view as a statement names it.
package struct RelationName: Hashable, Sendable, Comparable, CustomStringConvertible {
  package let schema: String?
  package let name: String

  /// The name with its schema, unquoted.
  package var description: String { schema.map { "\($0).\(name)" } ?? name }

  package static func < (one: RelationName, other: RelationName) -> Bool {
    one.description < other.description
  }

  /// Reads a name as `'schema.table'::regclass` would; nil for other text.
  init?(literal: String) {
    var reader = SQLReader(SQLToken.tokens(of: literal))
    guard let name = reader.name(), reader.next == nil else { return nil }
    self = name
  }

  init(schema: String?, name: String) {
    self.schema = schema
    self.name = name
  }

  /// The same in a schema, where it names none.
  func qualified(by fallback: String) -> RelationName {
    RelationName(schema: schema ?? fallback, name: name)
  }
}
