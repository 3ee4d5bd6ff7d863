import CScanJSON
import Postgres

/// Reads the labels of a row, in whatever form a table keeps them.
///
/// What was added to a choice is valid until the next row's labels are added.
final class LabelFields {
  /// Buffers that copies of a row's cells are held in, one for each purpose.
  enum Slot: Int, CaseIterable { case labels, unescaped, service, namespace, time }

  private static let fieldLimit = 512

  private let resolver: LabelResolver
  private let parser: OpaquePointer?
  private let fields: UnsafeMutablePointer<dbk_json_field>
  private var buffers: [UnsafeMutableRawBufferPointer]

  init(_ resolver: LabelResolver) {
    self.resolver = resolver
    parser = dbk_json_parser_create()
    fields = .allocate(capacity: LabelFields.fieldLimit)
    buffers = Slot.allCases.map { _ in .allocate(byteCount: 1024, alignment: 16) }
  }

  deinit {
    dbk_json_parser_destroy(parser)
    fields.deallocate()
    for buffer in buffers { buffer.deallocate() }
  }

  /// Copies bytes to where they stay until the slot's next use, with readable bytes behind them as
  /// vectorised readers need.
  func hold(_ bytes: UnsafeRawBufferPointer, in slot: Slot) -> UnsafeRawBufferPointer {
    let buffer = reserve(bytes.count, in: slot)
    buffer.copyMemory(from: bytes)
    return UnsafeRawBufferPointer(rebasing: buffer[..<bytes.count])
  }

  /// Adds the pairs of an `hstore`.
  func add(hstore bytes: UnsafeRawBufferPointer, to choice: inout LabelResolver.Choice) {
    _ = BinaryFormat.forEachPair(hstore: bytes) { key, value in
      if let value { resolver.add(key, value, to: &choice) }
    }
  }

  /// Adds labels written as a JSON object, as Loki writes them (`{a="b", c="d"}`), as `hstore` shows
  /// itself (`"a"=>"b"`) or as `a=b c=d`; nested JSON is passed over.
  func add(text bytes: UnsafeRawBufferPointer, to choice: inout LabelResolver.Choice) {
    let text = hold(bytes, in: .labels)
    var index = 0
    while index < text.count, text[index] <= 0x20 { index += 1 }
    guard index < text.count else { return }
    if text[index] == UInt8(ascii: "{") {
      var next = index + 1
      while next < text.count, text[next] <= 0x20 { next += 1 }
      if next < text.count, text[next] == UInt8(ascii: "\""), addJSON(text, to: &choice) { return }
    }
    addPairs(text, to: &choice)
  }

  /// - Returns: false when the text is no JSON object.
  private func addJSON(
    _ text: UnsafeRawBufferPointer, to choice: inout LabelResolver.Choice
  ) -> Bool {
    guard let base = text.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return false }
    let found = dbk_json_fields(parser, base, text.count, fields, Int32(LabelFields.fieldLimit))
    guard found >= 0 else { return false }
    let count = min(Int(found), LabelFields.fieldLimit)
    // Unescaping may write 16 bytes past each string.
    let space = reserve(text.count + 32 * count, in: .unescaped)
    var used = 0
    for index in 0..<count {
      let field = fields[index]
      guard field.kind != DBK_JSON_OBJECT.rawValue, field.kind != DBK_JSON_ARRAY.rawValue,
        let key = plain(text.part(Int(field.key_offset), Int(field.key_length)), space, &used),
        let value = plain(text.part(Int(field.value_offset), Int(field.value_length)), space, &used)
      else { continue }
      // JSON's null names nothing.
      if field.kind == DBK_JSON_OTHER.rawValue, value.first == UInt8(ascii: "n") { continue }
      resolver.add(key, value, to: &choice)
    }
    return true
  }

  /// A JSON string without its escapes, written to `space` where it has any.
  private func plain(
    _ raw: UnsafeRawBufferPointer, _ space: UnsafeMutableRawBufferPointer, _ used: inout Int
  ) -> UnsafeRawBufferPointer? {
    guard raw.contains(UInt8(ascii: "\\")) else { return raw }
    guard let source = raw.baseAddress?.assumingMemoryBound(to: UInt8.self),
      let target = space.baseAddress?.assumingMemoryBound(to: UInt8.self)
    else { return nil }
    let length = dbk_json_unescape(source, raw.count, target + used)
    guard length >= 0 else { return nil }
    defer { used += length }
    return UnsafeRawBufferPointer(rebasing: space[used..<used + length])
  }

  /// Reads `key=value` and `key=>value` pairs, either side quoted or not, until the text ends or
  /// makes no sense.
  private func addPairs(
    _ text: UnsafeRawBufferPointer, to choice: inout LabelResolver.Choice
  ) {
    var index = 0
    while true {
      while index < text.count, isSeparator(text[index]) { index += 1 }
      guard let key = token(text, &index, end: UInt8(ascii: "=")) else { return }
      while index < text.count, text[index] == 0x20 { index += 1 }
      guard index < text.count, text[index] == UInt8(ascii: "=") else { return }
      index += 1
      if index < text.count, text[index] == UInt8(ascii: ">") { index += 1 }
      guard let value = token(text, &index, end: UInt8(ascii: ",")) else { continue }
      resolver.add(key, value, to: &choice)
    }
  }

  /// A quoted run, or one up to a separator or `end`; nil where there is none.
  private func token(
    _ text: UnsafeRawBufferPointer, _ index: inout Int, end: UInt8
  ) -> UnsafeRawBufferPointer? {
    guard index < text.count else { return nil }
    if text[index] == UInt8(ascii: "\"") {
      let start = index + 1
      index = start
      while index < text.count, text[index] != UInt8(ascii: "\"") {
        index += text[index] == UInt8(ascii: "\\") ? 2 : 1
      }
      let stop = min(index, text.count)
      index = min(stop + 1, text.count)
      return UnsafeRawBufferPointer(rebasing: text[start..<max(start, stop)])
    }
    let start = index
    while index < text.count, !isSeparator(text[index]), text[index] != end { index += 1 }
    return start == index ? nil : UnsafeRawBufferPointer(rebasing: text[start..<index])
  }

  private func isSeparator(_ byte: UInt8) -> Bool {
    byte <= 0x20 || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "{")
      || byte == UInt8(ascii: "}") || byte == UInt8(ascii: ";")
  }

  private func reserve(_ count: Int, in slot: Slot) -> UnsafeMutableRawBufferPointer {
    let needed = count + Int(DBK_JSON_PADDING)
    if buffers[slot.rawValue].count < needed {
      buffers[slot.rawValue].deallocate()
      buffers[slot.rawValue] = .allocate(byteCount: needed * 2, alignment: 16)
    }
    return buffers[slot.rawValue]
  }
}
