/// How coarse a pattern is, and the pure functions that make it coarser.
///
/// When a fold meets too many distinct patterns it does not drop any line: it replaces groups of
/// patterns by a coarser one. Each step is a function of the masked bytes alone, so the groups do not
/// depend on the order of lines.
enum Tier: UInt8, Comparable, Sendable {
  /// As the scanner wrote it.
  case exact = 0
  /// Words that are not in the vocabulary of logs are `<*>`.
  case vocabulary = 1
  /// Every word is `<*>`, and words with only blanks between them are one `<text>`.
  case shape = 2
  /// The whole line is one `<text>`.
  case anything = 3

  static func < (left: Tier, right: Tier) -> Bool { left.rawValue < right.rawValue }
}

/// Makes masked bytes coarser.
struct Coarsener {
  /// The pattern of `tier` that stands for the masked bytes.
  ///
  /// - Parameters:
  ///   - masked: masked bytes of any tier up to `tier`; those of `tier` itself are returned unchanged.
  ///   - tier: how coarse.
  /// - Returns: masked bytes.
  func coarsened(_ masked: UnsafeBufferPointer<UInt8>, to tier: Tier) -> [UInt8] {
    let room = CoarseText.room(for: masked.count)
    return [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
      guard let base = buffer.baseAddress else { return }
      var text = CoarseText(base, tier: tier)
      text.write(masked)
      count = text.count
    }
  }
}

/// Makes masked bytes coarser into memory of its own, of which there are two pieces.
struct CoarseningBuffers: ~Copyable {
  private var buffers: (UnsafeMutablePointer<UInt8>, UnsafeMutablePointer<UInt8>)
  private var capacity = 4096

  init() { buffers = (.allocate(capacity: capacity), .allocate(capacity: capacity)) }

  deinit {
    buffers.0.deallocate()
    buffers.1.deallocate()
  }

  /// The pattern of `tier` that stands for the masked bytes, lent until the next call for that place.
  ///
  /// - Parameters:
  ///   - masked: masked bytes of any tier up to `tier`; what was lent for the other place may be given.
  ///   - tier: how coarse.
  ///   - place: 0 or 1.
  /// - Returns: masked bytes.
  mutating func lent(
    _ masked: UnsafeBufferPointer<UInt8>, to tier: Tier, place: Int
  ) -> UnsafeBufferPointer<UInt8> {
    let room = CoarseText.room(for: masked.count)
    if room > capacity {
      // What is lent may be the source: the old memory goes with the next growth of its place.
      let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: room)
      let result = write(masked, to: tier, at: larger)
      buffers.0.deallocate()
      buffers.1.deallocate()
      capacity = room
      buffers =
        place == 0 ? (larger, .allocate(capacity: room)) : (.allocate(capacity: room), larger)
      return result
    }
    return write(masked, to: tier, at: place == 0 ? buffers.0 : buffers.1)
  }

  @inline(__always)
  private func write(
    _ masked: UnsafeBufferPointer<UInt8>, to tier: Tier, at target: UnsafeMutablePointer<UInt8>
  ) -> UnsafeBufferPointer<UInt8> {
    var text = CoarseText(target, tier: tier)
    text.write(masked)
    return UnsafeBufferPointer(start: target, count: text.count)
  }
}

/// Coarse masked bytes while they are written.
private struct CoarseText {
  private let output: UnsafeMutablePointer<UInt8>
  private let tier: Tier
  private(set) var count = 0

  init(_ output: UnsafeMutablePointer<UInt8>, tier: Tier) {
    self.output = output
    self.tier = tier
  }

  /// How many bytes writing may need: a word of one byte becomes a placeholder of two.
  static func room(for count: Int) -> Int { 2 * count + 2 }

  mutating func write(_ masked: UnsafeBufferPointer<UInt8>) {
    switch tier {
    case .exact:
      for byte in masked { append(byte) }
      return
    case .anything:
      append(placeholderMark)
      append(Placeholder.text.rawValue)
      return
    case .vocabulary, .shape: break
    }
    var index = 0
    while index < masked.count {
      let byte = masked[index]
      if byte == placeholderMark, index + 1 < masked.count, masked[index + 1] != literalMark {
        appendPlaceholder(masked[index + 1])
        index += 2
      } else if byte.isWord || byte == placeholderMark {
        let end = wordEnd(masked, from: index)
        if tier == .vocabulary && Vocabulary.contains(masked, from: index, to: end) {
          for place in index..<end { append(masked[place]) }
        } else {
          appendPlaceholder(Placeholder.word.rawValue)
        }
        index = end
      } else {
        append(byte)
        index += 1
      }
    }
  }

  @inline(__always)
  private mutating func append(_ byte: UInt8) {
    output[count] = byte
    count &+= 1
  }

  /// Appends a placeholder; in shapes, words and values with blanks between them become one `<text>`.
  private mutating func appendPlaceholder(_ kind: UInt8) {
    guard tier == .shape else {
      // `<*><num>`: a word such as `kq7` had both; one placeholder stands for it.
      if kind == Placeholder.number.rawValue || kind == Placeholder.identifier.rawValue,
        count >= 2, output[count - 2] == placeholderMark,
        output[count - 1] == Placeholder.word.rawValue
      {
        return
      }
      append(placeholderMark)
      append(kind)
      return
    }
    var end = count
    while end > 0, output[end - 1].isBlank, output[end - 1] != UInt8(ascii: "\n") { end -= 1 }
    if end >= 2, output[end - 2] == placeholderMark, output[end - 1] == Placeholder.text.rawValue {
      count = end
      return
    }
    append(placeholderMark)
    append(Placeholder.text.rawValue)
  }

  /// Where a word ends; escaped bytes 0xFF belong to it.
  private func wordEnd(_ masked: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    var index = start
    while index < masked.count {
      if masked[index].isWord {
        index += 1
      } else if masked[index] == placeholderMark, index + 1 < masked.count,
        masked[index + 1] == literalMark
      {
        index += 2
      } else {
        break
      }
    }
    return index
  }
}
