/// Addresses and identifiers of hexadecimal digits.
extension Masker {
  /// Masks a run of hexadecimal digits as what it is the start of: UUID, MAC, IPv6 address or a long
  /// number; nil when it is a plain number or a short word.
  mutating func maskHexadecimal(_ range: ScanRange, from start: Int, to end: Int) -> Int? {
    let length = end - start
    let next = range.byte(end)
    if next == UInt8(ascii: "-") || next == UInt8(ascii: ":") {
      if length == 8, next == UInt8(ascii: "-"), let uuid = uuidEnd(range, from: start) {
        emit(.uuid)
        return uuid
      }
      if length == 2, let mac = macEnd(range, from: start, separator: next) {
        emit(.mac)
        return mac
      }
      if length <= 4, next == UInt8(ascii: ":"), let address = ipv6End(range, from: start) {
        emit(.address)
        return address
      }
    }
    var digits = 0
    for index in start..<end where range.source[index].isDigit { digits += 1 }
    // Four mixed digits or eight letters are no word; `a1` may be the name of something numbered.
    guard digits > 0 ? digits < length && length >= 4 : length >= 8 else { return nil }
    emit(.hexadecimal)
    return end
  }

  /// Where a UUID (RFC 9562 §4) that starts at `start` ends; nil when it is none.
  private func uuidEnd(_ range: ScanRange, from start: Int) -> Int? {
    guard start + 36 <= range.end, !range.byte(start + 36).isWord else { return nil }
    for offset in 0..<36 {
      let byte = range.source[start + offset]
      let isDash = offset == 8 || offset == 13 || offset == 18 || offset == 23
      guard isDash ? byte == UInt8(ascii: "-") : byte.isHexDigit else { return nil }
    }
    return start + 36
  }

  /// Where six pairs of hexadecimal digits or more end (MAC, EUI-64, InfiniBand); nil for fewer.
  private func macEnd(_ range: ScanRange, from start: Int, separator: UInt8) -> Int? {
    var index = start
    var pairs = 0
    while range.byte(index).isHexDigit, range.byte(index + 1).isHexDigit,
      !range.byte(index + 2).isWord
    {
      pairs += 1
      index += 2
      guard range.byte(index) == separator, range.byte(index + 1).isHexDigit else { break }
      index += 1
    }
    guard pairs >= 6, !range.byte(index).isWord, range.byte(index) != separator else { return nil }
    return index
  }

  /// Where an IPv6 address (RFC 4291 §2.2) that starts at `start` ends; nil when it is none.
  ///
  /// Without `::` it must have eight groups; with it, a digit or three groups, so that `std::min` and
  /// `add::face` stay words.
  func ipv6End(_ range: ScanRange, from start: Int) -> Int? {
    let colon = UInt8(ascii: ":")
    var index = start
    var groups = 0
    var hasGap = false
    var hasDigit = false
    if range.byte(index) == colon {
      guard range.byte(index + 1) == colon else { return nil }
      hasGap = true
      index += 2
    }
    while groups < 8 {
      let groupStart = index
      while index - groupStart < 5, range.byte(index).isHexDigit {
        hasDigit = hasDigit || range.byte(index).isDigit
        index += 1
      }
      guard index > groupStart else { break }
      guard index - groupStart <= 4, !range.byte(index).isWord else { return nil }
      if range.byte(index) == UInt8(ascii: "."), let mapped = ipv4End(range, from: groupStart) {
        return hasGap || groups == 6 ? mapped : nil
      }
      groups += 1
      guard range.byte(index) == colon else { break }
      if range.byte(index + 1) == colon {
        guard !hasGap else { return nil }
        hasGap = true
        index += 2
      } else if range.byte(index + 1).isHexDigit {
        index += 1
      } else {
        break
      }
    }
    let isAddress = hasGap ? groups < 8 && (hasDigit || groups >= 3) && groups > 0 : groups == 8
    guard isAddress, !range.byte(index).isWord else { return nil }
    // A zone such as `%eth0` belongs to the address (RFC 4007 §11).
    if range.byte(index) == UInt8(ascii: "%"), range.byte(index + 1).isWord {
      index += 1
      while range.byte(index).isWord { index += 1 }
    }
    return index
  }

  /// Where a dotted IPv4 address that starts at `start` ends; nil when it is none.
  func ipv4End(_ range: ScanRange, from start: Int) -> Int? {
    var index = start
    for group in 0..<4 {
      if group > 0 {
        guard range.byte(index) == UInt8(ascii: ".") else { return nil }
        index += 1
      }
      let next = range.digitsEnd(index)
      guard (1...3).contains(next - index) else { return nil }
      index = next
    }
    return range.byte(index).isWord ? nil : index
  }
}
