/// How much a word is like those that log messages are written in.
enum Familiarity: UInt8 {
  /// A word of logs that says what happened (`Outcomes`).
  case outcome
  /// Any other word in the vocabulary of logs.
  case vocabulary
  /// A plain word that is not.
  case plain
  /// Written as names are: with marks, inner capitals or digits.
  case name
  /// Alone between brackets or quotation marks.
  case enclosed
  /// A word that is a value elsewhere in the same logs.
  case value

  /// Whether logs use the word whatever they are about, so that it is no name.
  var isOfLogs: Bool { self == .outcome || self == .vocabulary }

  /// How much one word says for its place being variable; 16 make it so.
  ///
  /// 3 different names do, or 8 words, or 16 that say what happened; of words that are enclosed or known
  /// as values two do. Two log statements are seldom equal but for one word in the middle of a long text,
  /// so there fewer are enough.
  func weight(in surroundings: Surroundings) -> Int {
    if surroundings.isFirst { return self == .name ? 4 : 1 }
    let factor = surroundings.factor
    return switch self {
    case .outcome: factor
    case .vocabulary, .plain: 2 * factor
    case .name: min(6 * factor, 8)
    case .enclosed, .value: 8
    }
  }

  /// Where a word stands.
  struct Surroundings {
    /// The first word of a line is the subject, and events of different subjects differ: there words say
    /// little, and names less than elsewhere.
    var isFirst = false
    /// Behind a noun for things that have names (`group orders`).
    var isNamed = false
    /// Between variables.
    var isIsolated = false
    /// How many other constant words the pattern has.
    var otherWords = 0

    var factor: Int {
      var factor = isNamed || isIsolated ? 2 : 1
      if otherWords >= Surroundings.longText { factor *= 3 }
      return factor
    }

    /// How many other constant words make a text long.
    private static let longText = 6
  }

  /// What stands at one place of patterns that are otherwise equal.
  struct Counts {
    // Counted up to what makes a place variable.
    private var weight: UInt8 = 0

    mutating func add(_ added: Int) { weight = UInt8(min(Int(weight) + added, 100)) }

    var isVariable: Bool { weight >= 16 }

    /// Whether more than one word of any kind was counted.
    var isRepeated: Bool { weight >= 2 }
  }
}

/// A word with all that marks join to it, a variable, or what separates those.
struct PatternPart {
  enum Kind: UInt8 {
    /// Punctuation alone.
    case mark
    /// Constant.
    case word
    /// A word joined to a variable: `part-<num>`.
    case mixed
    case variable
    case separator
  }

  private(set) var kind: Kind
  let familiarity: Familiarity
  /// Whether its first letter is a capital.
  let isCapitalised: Bool
  /// Whether it is a separator with more than blanks in it.
  let isMarkedSeparator: Bool
  /// Whether it is a noun for things that have names (`Nouns`).
  let isNoun: Bool
  /// Its first and last unit.
  let firstUnit: Int32
  private(set) var lastUnit: Int32
  /// Of its bytes in the form in which patterns are compared; 0 for a variable.
  private(set) var hash: UInt64

  /// Whether it was a word before it was made variable.
  private(set) var wasWord = false

  /// Whether it could be made variable.
  @inline(__always)
  var isWord: Bool { kind == .word || kind == .mixed }

  /// The hash at a place: sums of these tell sequences apart.
  @inline(__always)
  func placed(_ place: Int) -> UInt64 {
    PatternPart.mixed(hash ^ UInt64(kind.rawValue) ^ (UInt64(place) &* 0x9e37_79b9_7f4a_7c15))
  }

  /// What stands for any part at a place.
  @inline(__always)
  static func hole(_ place: Int) -> UInt64 { mixed(UInt64(place) &* 0xd6e8_feb8_6659_fd93 &+ 1) }

  /// How many of its units are joined one by one: those of a variable are one.
  var slotCount: Int { kind == .variable ? 1 : Int(lastUnit - firstUnit) + 1 }

  /// The units of a slot.
  func slot(_ index: Int) -> ClosedRange<Int> {
    kind == .variable
      ? Int(firstUnit)...Int(lastUnit) : (Int(firstUnit) + index)...(Int(firstUnit) + index)
  }

  mutating func makeVariable() {
    wasWord = wasWord || isWord
    kind = .variable
    hash = 0
  }

  /// Makes one variable of this part and those behind it up to another.
  mutating func makeVariable(upTo last: PatternPart) {
    lastUnit = last.lastUnit
    makeVariable()
  }

  /// Puts units together to parts.
  static func append(
    _ masked: UnsafeBufferPointer<UInt8>, _ units: [TemplateUnit],
    to parts: inout FlatArray<PatternPart>
  ) {
    var key: [UInt8] = []
    var index = 0
    while index < units.count {
      let first = index
      var kind = Kind.separator
      if units[first].kind != .separator {
        while index + 2 < units.count, isJoint(masked, units[index + 1]),
          units[index + 2].kind != .separator
        {
          index += 2
        }
        kind = self.kind(masked, units[first...index])
      }
      key.removeAll(keepingCapacity: true)
      let isEdge = first == 0 || index == units.count - 1
      for unit in units[first...index] {
        TemplateIdentity.append(masked, unit, isEdge: isEdge, to: &key)
      }
      let hash = key.withUnsafeBytes { raw in
        raw.baseAddress.map { hash64($0, count: raw.count, seed: 0) } ?? 0
      }
      parts.append(
        PatternPart(
          kind: kind,
          familiarity: isEnclosed(masked, units[first...index])
            ? .enclosed : familiarity(masked, units[first...index], kind, hash: hash),
          isCapitalised: masked[Int(units[first].start)...].first.map { $0 >= 0x41 && $0 <= 0x5A }
            ?? false,
          isMarkedSeparator: kind == .separator
            && masked[Int(units[first].start)..<Int(units[first].end)].contains { !$0.isBlank },
          isNoun: kind == .word && Nouns.contains(hash),
          firstUnit: Int32(first), lastUnit: Int32(index), hash: kind == .variable ? 0 : hash))
      index += 1
    }
  }

  /// The hash of a constant part.
  static func hash(of text: String) -> UInt64 {
    Array(text.utf8).withUnsafeBytes { raw in
      raw.baseAddress.map { hash64($0, count: raw.count, seed: 0) } ?? 0
    }
  }

  private static func kind(
    _ masked: UnsafeBufferPointer<UInt8>, _ units: ArraySlice<TemplateUnit>
  ) -> Kind {
    if units.count == 1, units[units.startIndex].kind == .variable { return .variable }
    if units.contains(where: { $0.kind == .variable }) { return .mixed }
    let hasLetter = units.contains { unit in
      unit.kind == .word && masked[Int(unit.start)..<Int(unit.end)].contains(where: \.isWord)
    }
    return hasLetter ? .word : .mark
  }

  /// Tells whether one word stands alone between brackets.
  private static func isEnclosed(
    _ masked: UnsafeBufferPointer<UInt8>, _ units: ArraySlice<TemplateUnit>
  ) -> Bool {
    let start = Int(units[units.startIndex].start)
    let end = Int(units[units.endIndex - 1].end)
    guard units[units.startIndex].kind == .word, start > 0, end < masked.count else { return false }
    return UnitByte.isPair(masked[start - 1], masked[end])
  }

  private static func familiarity(
    _ masked: UnsafeBufferPointer<UInt8>, _ units: ArraySlice<TemplateUnit>, _ kind: Kind,
    hash: UInt64
  ) -> Familiarity {
    guard kind == .word else { return kind == .mixed ? .name : .outcome }
    if units.count > 1 { return .name }
    let unit = units[units.startIndex]
    let bytes = masked[Int(unit.start)..<Int(unit.end)]
    let hasMark = bytes.contains { !$0.isWord }
    let hasCapital = bytes.dropFirst().contains { $0 >= 0x41 && $0 <= 0x5A }
    let hasSmall = bytes.contains { $0 >= 0x61 && $0 <= 0x7A }
    if Vocabulary.contains(masked, from: Int(unit.start), to: Int(unit.end)) {
      return Outcomes.contains(bytes, hash: hash) ? .outcome : .vocabulary
    }
    return hasMark || (hasCapital && hasSmall) ? .name : .plain
  }

  /// Tells whether a separator joins what is on its sides to one part.
  private static func isJoint(
    _ masked: UnsafeBufferPointer<UInt8>, _ unit: TemplateUnit
  ) -> Bool {
    guard unit.kind == .separator else { return false }
    for index in Int(unit.start)..<Int(unit.end) where !UnitByte.isInner(masked[index]) {
      return false
    }
    return true
  }

  @inline(__always)
  private static func mixed(_ value: UInt64) -> UInt64 {
    let folded = (value ^ value >> 32) &* 0xff51_afd7_ed55_8ccd
    return folded ^ folded >> 29
  }
}
