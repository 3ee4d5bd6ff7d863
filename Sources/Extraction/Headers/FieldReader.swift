internal import CScanBytes
internal import CScanJSON
internal import DaybreakCore

/// Finds time, level, service and namespace among the fields of JSON and logfmt lines.
///
/// Field names are compared without regard to ASCII case. Of several names for one thing the one
/// that comes first in its list wins, wherever it stands in the line.
final class FieldReader {
  /// What a field tells.
  private enum Role: UInt8 { case time, level, severityNumber, service, namespace, message, nested }

  /// The names in use, most telling first.
  private static let names: [(role: Role, names: [String])] = [
    (
      .time,
      [
        "time", "timestamp", "@timestamp", "ts", "@t", "t", "datetime", "date", "asctime",
        "eventtime", "event_time", "log_time", "__realtime_timestamp",
      ]
    ),
    (
      .level,
      [
        "level", "severity", "lvl", "loglevel", "log_level", "log.level", "levelname",
        "severity_text", "severitytext", "@l", "priority", "s",
      ]
    ),
    (.severityNumber, ["severity_number", "severitynumber"]),
    (
      .service,
      [
        "service", "service_name", "service.name", "servicename", "app", "app_name", "appname",
        "application", "application_name", "program", "syslog_identifier",
      ]
    ),
    (
      .namespace,
      [
        "namespace", "namespace_name", "k8s.namespace.name", "k8s_namespace_name",
        "service.namespace",
      ]
    ),
    (.message, ["msg", "message", "@m", "@mt", "body", "text"]),
    (.nested, ["log", "kubernetes", "k8s"]),
  ]

  /// How many fields of one object are looked at.
  private static let fieldLimit = 256

  private let parser: OpaquePointer?
  private let listed: UnsafeMutablePointer<dbk_json_field>
  private let nested: UnsafeMutablePointer<dbk_json_field>
  private var table = [(key: UInt64, role: Role, rank: UInt8)?](repeating: nil, count: 256)

  init() {
    parser = dbk_json_parser_create()
    listed = .allocate(capacity: FieldReader.fieldLimit)
    nested = .allocate(capacity: FieldReader.fieldLimit)
    for (role, names) in FieldReader.names {
      for (rank, name) in names.enumerated() {
        let key = Array(name.utf8).withUnsafeBytes { FieldReader.hash($0) }
        var slot = Int(truncatingIfNeeded: key >> 32) & 255
        while table[slot] != nil { slot = (slot + 1) & 255 }
        table[slot] = (key, role, UInt8(rank))
      }
    }
  }

  deinit {
    dbk_json_parser_destroy(parser)
    listed.deallocate()
    nested.deallocate()
  }

  /// The best candidates so far of one line.
  private struct Candidates {
    var time: (rank: UInt8, moment: Int64) = (.max, LineRecord.noTimestamp)
    var level: (rank: UInt8, level: Level) = (.max, .unknown)
    var service: (rank: UInt8, range: Range<Int>) = (.max, 0..<0)
    var namespace: (rank: UInt8, range: Range<Int>) = (.max, 0..<0)
    var message = 0..<0
  }

  // MARK: JSON

  /// Reads an object that is the rest of the line; leaves `header` alone where there is none.
  func readJSON(
    _ bytes: ByteView, _ start: Int, _ clock: LocalClock, _ header: inout LineHeader
  ) {
    guard let base = bytes.base else { return }
    let count = dbk_json_fields(
      parser, base + start, bytes.count - start, listed, Int32(FieldReader.fieldLimit))
    guard count >= 0 else { return }
    var found = Candidates()
    for index in 0..<min(Int(count), FieldReader.fieldLimit) {
      take(listed[index], bytes, start, clock, &found)
    }
    finish(found, bytes, start, &header)
  }

  private func take(
    _ field: dbk_json_field, _ bytes: ByteView, _ start: Int, _ clock: LocalClock,
    _ found: inout Candidates
  ) {
    let key = bytes.slice(start + Int(field.key_offset), Int(field.key_length))
    guard let (role, rank) = role(of: key) else { return }
    let first = start + Int(field.value_offset)
    let range = first..<first + Int(field.value_length)
    switch Int(field.kind) {
    case Int(DBK_JSON_OBJECT.rawValue):
      takeNested(key, role, range, bytes, clock, &found)
    case Int(DBK_JSON_STRING.rawValue), Int(DBK_JSON_NUMBER.rawValue):
      take(role, rank, range, bytes, clock, &found)
    default: break
    }
  }

  /// One level of nesting: ECS's `log.level` and `service.name`, Fluent Bit's `kubernetes`, MongoDB's
  /// `t.$date`.
  private func takeNested(
    _ outer: UnsafeRawBufferPointer, _ role: Role, _ range: Range<Int>, _ bytes: ByteView,
    _ clock: LocalClock, _ found: inout Candidates
  ) {
    guard role == .nested || role == .service || role == .time, let base = bytes.base else {
      return
    }
    let count = dbk_json_fields(
      parser, base + range.lowerBound, range.count, nested, Int32(FieldReader.fieldLimit))
    guard count > 0 else { return }
    for index in 0..<min(Int(count), FieldReader.fieldLimit) {
      let field = nested[index]
      let first = range.lowerBound + Int(field.value_offset)
      let value = first..<first + Int(field.value_length)
      guard field.kind == DBK_JSON_STRING.rawValue || field.kind == DBK_JSON_NUMBER.rawValue else {
        continue
      }
      let key = ByteView(
        bytes.slice(range.lowerBound + Int(field.key_offset), Int(field.key_length)))
      switch role {
      case .time where key.has("$date", at: 0): take(.time, 0, value, bytes, clock, &found)
      case .service where key.has("name", at: 0) && key.count == 4:
        take(.service, 0, value, bytes, clock, &found)
      case .nested where key.has("level", at: 0) && key.count == 5:
        take(.level, 6, value, bytes, clock, &found)
      case .nested where key.has("namespace_name", at: 0) || key.has("namespace", at: 0):
        take(.namespace, 8, value, bytes, clock, &found)
      case .nested where key.has("container_name", at: 0):
        take(.service, 20, value, bytes, clock, &found)
      default: break
      }
    }
  }

  private func take(
    _ role: Role, _ rank: UInt8, _ range: Range<Int>, _ bytes: ByteView, _ clock: LocalClock,
    _ found: inout Candidates
  ) {
    let value = bytes.slice(range.lowerBound, range.count)
    switch role {
    case .time where rank < found.time.rank:
      if let moment = moment(ByteView(value), clock) { found.time = (rank, moment) }
    case .level where rank < found.level.rank:
      if let level = LevelWord.level(value) { found.level = (rank, level) }
    case .severityNumber where found.level.rank == .max:
      let digits = ByteView(value)
      if let number = digits.number(at: 0, digits.count), digits.count <= 2,
        let level = LevelWord.level(openTelemetry: number)
      {
        found.level = (.max - 1, level)
      }
    case .service where rank < found.service.rank && !range.isEmpty: found.service = (rank, range)
    case .namespace where rank < found.namespace.rank && !range.isEmpty:
      found.namespace = (rank, range)
    case .message where found.message.isEmpty: found.message = range
    default: break
    }
  }

  private func moment(_ value: ByteView, _ clock: LocalClock) -> Int64? {
    var index = 0
    guard let moment = clock.read(value, &index), moment.nanoseconds != LineRecord.noTimestamp
    else {
      return nil
    }
    return moment.nanoseconds
  }

  private func finish(
    _ found: Candidates, _ bytes: ByteView, _ start: Int, _ header: inout LineHeader
  ) {
    header.isStructured = true
    header.messageOffset = start
    header.timestamp = found.time.moment
    header.level = found.level.level
    header.service = found.service.range
    header.namespace = found.namespace.range
    if header.level == .unknown, !found.message.isEmpty {
      let message = bytes.slice(found.message.lowerBound, found.message.count)
      header.level = LevelWord.scan(message, onlyMarked: true, isPadded: true) ?? .unknown
    }
  }

  // MARK: logfmt

  /// Reads `key=value key="quoted value" …`, the whole line.
  ///
  /// - Returns: whether the line starts as logfmt does and has at least two pairs or one that tells
  ///   something.
  func readLogfmt(
    _ bytes: ByteView, _ start: Int, _ clock: LocalClock, _ header: inout LineHeader
  ) -> Bool {
    guard startsWithKey(bytes, start) else { return false }
    var index = start
    var pairs = 0
    var found = Candidates()
    // Time and level stand in front by custom; far behind, a `level=` belongs to the message.
    let end = min(bytes.count, start + 4096)
    while index < end {
      index = bytes.skippingSpaces(index)
      let keyStart = index
      index = keyEnd(bytes, index)
      guard index > keyStart, bytes[index] == 0x3D else {
        if pairs == 0 { return false }
        while index < end, bytes[index] != 0x20 { index += 1 }
        continue
      }
      let key = bytes.slice(keyStart, index - keyStart)
      let value = readValue(bytes, index + 1, end)
      index = value.next
      pairs += 1
      if let (role, rank) = role(of: key) { take(role, rank, value.range, bytes, clock, &found) }
    }
    let tells = found.level.level != .unknown || found.time.moment != LineRecord.noTimestamp
    guard pairs >= 3 || (pairs >= 1 && (tells || !found.message.isEmpty)) else { return false }
    finish(found, bytes, start, &header)
    return true
  }

  /// Whether a key and `=` stand at `start`, behind blanks: what most lines fail.
  @inline(__always)
  private func startsWithKey(_ bytes: ByteView, _ start: Int) -> Bool {
    let first = bytes.skippingSpaces(start)
    let end = keyEnd(bytes, first)
    return end > first && bytes[end] == 0x3D
  }

  /// Where a key ends that starts at `start`, 16 bytes at a time.
  @inline(__always)
  private func keyEnd(_ bytes: ByteView, _ start: Int) -> Int {
    guard start < bytes.count, let base = bytes.base else { return start }
    let length = Int(dbk_key_length(base + start))
    var index = start + length
    if length == 16 { while isKeyByte(bytes[index]) { index += 1 } }
    return min(index, bytes.count)
  }

  private func isKeyByte(_ byte: UInt8) -> Bool {
    isLetter(byte) || isDigit(byte) || byte == 0x5F || byte == 0x2E || byte == 0x2D || byte == 0x40
  }

  private func readValue(_ bytes: ByteView, _ start: Int, _ end: Int) -> (
    range: Range<Int>, next: Int
  ) {
    var index = start
    guard bytes[start] == 0x22 else {
      while index < end, bytes[index] > 0x20 { index += 1 }
      return (start..<index, index)
    }
    index += 1
    while index < end, bytes[index] != 0x22 { index += bytes[index] == 0x5C ? 2 : 1 }
    index = min(index, end)
    return (start + 1..<max(index, start + 1), min(index + 1, end))
  }

  // MARK: Names

  private func role(of key: UnsafeRawBufferPointer) -> (Role, UInt8)? {
    guard key.count <= 24 else { return nil }
    let hash = FieldReader.hash(key)
    var slot = Int(truncatingIfNeeded: hash >> 32) & 255
    while let entry = table[slot] {
      if entry.key == hash { return (entry.role, entry.rank) }
      slot = (slot + 1) & 255
    }
    return nil
  }

  /// FNV-1a (Fowler, Noll, Vo) over lower-case bytes.
  private static func hash(_ key: UnsafeRawBufferPointer) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in key {
      let lower = byte &- 0x41 < 26 ? byte | 0x20 : byte
      hash = (hash ^ UInt64(lower)) &* 0x100_0000_01b3
    }
    return hash
  }
}
