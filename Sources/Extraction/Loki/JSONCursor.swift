internal import CScanJSON
internal import DaybreakCore

/// Walks through a JSON text of any size, holding one value of it in memory at a time.
final class JSONCursor {
  /// What became of an attempt to hold a whole value.
  enum Capture {
    /// The value with its brackets; lent until the next call.
    case value(UnsafeRawBufferPointer)
    /// It was longer than the limit and was passed over; its start.
    case tooLong(UnsafeRawBufferPointer)
    /// The text ended inside it.
    case truncated
  }

  private let blocks: BlockReader
  private let excerpt = UnsafeMutableRawBufferPointer.allocate(byteCount: 512, alignment: 16)
  private var excerptLength = 0

  init(_ blocks: BlockReader) { self.blocks = blocks }

  deinit { excerpt.deallocate() }

  /// Where the cursor stands in the decompressed stream.
  var offset: Int64 { blocks.offset }

  /// The next bytes, for an excerpt.
  var ahead: UnsafeRawBufferPointer {
    blocks.fill(atLeast: 256)
    return UnsafeRawBufferPointer(rebasing: blocks.unused.prefix(256))
  }

  /// The next byte that is no space, left where it is; nil at the end.
  func peek() -> UInt8? {
    while true {
      while blocks.start < blocks.end {
        let byte = blocks.base.load(fromByteOffset: blocks.start, as: UInt8.self)
        guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
        blocks.consume(1)
      }
      if !blocks.fill() { return nil }
    }
  }

  /// Moves over a byte if it is the next one that is no space.
  func take(_ byte: UInt8) -> Bool {
    guard peek() == byte else { return false }
    blocks.consume(1)
    return true
  }

  /// Reads a string of at most 64 KiB, still escaped; nil where there is none.
  func readString() -> UnsafeRawBufferPointer? {
    guard peek() == 0x22 else { return nil }
    while true {
      let unused = blocks.unused
      let length = stringEnd(unused, from: 1)
      if length < unused.count - 1 {
        blocks.consume(length + 2)
        return unused.part(1, length)
      }
      guard unused.count < 64 << 10, blocks.fill() else { return nil }
    }
  }

  private func stringEnd(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
    guard let base = bytes.baseAddress, bytes.count > start else { return 0 }
    return dbk_json_string_end(
      (base + start).assumingMemoryBound(to: UInt8.self), bytes.count - start)
  }

  /// Moves over the next value; false where the text ends inside it or there is none.
  func skipValue() -> Bool {
    guard let first = peek() else { return false }
    switch first {
    case UInt8(ascii: "{"), UInt8(ascii: "["): return skipContainer()
    case 0x22: return skipString()
    case UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ","), UInt8(ascii: ":"): return false
    default:
      while let byte = nextRaw(), !endsScalar(byte) { blocks.consume(1) }
      return true
    }
  }

  private func nextRaw() -> UInt8? {
    guard blocks.start < blocks.end || blocks.fill() else { return nil }
    return blocks.base.load(fromByteOffset: blocks.start, as: UInt8.self)
  }

  private func endsScalar(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x20, 0x0A, 0x0D, 0x09, 0x2C, 0x5D, 0x7D: true
    default: false
    }
  }

  /// A string of any length is a container of depth one whose end is its quote.
  private func skipString() -> Bool {
    blocks.consume(1)
    var isEscaped = false
    while let byte = nextRaw() {
      blocks.consume(1)
      if isEscaped {
        isEscaped = false
      } else if byte == 0x5C {
        isEscaped = true
      } else if byte == 0x22 {
        return true
      }
    }
    return false
  }

  private func skipContainer() -> Bool {
    var scan = dbk_json_scan()
    while true {
      let used = skip(&scan, blocks.unused)
      blocks.consume(used)
      if used > 0, scan.depth == 0 { return true }
      if !blocks.fill() { return false }
    }
  }

  /// Holds the array or object that is next.
  func capture(limit: Int) -> Capture {
    guard let first = peek(), first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else {
      return .truncated
    }
    var scan = dbk_json_scan()
    var scanned = 0
    while true {
      let unused = blocks.unused
      let used = skip(&scan, unused.part(scanned, unused.count - scanned))
      scanned += used
      if scan.depth == 0, used > 0 {
        blocks.consume(scanned)
        return .value(unused.part(0, scanned))
      }
      if scanned > limit { return passOver(&scan, scanned) }
      if !blocks.fill() { return .truncated }
    }
  }

  private func passOver(_ scan: inout dbk_json_scan, _ scanned: Int) -> Capture {
    excerpt.copyMemory(from: UnsafeRawBufferPointer(rebasing: blocks.unused.prefix(512)))
    excerptLength = min(512, scanned)
    blocks.consume(scanned)
    while scan.depth > 0 {
      guard blocks.start < blocks.end || blocks.fill() else { return .truncated }
      blocks.consume(skip(&scan, blocks.unused))
    }
    return .tooLong(UnsafeRawBufferPointer(rebasing: excerpt.prefix(excerptLength)))
  }

  private func skip(_ scan: inout dbk_json_scan, _ bytes: UnsafeRawBufferPointer) -> Int {
    guard let base = bytes.baseAddress, bytes.count > 0 else { return 0 }
    return dbk_json_skip(&scan, base.assumingMemoryBound(to: UInt8.self), bytes.count)
  }
}
