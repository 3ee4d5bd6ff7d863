extension Generaliser {
  /// The elements that cover all patterns of an event.
  ///
  /// Where the patterns agree they are kept byte for byte, a word with a digit and the value of a key
  /// included; where they differ stands the narrowest placeholder that covers all.
  func elements(of event: Int) -> [TemplateElement] {
    let lead = Int(events[event])
    let isAlone = groups[lead].next < 0 && groups[lead].head == groups[lead].tail
    if isAlone { return TemplateText.elements(masked: masked(Int(groups[lead].head))) }
    let places = 0..<Int(groups[lead].partCount)
    var variants = [Set<[UInt8]>](
      repeating: [], count: places.reduce(0) { $0 + part(lead, $1).slotCount })
    var reader = TemplateUnitReader(form: .identity)
    var group = lead
    while group >= 0 {
      var pattern = Int(groups[group].head)
      while pattern >= 0 {
        let bytes = masked(pattern)
        reader.read(bytes)
        var slot = 0
        for place in places {
          let part = part(group, place)
          for index in 0..<part.slotCount {
            let units = part.slot(index)
            let start = Int(reader.units[units.lowerBound].start)
            variants[slot].insert(Array(bytes[start..<Int(reader.units[units.upperBound].end)]))
            slot += 1
          }
        }
        pattern = Int(nextPattern[pattern])
      }
      group = Int(groups[group].next)
    }
    return TemplateText.elements(masked: variants.flatMap(TemplateJoin.joined))
  }
}

/// Makes one template of several.
enum TemplateJoin {
  /// What stands for all that stands at one place.
  static func joined(_ variants: Set<[UInt8]>) -> [UInt8] {
    if variants.count == 1, let only = variants.first { return only }
    return variants.allSatisfy(isSeparator) ? shortest(variants) : value(variants)
  }

  /// Tells whether bytes are blanks and marks alone, and not the empty value of a pair of brackets.
  private static func isSeparator(_ bytes: [UInt8]) -> Bool {
    !bytes.isEmpty && bytes.allSatisfy { UnitByte.isDelimiter($0) }
  }

  /// A run of blanks matches any run of blanks: the fewest stand for all.
  private static func shortest(_ variants: Set<[UInt8]>) -> [UInt8] {
    variants.min { left, right in
      left.count != right.count
        ? left.count < right.count : left.lexicographicallyPrecedes(right)
    } ?? []
  }

  /// Elements that cover two templates of one identity.
  static func covering(_ left: [TemplateElement], _ right: [TemplateElement]) -> [TemplateElement] {
    if let joined = joinedByPlace(left, right) { return joined }
    // What differs lies between the words: `<text>` stands for all of it.
    let bytes = TemplateText.masked(left)
    var reader = TemplateUnitReader(form: .identity)
    bytes.withUnsafeBufferPointer { reader.read($0) }
    let wide = reader.units.flatMap { unit -> [UInt8] in
      unit.kind == .variable
        ? [placeholderMark, Placeholder.text.rawValue]
        : Array(bytes[Int(unit.start)..<Int(unit.end)])
    }
    return TemplateText.elements(masked: wide)
  }

  /// What stands for all values of one place.
  private static func value(_ variants: Set<[UInt8]>) -> [UInt8] {
    let ordered = variants.sorted { $0.lexicographicallyPrecedes($1) }
    guard ordered.count > 1 else { return ordered.first ?? [] }
    let shapes = ordered.map { TemplateText.elements(masked: $0) }
    var joined = shapes[0]
    for shape in shapes.dropFirst() {
      guard let wider = joinedByPlace(joined, shape) else {
        return joinedByToken(ordered) ?? [placeholderMark, cover(of: ordered, shapes).rawValue]
      }
      joined = wider
    }
    return joined.flatMap { element -> [UInt8] in
      switch element {
      case .literal(let bytes): bytes
      case .placeholder(let kind): [placeholderMark, kind.rawValue]
      }
    }
  }

  /// Joins placeholders at the same places between equal literals; nil when the literals differ.
  private static func joinedByPlace(
    _ left: [TemplateElement], _ right: [TemplateElement]
  ) -> [TemplateElement]? {
    guard left.count == right.count else { return nil }
    var joined = left
    for (index, element) in right.enumerated() {
      switch (joined[index], element) {
      case (.placeholder(let left), .placeholder(let right)):
        joined[index] = .placeholder(left.joined(with: right))
      case (.literal(let left), .literal(let right)) where left == right: break
      default: return nil
      }
    }
    return joined
  }

  /// Joins values of several words word by word, where all have the same marks between them: of
  /// `Partition a-<num> id=<num>` and `Partition b-<num> id=<num>` the words stay.
  private static func joinedByToken(_ variants: [[UInt8]]) -> [UInt8]? {
    let tokens = variants.map(tokens)
    guard tokens[0].count > 1,
      tokens.allSatisfy({ other in
        other.count == tokens[0].count
          && zip(other, tokens[0]).allSatisfy { isSeparator($0) == isSeparator($1) }
      })
    else { return nil }
    var bytes: [UInt8] = []
    for place in tokens[0].indices {
      let met = Set(tokens.map { $0[place] })
      if met.count > 1, isSeparator(tokens[0][place]) {
        guard Set(met.map { $0.filter { !$0.isBlank } }).count == 1 else { return nil }
        bytes += shortest(met)
      } else {
        bytes += met.count == 1 ? tokens[0][place] : value(met)
      }
    }
    return bytes
  }

  /// Splits a value into words and what separates them.
  private static func tokens(_ value: [UInt8]) -> [[UInt8]] {
    var tokens: [[UInt8]] = []
    var isInSeparator = false
    var index = 0
    while index < value.count {
      let isSeparator = UnitByte.isDelimiter(value[index])
      let isMark = value[index] == placeholderMark && index + 1 < value.count
      if tokens.isEmpty || isSeparator != isInSeparator { tokens.append([]) }
      tokens[tokens.count - 1].append(value[index])
      if isMark { tokens[tokens.count - 1].append(value[index + 1]) }
      isInSeparator = isSeparator
      index += isMark ? 2 : 1
    }
    return tokens
  }

  /// The placeholder that covers values of different shapes.
  private static func cover(of variants: [[UInt8]], _ shapes: [[TemplateElement]]) -> Placeholder {
    if shapes.allSatisfy({ quantity($0) == .size }) { return .size }
    if shapes.allSatisfy({ quantity($0) == .duration }) { return .duration }
    let isSpaced = zip(variants, shapes).contains { bytes, shape in
      bytes.isEmpty || bytes.contains(where: \.isBlank)
        || shape.contains {
          if case .placeholder(let kind) = $0 { kind.mayHoldBlank } else { false }
        }
    }
    return isSpaced ? .text : .value
  }

  /// Whether a value is a number of bytes or a length of time: `<size>`, `<num> bytes`.
  private static func quantity(_ shape: [TemplateElement]) -> Placeholder? {
    guard case .placeholder(let kind) = shape.first else { return nil }
    if shape.count == 1, kind == .size || kind == .duration { return kind }
    guard shape.count == 2, kind == .number, case .literal(let unit) = shape[1] else { return nil }
    let word = unit.drop(while: \.isBlank).map { $0 | 0x20 }
    guard UnitByte.isUnit(word) else { return nil }
    if word.last == UInt8(ascii: "b") || word.starts(with: "byte".utf8) { return .size }
    return .duration
  }
}

extension Placeholder {
  /// Whether what it stands for may be empty or hold a blank.
  var mayHoldBlank: Bool {
    switch self {
    case .string, .text, .time, .duration, .size: true
    default: false
    }
  }
}
