/// The pieces of words that a model knows, found by their bytes.
///
/// Open addressing over 64-bit FNV-1a hashes (Fowler, Noll and Vo,
/// http://www.isthe.com/chongo/tech/comp/fnv/), which grow byte by byte: all prefixes of a word are
/// hashed in one pass.
struct Vocabulary: Sendable {
  /// Whether a piece begins a word or continues one (`##` in the file).
  enum Position: Sendable { case start, inside }

  /// How many pieces there are; their numbers are below.
  let count: Int
  /// The most bytes that a piece has.
  let longestPiece: Int
  /// The hash, then the number and the place of the piece's bytes; an empty slot has length 0.
  private let slots: [Slot]
  private let bytes: [UInt8]

  private struct Slot: Sendable {
    var hash: UInt64 = 0
    var token: Int32 = 0
    var offset: Int32 = 0
    var length: Int32 = 0
  }

  /// Reads a file with one piece a line; the line's number, from 0, is the piece's.
  ///
  /// - Parameter path: the file, UTF-8.
  /// - Throws: `EmbeddingError` when it cannot be read, or a line is empty or there twice.
  init(path: String) throws(EmbeddingError) {
    let file = try MappedFile(path: path)
    let bytes = Array(file.bytes)
    var slots = [Slot](repeating: Slot(), count: 1 << 17)
    var start = 0
    var count = 0
    var longest = 0
    while start < bytes.count {
      var end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      let next = end + 1
      if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
      func damage(_ reason: String) -> EmbeddingError {
        .damaged(file: path, byteOffset: start, reason: "line \(count + 1) \(reason)")
      }
      guard end > start else { throw damage("is empty") }
      guard count < slots.count / 2 else { throw damage("is one too many") }
      let isInside =
        end - start > 2 && bytes[start] == UInt8(ascii: "#")
        && bytes[start + 1] == UInt8(ascii: "#")
      let piece = (isInside ? start + 2 : start)..<end
      var hash = Vocabulary.seed(isInside ? .inside : .start)
      for index in piece { hash = Vocabulary.hash(hash, bytes[index]) }
      let slot = Vocabulary.slot(hash, slots.count) { index in
        slots[index].length == 0 || slots[index].hash == hash
      }
      guard slots[slot].length == 0 else { throw damage("repeats an earlier one") }
      slots[slot] = Slot(
        hash: hash, token: Int32(count), offset: Int32(piece.lowerBound),
        length: Int32(piece.count))
      longest = max(longest, piece.count)
      count += 1
      start = next
    }
    self.bytes = bytes
    self.slots = slots
    self.count = count
    longestPiece = longest
  }

  /// The number of a whole piece; nil when the vocabulary lacks it.
  func token(_ text: String) -> Int32? {
    let piece = Array(text.utf8)
    var hash = Vocabulary.seed(.start)
    for byte in piece { hash = Vocabulary.hash(hash, byte) }
    return piece.withUnsafeBufferPointer { token(hash: hash, $0[...]) }
  }

  /// The longest piece that a word's bytes begin with.
  ///
  /// - Parameters:
  ///   - word: the word from where it is not yet taken.
  ///   - position: whether that is the word's start.
  /// - Returns: the piece's number and length in bytes; nil when none fits.
  func longestMatch(
    _ word: Slice<UnsafeBufferPointer<UInt8>>, _ position: Position
  ) -> (token: Int32, length: Int)? {
    let limit = min(word.count, longestPiece)
    return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: max(1, limit)) { hashes in
      var hash = Vocabulary.seed(position)
      for length in 0..<limit {
        hash = Vocabulary.hash(hash, word[word.startIndex + length])
        hashes[length] = hash
      }
      var length = limit
      while length > 0 {
        let piece = word.prefix(length)
        if let token = token(hash: hashes[length - 1], piece) { return (token, length) }
        length -= 1
      }
      return nil
    }
  }

  private func token(hash: UInt64, _ piece: Slice<UnsafeBufferPointer<UInt8>>) -> Int32? {
    slots.withUnsafeBufferPointer { slots in
      let index = Vocabulary.slot(hash, slots.count) { index in
        slots[index].length == 0 || slots[index].hash == hash
      }
      let slot = slots[index]
      guard slot.length == piece.count else { return nil }
      let start = Int(slot.offset)
      return bytes[start..<start + piece.count].elementsEqual(piece) ? slot.token : nil
    }
  }

  private static func slot(_ hash: UInt64, _ count: Int, until isFound: (Int) -> Bool) -> Int {
    var index = Int(truncatingIfNeeded: hash ^ hash >> 32) & (count - 1)
    while !isFound(index) { index = (index + 1) & (count - 1) }
    return index
  }

  /// Pieces inside words hash apart from those that start them.
  private static func seed(_ position: Position) -> UInt64 {
    position == .start ? 0xCBF2_9CE4_8422_2325 : 0x8422_2325_CBF2_9CE4
  }

  private static func hash(_ hash: UInt64, _ byte: UInt8) -> UInt64 {
    (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
  }
}
