internal import CScanJSON
internal import DaybreakCore
internal import Glibc

/// What the labels of one entry say, as integers.
struct ResolvedLabels {
  /// The service's number in the writer's table.
  var service: Int32 = 0
  /// Whether a label names the service; where none does, a header may.
  var namesService = false
  /// The level that a label names; `unknown` where none does.
  var level = Level.unknown
  /// Identifies the set of labels, whatever their order.
  var hash = DuplicateFilter.Key(high: 0, low: 0)
}

/// Maps sets of labels to service, namespace, level and a hash of the set.
///
/// Allocates nothing for a set of labels met before, and next to nothing for new ones: structured
/// metadata such as a trace id makes every set new.
final class LabelResolver {
  /// The best labels so far of one set.
  struct Choice {
    var service: (rank: Int, value: UnsafeRawBufferPointer) = (.max, .init(start: nil, count: 0))
    var namespace: (rank: Int, value: UnsafeRawBufferPointer) = (.max, .init(start: nil, count: 0))
    var level: (rank: Int, level: Level) = (.max, .unknown)
    var hash = DuplicateFilter.Key(high: 0, low: 0)
    /// Which of the job's common labels the set names itself, one bit each.
    var commonNamed: UInt64 = 0
  }

  private enum Role { case service, namespace, level }

  private let services: ServiceTable
  private let defaultService: [UInt8]
  private let defaultNamespace: [UInt8]
  private let roles: NameTable<Role>
  private let common: [(key: [UInt8], value: [UInt8])]
  private let parser: OpaquePointer?
  private let fields: UnsafeMutablePointer<dbk_json_field>
  private static let fieldLimit = 512
  private var scratch: [UnsafeMutableRawBufferPointer] = []
  private var scratchUsed = 0
  private var identities: [DuplicateFilter.Key: Int32] = [:]
  private let cache = LabelCache()
  private let headerNames = RecentNames()
  private var isTakingHeaderNames = true

  init(_ configuration: FileSourceConfiguration, services: ServiceTable) {
    self.services = services
    defaultService = Array(configuration.defaultService.utf8)
    defaultNamespace = Array(configuration.defaultNamespace.utf8)
    var roles = NameTable<Role>()
    let rules = configuration.labelRules
    // A name listed for two things means the first of service, namespace, level.
    for (role, names) in [
      (Role.service, rules.service), (.namespace, rules.namespace), (.level, rules.level),
    ] {
      for (rank, name) in names.enumerated() { roles.add(name, role, rank) }
    }
    self.roles = roles
    // 64 bits mark which ones an entry names itself.
    common = configuration.commonLabels.sorted { $0.key < $1.key }.prefix(64)
      .map { (Array($0.key.utf8), Array($0.value.utf8)) }
    parser = dbk_json_parser_create()
    fields = .allocate(capacity: LabelResolver.fieldLimit)
  }

  deinit {
    dbk_json_parser_destroy(parser)
    fields.deallocate()
    for chunk in scratch { chunk.deallocate() }
  }

  // MARK: Whole sets

  /// Resolves a set written as a JSON object.
  ///
  /// - Parameter object: the object with its brackets, `BatchWriter.padding` readable bytes behind it.
  /// - Returns: nil where it is no object of strings.
  func resolve(json object: UnsafeRawBufferPointer) -> ResolvedLabels? {
    if let known = cache.find(object) { return known }
    resetScratch()
    var choice = Choice()
    guard add(json: object, to: &choice) else { return nil }
    let resolved = finish(choice)
    cache.keep(object, resolved)
    return resolved
  }

  /// The labels of an entry that has none.
  func resolveNone() -> ResolvedLabels { finish(Choice()) }

  // MARK: Parts of sets

  /// Frees the copies that choices point to; no choice made before may be used after.
  func resetScratch() {
    // One chunk is kept for the next set.
    restoreScratch(ScratchMark(chunks: min(scratch.count, 1), used: 0))
  }

  /// A state of the copies to come back to: what was made before it stays in use.
  struct ScratchMark {
    fileprivate let chunks: Int
    fileprivate let used: Int
  }

  /// The state of the copies now.
  var scratchMark: ScratchMark { ScratchMark(chunks: scratch.count, used: scratchUsed) }

  /// Frees the copies made since a mark; no choice made since may be used after.
  func restoreScratch(_ mark: ScratchMark) {
    while scratch.count > mark.chunks { scratch.removeLast().deallocate() }
    scratchUsed = mark.used
  }

  /// Adds the labels of a JSON object to a set.
  ///
  /// - Returns: whether it was an object of strings; numbers and booleans are taken as written.
  func add(json object: UnsafeRawBufferPointer, to choice: inout Choice) -> Bool {
    guard let base = object.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return false }
    let count = dbk_json_fields(
      parser, base, object.count, fields, Int32(LabelResolver.fieldLimit))
    guard count >= 0, Int(count) <= LabelResolver.fieldLimit else { return false }
    for index in 0..<Int(count) {
      let field = fields[index]
      guard field.kind != DBK_JSON_OBJECT.rawValue, field.kind != DBK_JSON_ARRAY.rawValue,
        let key = unescaped(object, field.key_offset, field.key_length),
        let value = unescaped(object, field.value_offset, field.value_length)
      else { return false }
      add(key, value, to: &choice)
    }
    return true
  }

  /// Adds one label to a set; an empty value is no label, as in Loki.
  func add(
    _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, to choice: inout Choice
  ) {
    guard !value.isEmpty else { return }
    let keyHash = dbk_hash128(key.baseAddress, key.count, 1)
    let pair = dbk_hash128(value.baseAddress, value.count, keyHash.high ^ keyHash.low)
    // A sum does not depend on the order of the labels.
    choice.hash.high &+= pair.high
    choice.hash.low &+= pair.low
    if !common.isEmpty { markCommon(key, &choice) }
    guard let (role, rank) = roles.find(key) else { return }
    switch role {
    case .service where rank < choice.service.rank:
      // Loki's word for "nobody named it" goes behind every real name.
      let isNone = ByteView(value).has("unknown_service", at: 0) && value.count == 15
      if !isNone { choice.service = (rank, value) }
    case .namespace where rank < choice.namespace.rank: choice.namespace = (rank, value)
    case .level where rank < choice.level.rank:
      if let level = LevelWord.level(value) { choice.level = (rank, level) }
    default: break
    }
  }

  /// Resolves a set that is complete.
  func finish(_ partial: Choice) -> ResolvedLabels {
    var choice = partial
    for (index, label) in common.enumerated() where choice.commonNamed >> UInt64(index) & 1 == 0 {
      label.key.withUnsafeBytes { key in
        label.value.withUnsafeBytes { value in addCommon(key, value, &choice) }
      }
    }
    var resolved = ResolvedLabels()
    resolved.namesService = choice.service.rank != .max
    resolved.level = choice.level.level
    resolved.hash = choice.hash
    resolved.service = service(
      choice.namespace.rank == .max ? nil : choice.namespace.value,
      choice.service.rank == .max ? nil : choice.service.value)
    return resolved
  }

  /// The service that a header names, in the namespace that header or job name.
  ///
  /// Headers are hostile input: once the source has `headerServiceLimit` services, names not met before
  /// mean the fallback.
  func service(
    namespace: UnsafeRawBufferPointer?, service: UnsafeRawBufferPointer?, fallback: Int32
  ) -> Int32 {
    if namespace == nil, let service, let known = headerNames.find(service) { return known }
    isTakingHeaderNames = services.identities.count < LabelResolver.headerServiceLimit
    defer { isTakingHeaderNames = true }
    let number = self.service(namespace, service)
    guard number >= 0 else { return fallback }
    if namespace == nil, let service { headerNames.add(service, number) }
    return number
  }

  /// How many services one source has before headers may name no more.
  static let headerServiceLimit = 10_000

  // MARK: Private

  /// Adds a common label; its bytes are copied, because a choice outlives them.
  private func addCommon(
    _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, _ choice: inout Choice
  ) {
    let copy = reserveScratch(value.count)
    copy.copyMemory(from: value)
    add(key, UnsafeRawBufferPointer(copy), to: &choice)
  }

  private func markCommon(_ key: UnsafeRawBufferPointer, _ choice: inout Choice) {
    for (index, label) in common.enumerated() where label.key.elementsEqual(key) {
      choice.commonNamed |= 1 << UInt64(index)
    }
  }

  private func service(
    _ namespace: UnsafeRawBufferPointer?, _ service: UnsafeRawBufferPointer?
  ) -> Int32 {
    defaultNamespace.withUnsafeBytes { defaultNamespace in
      defaultService.withUnsafeBytes { defaultService in
        number(namespace ?? defaultNamespace, service ?? defaultService)
      }
    }
  }

  private func number(_ namespace: UnsafeRawBufferPointer, _ service: UnsafeRawBufferPointer)
    -> Int32
  {
    let first = dbk_hash128(namespace.baseAddress, namespace.count, 2)
    let second = dbk_hash128(service.baseAddress, service.count, first.high ^ first.low)
    let key = DuplicateFilter.Key(high: second.high ^ first.low, low: second.low)
    if let known = identities[key] { return known }
    guard isTakingHeaderNames else { return -1 }
    let index = services.index(
      of: ServiceIdentity(
        namespace: displayText(namespace, byteLimit: 253),
        service: displayText(service, byteLimit: 253)))
    identities[key] = index
    return index
  }

  /// The text of a JSON string; undone escapes live until `resetScratch`.
  private func unescaped(_ object: UnsafeRawBufferPointer, _ offset: UInt32, _ length: UInt32)
    -> UnsafeRawBufferPointer?
  {
    let raw = UnsafeRawBufferPointer(
      rebasing: object[Int(offset)..<Int(offset) + Int(length)])
    guard raw.contains(UInt8(ascii: "\\")) else { return raw }
    let copy = reserveScratch(raw.count + 16)
    guard let source = raw.baseAddress?.assumingMemoryBound(to: UInt8.self),
      let target = copy.baseAddress?.assumingMemoryBound(to: UInt8.self)
    else { return raw }
    let count = dbk_json_unescape(source, raw.count, target)
    return count < 0 ? nil : UnsafeRawBufferPointer(start: target, count: count)
  }

  private func reserveScratch(_ count: Int) -> UnsafeMutableRawBufferPointer {
    if scratch.isEmpty || scratchUsed + count > scratch[scratch.count - 1].count {
      scratch.append(.allocate(byteCount: max(count, 64 << 10), alignment: 16))
      scratchUsed = 0
    }
    let chunk = scratch[scratch.count - 1]
    scratchUsed += count
    return UnsafeMutableRawBufferPointer(rebasing: chunk[scratchUsed - count..<scratchUsed])
  }
}

/// The services of the last names in headers: a line's program is mostly one of the last lines'.
private struct RecentNames: ~Copyable {
  private static let slotCount = 64
  private static let byteLimit = 56

  private struct Slot {
    var bytes = InlineArray<56, UInt8>(repeating: 0)
    var count: Int32 = -1
    var number: Int32 = 0
  }

  private let slots: UnsafeMutablePointer<Slot>

  init() {
    slots = .allocate(capacity: RecentNames.slotCount)
    slots.initialize(repeating: Slot(), count: RecentNames.slotCount)
  }

  deinit { slots.deallocate() }

  @inline(__always)
  private func slot(_ name: UnsafeRawBufferPointer) -> UnsafeMutablePointer<Slot> {
    let mixed = Int(name[0]) &+ Int(name[name.count - 1]) &* 5 &+ name.count &* 17
    return slots + mixed & (RecentNames.slotCount - 1)
  }

  /// The service of a name; nil where it is not among the last ones.
  @inline(__always)
  func find(_ name: UnsafeRawBufferPointer) -> Int32? {
    guard let base = name.baseAddress, !name.isEmpty else { return nil }
    let slot = slot(name)
    guard Int(slot.pointee.count) == name.count, memcmp(slot, base, name.count) == 0 else {
      return nil
    }
    return slot.pointee.number
  }

  /// Remembers a name in place of another.
  func add(_ name: UnsafeRawBufferPointer, _ number: Int32) {
    guard let base = name.baseAddress, !name.isEmpty, name.count <= RecentNames.byteLimit else {
      return
    }
    let slot = slot(name)
    UnsafeMutableRawPointer(slot).copyMemory(from: base, byteCount: name.count)
    slot.pointee.count = Int32(name.count)
    slot.pointee.number = number
  }
}

/// A few names and what they mean, looked up by bytes without regard to ASCII case.
struct NameTable<Meaning> {
  private var slots = [(name: [UInt8], meaning: Meaning, rank: Int)?](repeating: nil, count: 64)
  private var count = 0

  /// Adds a name; one that is there keeps its meaning.
  mutating func add(_ name: String, _ meaning: Meaning, _ rank: Int) {
    let bytes = name.utf8.map { lower($0) }
    if bytes.withUnsafeBytes({ find($0) }) != nil { return }
    count += 1
    if count * 2 > slots.count { grow() }
    insert((bytes, meaning, rank))
  }

  /// What a name means, and its rank in its list.
  func find(_ name: UnsafeRawBufferPointer) -> (Meaning, Int)? {
    var slot = hash(name) & (slots.count - 1)
    while slots[slot] != nil {
      if let found = match(slot, name) { return found }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  @inline(__always)
  private func match(_ slot: Int, _ name: UnsafeRawBufferPointer) -> (Meaning, Int)? {
    guard let entry = slots[slot], entry.name.count == name.count else { return nil }
    for index in 0..<name.count where entry.name[index] != lower(name[index]) { return nil }
    return (entry.meaning, entry.rank)
  }

  private mutating func insert(_ entry: (name: [UInt8], meaning: Meaning, rank: Int)) {
    var slot = entry.name.withUnsafeBytes { hash($0) } & (slots.count - 1)
    while slots[slot] != nil { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = entry
  }

  private mutating func grow() {
    let old = slots
    slots = [(name: [UInt8], meaning: Meaning, rank: Int)?](repeating: nil, count: old.count * 2)
    for entry in old { if let entry { insert(entry) } }
  }

  @inline(__always)
  private func lower(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

  @inline(__always)
  private func hash(_ name: UnsafeRawBufferPointer) -> Int {
    guard let first = name.first, let last = name.last else { return 0 }
    let middle = name[name.count / 2]
    return Int(lower(first)) &* 31 &+ Int(lower(last)) &* 7 &+ Int(lower(middle)) &* 131
      &+ name.count &* 17
  }
}

/// Remembers label sets by their bytes as written: 1024 places of 512 bytes.
private final class LabelCache {
  private static let places = 1024
  private static let placeBytes = 512
  private let bytes = UnsafeMutableRawBufferPointer.allocate(
    byteCount: LabelCache.places * LabelCache.placeBytes, alignment: 16)
  private var lengths = [Int32](repeating: -1, count: LabelCache.places)
  private var resolved = [ResolvedLabels](repeating: ResolvedLabels(), count: LabelCache.places)

  deinit { bytes.deallocate() }

  func find(_ object: UnsafeRawBufferPointer) -> ResolvedLabels? {
    guard object.count <= LabelCache.placeBytes else { return nil }
    let place = self.place(of: object)
    guard lengths[place] == Int32(object.count) else { return nil }
    let known = bytes[place * LabelCache.placeBytes..<place * LabelCache.placeBytes + object.count]
    guard isEqual(UnsafeRawBufferPointer(rebasing: known), object) else { return nil }
    return resolved[place]
  }

  func keep(_ object: UnsafeRawBufferPointer, _ labels: ResolvedLabels) {
    guard object.count <= LabelCache.placeBytes else { return }
    let place = self.place(of: object)
    let start = place * LabelCache.placeBytes
    UnsafeMutableRawBufferPointer(rebasing: bytes[start..<start + object.count])
      .copyMemory(from: object)
    lengths[place] = Int32(object.count)
    resolved[place] = labels
  }

  private func place(of object: UnsafeRawBufferPointer) -> Int {
    Int(truncatingIfNeeded: dbk_hash128(object.baseAddress, object.count, 3).low)
      & (LabelCache.places - 1)
  }
}
