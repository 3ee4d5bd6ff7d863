internal import Glibc

/// The bytes of a line for parsers that look ahead freely: 0 stands behind the end.
struct ByteView {
  let base: UnsafePointer<UInt8>?
  let count: Int

  @inline(__always)
  init(_ bytes: UnsafeRawBufferPointer) {
    base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    count = bytes.count
  }

  @inline(__always)
  subscript(index: Int) -> UInt8 {
    guard index < count, let base else { return 0 }
    return base[index]
  }

  /// The bytes of a range inside the view.
  @inline(__always)
  func slice(_ start: Int, _ length: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: base.map { UnsafeRawPointer($0 + start) }, count: length)
  }

  /// How many decimal digits stand at `index`.
  @inline(__always)
  func digitCount(at index: Int, limit: Int = 20) -> Int {
    var length = 0
    while length < limit, isDigit(self[index + length]) { length += 1 }
    return length
  }

  /// The value of `length` digits at `index`; nil where one is no digit.
  @inline(__always)
  func number(at index: Int, _ length: Int) -> Int? {
    var value = 0
    for offset in 0..<length {
      let digit = self[index + offset] &- 0x30
      guard digit < 10 else { return nil }
      value = value &* 10 &+ Int(digit)
    }
    return value
  }

  /// Tells whether ASCII text stands at `index`.
  @inline(__always)
  func has(_ text: StaticString, at index: Int) -> Bool {
    let length = text.utf8CodeUnitCount
    guard index + length <= count else { return false }
    for offset in 0..<length where self[index + offset] != text.utf8Start[offset] { return false }
    return true
  }

  /// The first index at or behind `index` that holds `byte`, looking no further than `limit`.
  @inline(__always)
  func first(_ byte: UInt8, from index: Int, limit: Int) -> Int? {
    let end = min(count, limit)
    guard index < end, let base, let found = memchr(base + index, Int32(byte), end - index) else {
      return nil
    }
    return UnsafeRawPointer(found) - UnsafeRawPointer(base)
  }

  /// The first index at or behind `index` that is neither space nor tab.
  @inline(__always)
  func skippingSpaces(_ index: Int) -> Int {
    var position = index
    while self[position] == 0x20 || self[position] == 0x09 { position += 1 }
    return position
  }

  /// The index behind any run of ANSI colour sequences (`ESC [ … m`) at `index`.
  @inline(__always)
  func skippingColours(_ index: Int) -> Int {
    var position = index
    while self[position] == 0x1B, self[position + 1] == 0x5B {
      var end = position + 2
      while isDigit(self[end]) || self[end] == 0x3B { end += 1 }
      guard self[end] == UInt8(ascii: "m") else { return position }
      position = end + 1
    }
    return position
  }
}

@inline(__always)
func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

@inline(__always)
func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }

@inline(__always)
func isUpper(_ byte: UInt8) -> Bool { byte &- 0x41 < 26 }

@inline(__always)
func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

extension UnsafeRawBufferPointer {
  /// Part of the buffer, clamped to it.
  @inline(__always)
  func part(_ start: Int, _ length: Int) -> UnsafeRawBufferPointer {
    let first = Swift.min(start, count)
    return UnsafeRawBufferPointer(rebasing: self[first..<Swift.min(count, first + length)])
  }
}
