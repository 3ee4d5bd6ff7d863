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
  private var output: [UInt8] = []

  /// The pattern of `tier` that stands for the masked bytes.
  ///
  /// - Parameters:
  ///   - masked: masked bytes of any tier up to `tier`; those of `tier` itself are returned unchanged.
  ///   - tier: how coarse.
  /// - Returns: masked bytes.
  mutating func coarsened(_ masked: UnsafeBufferPointer<UInt8>, to tier: Tier) -> [UInt8] {
    switch tier {
    case .exact: return Array(masked)
    case .anything: return [placeholderMark, Placeholder.text.rawValue]
    case .vocabulary, .shape: break
    }
    output.removeAll(keepingCapacity: true)
    var index = 0
    while index < masked.count {
      let byte = masked[index]
      if byte == placeholderMark, index + 1 < masked.count, masked[index + 1] != literalMark {
        appendPlaceholder(masked[index + 1], tier: tier)
        index += 2
      } else if byte.isWord || byte == placeholderMark {
        let end = wordEnd(masked, from: index)
        let isKnown = tier == .vocabulary && Vocabulary.contains(masked, from: index, to: end)
        if isKnown {
          output.append(contentsOf: masked[index..<end])
        } else {
          appendPlaceholder(Placeholder.word.rawValue, tier: tier)
        }
        index = end
      } else {
        output.append(byte)
        index += 1
      }
    }
    return output
  }

  /// Appends a placeholder; in shapes, words and values with blanks between them become one `<text>`.
  private mutating func appendPlaceholder(_ kind: UInt8, tier: Tier) {
    guard tier == .shape else {
      // `<*><num>`: a word such as `kq7` had both; one placeholder stands for it.
      if kind == Placeholder.number.rawValue || kind == Placeholder.identifier.rawValue,
        output.count >= 2, output[output.count - 2] == placeholderMark,
        output[output.count - 1] == Placeholder.word.rawValue
      {
        return
      }
      output.append(placeholderMark)
      output.append(kind)
      return
    }
    var end = output.count
    while end > 0, output[end - 1].isBlank, output[end - 1] != UInt8(ascii: "\n") { end -= 1 }
    if end >= 2, output[end - 2] == placeholderMark, output[end - 1] == Placeholder.text.rawValue {
      output.removeLast(output.count - end)
      return
    }
    output.append(placeholderMark)
    output.append(Placeholder.text.rawValue)
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
