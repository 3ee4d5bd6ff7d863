internal import CEncoder

/// Splits text into the pieces of BERT's uncased models, as the reference tokenizer does.
///
/// Characters are cleaned, decomposed, stripped of accents and put in lower case; ideographs and
/// punctuation stand alone; then each word is taken from the left by its longest known piece (Wu et
/// al., "Google's Neural Machine Translation System", 2016, section 4.1; reference: the package
/// `tokenizers`, BertNormalizer, BertPreTokenizer and WordPiece). The reference also puts combining
/// marks in canonical order; no piece of the vocabulary has one that is left after accents are
/// stripped, so that their order cannot matter.
package struct WordPieceTokenizer: Sendable {
  /// The most tokens of a text, those at both ends included.
  package static let tokenLimit = 256

  /// Words of more characters are unknown.
  private static let characterLimit = 100

  let vocabulary: Vocabulary
  private let unknown: Int32
  private let first: Int32
  private let last: Int32
  /// Texts in brackets that stand for a token wherever they are, such as `[SEP]`.
  private let special: [(bytes: [UInt8], token: Int32)]

  /// Reads a vocabulary.
  ///
  /// - Parameter path: the model's `vocab.txt`.
  /// - Throws: `EmbeddingError` when it cannot be read or lacks a special token.
  package init(vocabulary path: String) throws(EmbeddingError) {
    vocabulary = try Vocabulary(path: path)
    var special: [(bytes: [UInt8], token: Int32)] = []
    for name in ["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"] {
      guard let token = vocabulary.token(name) else {
        throw .damaged(file: path, byteOffset: nil, reason: "it lacks the token \(name)")
      }
      special.append((Array(name.utf8), token))
    }
    self.special = special
    (unknown, first, last) = (special[0].token, special[1].token, special[2].token)
  }

  /// Splits a text.
  ///
  /// - Parameter text: any text.
  /// - Returns: the tokens' numbers between those that mark start and end: 2 to 256.
  /// - Complexity: O(*n*) in the bytes that the limit lets in.
  package func tokens(of text: String) -> [Int32] {
    var text = text
    return text.withUTF8 { bytes in
      var splitter = Splitter(self)
      splitter.split(bytes)
      return splitter.tokens
    }
  }

  /// The tokens of one text in the making.
  private struct Splitter {
    let tokenizer: WordPieceTokenizer
    var tokens: [Int32]
    /// The normalised bytes of the word so far.
    var word: [UInt8] = []
    var characterCount = 0

    init(_ tokenizer: WordPieceTokenizer) {
      self.tokenizer = tokenizer
      tokens = [tokenizer.first]
      tokens.reserveCapacity(64)
      word.reserveCapacity(64)
    }

    /// Whether the tokens are all that fit, but for the last.
    var isFull: Bool { tokens.count >= WordPieceTokenizer.tokenLimit - 1 }

    mutating func split(_ bytes: UnsafeBufferPointer<UInt8>) {
      var index = 0
      while index < bytes.count, !isFull {
        let byte = bytes[index]
        if byte >= 0x80 {
          let (scalar, length) = decode(bytes, at: index)
          add(scalar)
          index += length
        } else if byte == UInt8(ascii: "["), let found = specialToken(bytes, at: index) {
          endWord()
          if !isFull { tokens.append(found.token) }
          index += found.bytes.count
        } else {
          add(ascii: byte)
          index += 1
        }
      }
      endWord()
      tokens.append(tokenizer.last)
    }

    private mutating func add(ascii byte: UInt8) {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        word.append(byte)
        characterCount += 1
      case UInt8(ascii: "A")...UInt8(ascii: "Z"):
        word.append(byte | 0x20)
        characterCount += 1
      case 0x20, 0x09, 0x0A, 0x0D: endWord()
      case 0x00...0x1F, 0x7F: break
      default:
        endWord()
        word.append(byte)
        characterCount = 1
        endWord()
      }
    }

    private mutating func add(_ scalar: UInt32) {
      var parts: (UInt32, UInt32, UInt32) = (0, 0, 0)
      let count = withUnsafeMutableBytes(of: &parts) {
        $0.withMemoryRebound(to: UInt32.self) { dbk_bert_normalise(scalar, $0.baseAddress) }
      }
      if count > 0 { add(normal: parts.0) }
      if count > 1 { add(normal: parts.1) }
      if count > 2 { add(normal: parts.2) }
    }

    private mutating func add(normal scalar: UInt32) {
      if scalar < 0x80 { return add(ascii: UInt8(scalar)) }
      switch dbk_bert_class(scalar) {
      case dbk_character_space: endWord()
      case dbk_character_word where dbk_bert_is_ideograph(scalar) == 0:
        append(scalar)
      default:
        endWord()
        append(scalar)
        endWord()
      }
    }

    private mutating func append(_ scalar: UInt32) {
      characterCount += 1
      // A word of too many characters is unknown whatever they are: no need to keep them.
      guard characterCount <= WordPieceTokenizer.characterLimit,
        let scalar = Unicode.Scalar(scalar)
      else { return }
      word.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }

    /// Turns the word so far into tokens.
    private mutating func endWord() {
      defer {
        word.removeAll(keepingCapacity: true)
        characterCount = 0
      }
      guard characterCount > 0, !isFull else { return }
      guard characterCount <= WordPieceTokenizer.characterLimit else {
        return tokens.append(tokenizer.unknown)
      }
      let before = tokens.count
      let isKnown = word.withUnsafeBufferPointer { word in
        var rest = word[...]
        while !rest.isEmpty {
          let position = rest.startIndex == 0 ? Vocabulary.Position.start : .inside
          guard let match = tokenizer.vocabulary.longestMatch(rest, position) else { return false }
          tokens.append(match.token)
          rest = rest.dropFirst(match.length)
        }
        return true
      }
      if !isKnown {
        tokens.removeLast(tokens.count - before)
        tokens.append(tokenizer.unknown)
      }
      let limit = WordPieceTokenizer.tokenLimit - 1
      if tokens.count > limit { tokens.removeLast(tokens.count - limit) }
    }

    private func specialToken(
      _ bytes: UnsafeBufferPointer<UInt8>, at index: Int
    ) -> (bytes: [UInt8], token: Int32)? {
      tokenizer.special.first { bytes[index...].starts(with: $0.bytes) }
    }

    /// The character at `index` of valid UTF-8, and how many bytes it has.
    private func decode(
      _ bytes: UnsafeBufferPointer<UInt8>, at index: Int
    ) -> (scalar: UInt32, length: Int) {
      let lead = bytes[index]
      let length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
      var scalar = UInt32(lead) & (0x7F >> UInt32(length))
      for offset in 1..<length { scalar = scalar << 6 | UInt32(bytes[index + offset] & 0x3F) }
      return (scalar, length)
    }
  }
}
