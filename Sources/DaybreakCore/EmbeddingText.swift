/// What encoders read of a template: its words, without placeholders and punctuation of formats.
///
/// `<num>`, quotation marks and braces cost tokens and mean nothing; left in, every JSON line would be
/// like every other. A name before a colon or an equals sign stays: it says what a value is.
package enum EmbeddingText {
  /// How texts are made; stored vectors of another version are made anew.
  package static let version = 1

  /// Makes the text of one template.
  ///
  /// - Parameter template: a line with typed placeholders; may have several lines.
  /// - Returns: its words with single spaces; the template itself where nothing is left.
  package static func text(of template: String) -> String {
    var words: [UInt8] = []
    var bytes = Array(template.utf8)[...]
    var isGap = false
    while let byte = bytes.first {
      if byte == UInt8(ascii: "<"), let end = placeholderEnd(bytes) {
        bytes = bytes[end...]
        isGap = true
        continue
      }
      bytes = bytes.dropFirst()
      if isSeparator(byte) {
        isGap = true
        continue
      }
      if isGap, !words.isEmpty { words.append(UInt8(ascii: " ")) }
      isGap = false
      words.append(byte)
    }
    return words.isEmpty ? template : String(decoding: words, as: UTF8.self)
  }

  /// The index after a placeholder such as `<num>`, `<*>` or `<email:1>` at the start; nil for none.
  private static func placeholderEnd(_ bytes: ArraySlice<UInt8>) -> Int? {
    for (offset, byte) in bytes.dropFirst().prefix(24).enumerated() {
      if byte == UInt8(ascii: ">") { return offset > 0 ? bytes.startIndex + offset + 2 : nil }
      let isName =
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "*")
        || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
      guard isName else { return nil }
    }
    return nil
  }

  /// Space, control characters, quotation marks, braces, brackets, commas, equals signs and pipes.
  private static func isSeparator(_ byte: UInt8) -> Bool {
    byte <= 0x20 || byte == 0x7F || separators.contains(byte)
  }

  private static let separators = Array("\"'`{}[]()<>,;=|".utf8)
}
