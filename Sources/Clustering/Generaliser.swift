/// Decides which patterns of a service are one event.
///
/// Patterns of one identity (`TemplateUnitReader.Form.identity`) are one. Then identities that differ
/// in one part are laid on top of one another: what stands where another identity has a variable is
/// a value, and so is one of many names that stand at one place. A place is never made variable when
/// fewer than two constant words would be left, so that short events stay apart.
///
/// All decisions of a step are taken from the set of identities as it was before, so they do not depend
/// on an order.
struct Generaliser {
  /// How many parts of a pattern are compared.
  private static let partsCompared = 64
  /// How many constant words must be left.
  private static let constantWords = 2

  /// Patterns of one identity.
  struct Group {
    /// Indices of patterns.
    var members: [Int]
    /// Every member has these units at its own places.
    var parts: [PatternPart]
    /// The sum of the parts' hashes in their places.
    var sum: UInt64 = 0
  }

  /// Groups that are one event; their parts are as many and of the same kinds.
  typealias Event = [Group]

  private let masked: [[UInt8]]
  private var groups: [Group] = []

  /// Takes the distinct masked bytes of one service.
  init(masked: [[UInt8]]) {
    self.masked = masked
  }

  /// The patterns by event.
  mutating func events() -> [Event] {
    groupByIdentity()
    for _ in 0..<2 {
      let isChanged = [markSiblings(), markNames(), markAligned()]
      if !isChanged.contains(true) { break }
    }
    return regrouped()
  }

  private mutating func groupByIdentity() {
    var reader = TemplateUnitReader(form: .identity)
    var indices: [[UInt8]: Int] = [:]
    var key: [UInt8] = []
    for pattern in masked.indices {
      masked[pattern].withUnsafeBufferPointer { bytes in
        reader.read(bytes)
        key.removeAll(keepingCapacity: true)
        TemplateIdentity.append(bytes, reader.units, to: &key)
        if let group = indices[key] {
          groups[group].members.append(pattern)
        } else {
          indices[key] = groups.count
          var group = Group(members: [pattern], parts: PatternPart.parts(bytes, reader.units))
          group.sum = group.parts.indices.reduce(0) { $0 &+ group.parts[$1].placed($1) }
          groups.append(group)
        }
      }
    }
  }

  /// Makes variable the first part that stands where another identity has a variable alone.
  private mutating func markSiblings() -> Bool {
    var known: Set<UInt64> = []
    for group in groups {
      for place in group.parts.indices.prefix(Generaliser.partsCompared)
      where group.parts[place].kind == .variable {
        known.insert(punched(group, place))
      }
    }
    var isChanged = false
    for index in groups.indices {
      let words = wordPlaces(groups[index])
      guard words.count > Generaliser.constantWords else { continue }
      if let place = words.first(where: { known.contains(punched(groups[index], $0)) }) {
        mark(place, of: index)
        isChanged = true
      }
    }
    return isChanged
  }

  /// Makes variable the places at which identities that are otherwise equal have many words.
  private mutating func markNames() -> Bool {
    var counts: [UInt64: Familiarity.Counts] = [:]
    for group in groups {
      forEachHole(group) { place, key in
        counts[key, default: Familiarity.Counts()].add(group.parts[place].familiarity, place)
      }
    }
    var isChanged = false
    for index in groups.indices {
      var chosen: [Int] = []
      forEachHole(groups[index]) { place, key in
        if counts[key, default: Familiarity.Counts()].isVariable { chosen.append(place) }
      }
      let words = wordPlaces(groups[index]).count
      guard !chosen.isEmpty, words - chosen.count >= Generaliser.constantWords else { continue }
      for place in chosen { mark(place, of: index) }
      isChanged = true
    }
    return isChanged
  }

  /// Lays identities that are equal but for names on top of one another.
  private mutating func markAligned() -> Bool {
    var aligned: [UInt64: [Int]] = [:]
    for (index, group) in groups.enumerated() {
      let words = wordPlaces(group)
      let names = words.filter { group.parts[$0].familiarity != .vocabulary && $0 > 0 }
      guard names.count > 1, words.count - names.count >= Generaliser.constantWords else {
        continue
      }
      let key = names.reduce(group.sum) {
        $0 &- group.parts[$1].placed($1) &+ PatternPart.hole($1)
      }
      aligned[key, default: []].append(index)
    }
    var isChanged = false
    for members in aligned.values where members.count >= Familiarity.distinctNames {
      let first = groups[members[0]].parts
      let places = first.indices.filter { place in
        guard first[place].kind == .word || first[place].kind == .mixed else { return false }
        var met: Set<UInt64> = []
        var counts = Familiarity.Counts()
        for member in members where met.insert(groups[member].parts[place].hash).inserted {
          counts.add(groups[member].parts[place].familiarity, place)
        }
        return counts.isVariable
      }
      for member in members {
        for place in places { mark(place, of: member) }
      }
      isChanged = isChanged || !places.isEmpty
    }
    return isChanged
  }

  private mutating func mark(_ place: Int, of group: Int) {
    groups[group].sum &-= groups[group].parts[place].placed(place)
    groups[group].parts[place].makeVariable()
    groups[group].sum &+= groups[group].parts[place].placed(place)
  }

  /// The hash of a group with the part at a place replaced by a hole.
  private func punched(_ group: Group, _ place: Int) -> UInt64 {
    group.sum &- group.parts[place].placed(place) &+ PatternPart.hole(place)
  }

  private func forEachHole(_ group: Group, _ body: (Int, UInt64) -> Void) {
    let words = wordPlaces(group)
    guard words.count > Generaliser.constantWords else { return }
    for place in words { body(place, punched(group, place)) }
  }

  private func wordPlaces(_ group: Group) -> [Int] {
    group.parts.indices.prefix(Generaliser.partsCompared).filter {
      group.parts[$0].kind == .word || group.parts[$0].kind == .mixed
    }
  }

  /// Puts groups together whose identities became equal.
  private func regrouped() -> [Event] {
    var indices: [[UInt8]: Int] = [:]
    var events: [Event] = []
    var key: [UInt8] = []
    for group in groups {
      key.removeAll(keepingCapacity: true)
      for part in group.parts {
        // Hashes of 64 bits tell the parts of one service apart.
        key.append(part.kind.rawValue)
        withUnsafeBytes(of: part.hash) { key.append(contentsOf: $0) }
      }
      if let event = indices[key] {
        events[event].append(group)
      } else {
        indices[key] = events.count
        events.append([group])
      }
    }
    return events
  }
}

/// How much a word is like those that log messages are written in.
enum Familiarity {
  /// In the vocabulary of logs.
  case vocabulary
  /// A plain word that is not.
  case unknown
  /// Written as names are: with marks, inner capitals or digits.
  case name

  /// How many different names make a place variable.
  static let distinctNames = 4
  /// How many different words, names included, that are not in the vocabulary of logs do.
  static let distinctUnknown = 8
  /// How many words do when they are such as logs are made of, or stand first in the line: the first
  /// word is the subject, and events of different subjects differ.
  static let distinctWords = 16

  /// What stands at one place of patterns that are otherwise equal.
  struct Counts {
    private var names = 0
    private var unknown = 0
    private var words = 0

    mutating func add(_ familiarity: Familiarity, _ place: Int) {
      words += 1
      guard place > 0 else { return }
      names += familiarity == .name ? 1 : 0
      unknown += familiarity != .vocabulary ? 1 : 0
    }

    var isVariable: Bool {
      names >= Familiarity.distinctNames || unknown >= Familiarity.distinctUnknown
        || words >= Familiarity.distinctWords
    }
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
  /// Of its bytes in the form in which patterns are compared.
  private(set) var hash: UInt64
  /// Its units, as indices.
  let units: ClosedRange<Int>

  /// The hash at a place: sums of these tell sequences apart.
  func placed(_ place: Int) -> UInt64 {
    PatternPart.mixed(hash ^ UInt64(kind.rawValue) ^ (UInt64(place) &* 0x9e37_79b9_7f4a_7c15))
  }

  /// What stands for any part at a place.
  static func hole(_ place: Int) -> UInt64 { mixed(UInt64(place) &* 0xd6e8_feb8_6659_fd93 &+ 1) }

  /// Its units by what is compared one by one: those of a variable are one.
  var slots: [ClosedRange<Int>] {
    kind == .variable ? [units] : units.map { $0...$0 }
  }

  mutating func makeVariable() {
    kind = .variable
    hash = 0
  }

  /// Puts units together to parts.
  static func parts(
    _ masked: UnsafeBufferPointer<UInt8>, _ units: [TemplateUnit]
  ) -> [PatternPart] {
    var parts: [PatternPart] = []
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
          kind: kind, familiarity: familiarity(masked, units[first...index], kind),
          hash: kind == .variable ? 0 : hash, units: first...index))
      index += 1
    }
    return parts
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

  private static func familiarity(
    _ masked: UnsafeBufferPointer<UInt8>, _ units: ArraySlice<TemplateUnit>, _ kind: Kind
  ) -> Familiarity {
    guard kind == .word else { return kind == .mixed ? .name : .vocabulary }
    if units.count > 1 { return .name }
    let unit = units[units.startIndex]
    if Vocabulary.contains(masked, from: Int(unit.start), to: Int(unit.end)) { return .vocabulary }
    let bytes = masked[Int(unit.start)..<Int(unit.end)]
    let hasMark = bytes.contains { !$0.isWord }
    let hasCapital = bytes.dropFirst().contains { $0 >= 0x41 && $0 <= 0x5A }
    let hasSmall = bytes.contains { $0 >= 0x61 && $0 <= 0x7A }
    return hasMark || (hasCapital && hasSmall) ? .name : .unknown
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

  private static func mixed(_ value: UInt64) -> UInt64 {
    let folded = (value ^ value >> 32) &* 0xff51_afd7_ed55_8ccd
    return folded ^ folded >> 29
  }
}

/// The form in which patterns are compared.
enum TemplateIdentity {
  /// Appends a pattern.
  static func append(
    _ masked: UnsafeBufferPointer<UInt8>, _ units: [TemplateUnit], to key: inout [UInt8]
  ) {
    for (place, unit) in units.enumerated() {
      append(masked, unit, isEdge: place == 0 || place == units.count - 1, to: &key)
    }
  }

  /// Appends a unit: a variable as `<*>`, a run of blanks as one, and none at the edge of a line.
  static func append(
    _ masked: UnsafeBufferPointer<UInt8>, _ unit: TemplateUnit, isEdge: Bool,
    to key: inout [UInt8]
  ) {
    let bytes = UnsafeBufferPointer(rebasing: masked[Int(unit.start)..<Int(unit.end)])
    switch unit.kind {
    case .word: key.append(contentsOf: bytes)
    case .variable: key += [placeholderMark, Placeholder.value.rawValue]
    case .separator: appendSeparator(bytes, isEdge: isEdge, to: &key)
    }
  }

  private static func appendSeparator(
    _ bytes: UnsafeBufferPointer<UInt8>, isEdge: Bool, to key: inout [UInt8]
  ) {
    var isBlankRun = false
    for byte in bytes {
      if byte == 0x20 || byte == 0x09 {
        isBlankRun = true
        continue
      }
      if isBlankRun, !(isEdge && key.isEmpty) { key.append(0x20) }
      isBlankRun = false
      key.append(byte)
    }
    if isBlankRun, !isEdge { key.append(0x20) }
  }
}
