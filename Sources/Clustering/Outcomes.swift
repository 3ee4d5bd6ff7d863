/// Words that say what happened to something (`started`, `lost`, `down`): where they differ, events do.
enum Outcomes {
  /// Tells whether a word says what happened.
  ///
  /// - Parameters:
  ///   - word: its bytes.
  ///   - hash: of the part that it is (`PatternPart.hash(of:)`).
  /// - Returns: whether it is a participle or one of a list.
  static func contains(_ word: Slice<UnsafeBufferPointer<UInt8>>, hash: UInt64) -> Bool {
    hashes.contains(hash) || word.count > 4 && (ends(word, with: "ed") || ends(word, with: "ing"))
  }

  private static func ends(
    _ word: Slice<UnsafeBufferPointer<UInt8>>, with letters: StaticString
  ) -> Bool {
    let count = letters.utf8CodeUnitCount
    for index in 0..<count
    where word[word.endIndex - count + index] | 0x20 != letters.utf8Start[index] {
      return false
    }
    return true
  }

  /// In small letters, with a capital, and in capitals.
  private static let hashes: Set<UInt64> = Set(
    words.split(whereSeparator: { $0 == " " || $0 == "\n" }).flatMap { word in
      [String(word), word.prefix(1).uppercased() + word.dropFirst(), word.uppercased()].map {
        PatternPart.hash(of: $0)
      }
    })

  private static let words = """
    active after alive before begin busy close critical dead done down empty end enter error errors
    exit fail fails failure failures found from full high idle in inactive invalid leave lost low no
    none normal not off offline ok on online open out ready start stop success successful
    successfully to up valid warning yes
    """
}
