/// What follows an `@` in names of files and units, where it is no top-level domain.
private let fileEndings: Set<String> = [
  "png", "jpg", "jpeg", "gif", "svg", "webp", "css", "js", "mjs", "ts", "json", "html", "map",
  "log",
  "service", "socket", "timer", "target", "mount", "slice", "scope", "conf", "yaml", "yml", "tgz",
  "tar", "gz", "zip", "jar", "whl",
]

extension SecretScanner {
  /// The e-mail address around an `@` or `%40`.
  func email(around at: Int, notBefore limit: Int) -> FoundSecret? {
    let markLength = byte(at) == UInt8(ascii: "@") ? 1 : has("%40", at: at) ? 3 : 0
    guard markLength > 0 else { return nil }
    var start = at
    while start > limit, at - start < 64, isLocalByte(bytes[start - 1]) { start -= 1 }
    while start < at, !isWordByte(bytes[start]) { start += 1 }
    let end = domainEnd(from: at + markLength)
    guard start < at, end > at,
      byte(start - 1) != UInt8(ascii: "/") || byte(start - 2) != UInt8(ascii: "/")
    else { return nil }
    // `git@github.com:owner/repository.git` names a machine account that the world shares.
    if has("git@", at: start), at - start == 3, byte(end) == UInt8(ascii: ":") { return nil }
    return FoundSecret(kind: .email, range: start..<end)
  }

  /// The end of a domain name with at least one dot and a plausible last label; 0 when there is none.
  private func domainEnd(from start: Int) -> Int {
    var end = end(from: start) { isWordByte($0) || "-.".utf8.contains($0) }
    while end > start, "-._".utf8.contains(bytes[end - 1]) { end -= 1 }
    let labels = bytes[start..<end].split(
      separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard labels.count >= 2, let last = labels.last, labels.allSatisfy({ !$0.isEmpty }),
      last.count >= 2,
      last.allSatisfy({ isLetter($0) || $0 >= 0x80 }) || last.starts(with: "xn--".utf8)
    else { return 0 }
    if fileEndings.contains(String(decoding: last, as: UTF8.self).lowercased()) { return 0 }
    // `left-pad@1.3.0-beta.rc` is a version.
    let isVersion = labels[0].allSatisfy(isDigit) && isDigit(labels[1].first ?? 0)
    return isVersion ? 0 : end
  }

  private func isLocalByte(_ byte: UInt8) -> Bool {
    isWordByte(byte) || ".+-'".utf8.contains(byte)
  }

  /// A card number: the length and first digits of a known network, in one run or in groups, with a
  /// right check digit (ISO/IEC 7812-1, Luhn).
  func card(at index: Int) -> FoundSecret? {
    guard !(byte(index - 1) == UInt8(ascii: ".") && isDigit(byte(index - 2))),
      byte(index - 1) != UInt8(ascii: "+")
    else { return nil }
    var digits: [UInt8] = []
    var groups: [Int] = [0]
    var end = index
    let separator = bytes[index...].prefix(7).first { !isDigit($0) } ?? 0
    let isGrouped = separator == UInt8(ascii: " ") || separator == UInt8(ascii: "-")
    while end < bytes.count, digits.count <= 19 {
      if isDigit(bytes[end]) {
        digits.append(bytes[end] - 0x30)
        groups[groups.count - 1] += 1
      } else if isGrouped, bytes[end] == separator, isDigit(byte(end + 1)), digits.count < 16,
        digits.count < 15 || groups.first != 4 || groups.count != 3
      {
        groups.append(0)
      } else {
        break
      }
      end += 1
    }
    // What goes on behind a grouped number (`4111 1111 1111 1111 3 items`) is not part of it.
    guard !isWordByte(byte(end)), !(byte(end) == UInt8(ascii: ".") && isDigit(byte(end + 1))),
      !(byte(end) == UInt8(ascii: "-") && isWordByte(byte(end + 1))),
      areCardGroups(groups), isCardNumber(digits)
    else { return nil }
    return FoundSecret(kind: .card, range: index..<end)
  }

  private func areCardGroups(_ groups: [Int]) -> Bool {
    groups.count == 1 || groups == [4, 4, 4, 4] || groups == [4, 6, 5] || groups == [4, 6, 4]
      || groups == [4, 4, 4, 1] || groups == [4, 4, 4, 4, 3]
  }

  private func isCardNumber(_ digits: [UInt8]) -> Bool {
    guard (13...19).contains(digits.count) else { return false }
    let four = digits.prefix(4).reduce(0) { $0 * 10 + Int($1) }
    let isKnown =
      switch four {
      case 4000...4999: [13, 16, 19].contains(digits.count)
      case 5100...5599, 2221...2720: digits.count == 16
      case 3400...3499, 3700...3799: digits.count == 15
      case 3000...3059, 3600...3699, 3800...3999: digits.count == 14
      case 3528...3589, 6011, 6440...6599, 6200...6299: digits.count == 16
      default: false
      }
    guard isKnown, Set(digits).count > 1 else { return false }
    var sum = 0
    for (place, digit) in digits.reversed().enumerated() {
      let doubled = Int(digit) * (place % 2 == 1 ? 2 : 1)
      sum += doubled > 9 ? doubled - 9 : doubled
    }
    return sum % 10 == 0
  }

  /// An IPv4 or IPv6 address, if addresses are asked for.
  func address(at index: Int) -> FoundSecret? {
    guard options.hidesAddresses, byte(index - 1) != UInt8(ascii: ":"),
      byte(index - 1) != UInt8(ascii: ".")
    else { return nil }
    let dotted = end(from: index) { isDigit($0) || $0 == UInt8(ascii: ".") }
    if isIPv4(index..<dotted), !isWordByte(byte(dotted)) {
      return FoundSecret(kind: .address, range: index..<dotted)
    }
    let colons = end(from: index) { isHexDigit($0) || $0 == UInt8(ascii: ":") }
    guard isIPv6(index..<colons), !isWordByte(byte(colons)) else { return nil }
    return FoundSecret(kind: .address, range: index..<colons)
  }

  private func isIPv4(_ range: Range<Int>) -> Bool {
    let parts = bytes[range].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return parts.count == 4
      && parts.allSatisfy { part in
        (1...3).contains(part.count) && part.reduce(0) { $0 * 10 + Int($1 - 0x30) } <= 255
      }
  }

  private func isIPv6(_ range: Range<Int>) -> Bool {
    let groups = bytes[range].split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    guard groups.count >= 3, groups.count <= 8, groups.allSatisfy({ $0.count <= 4 }),
      bytes[range].contains(where: isDigit)
    else { return false }
    let inner = groups.dropFirst().dropLast()
    let empty = inner.count(where: \.isEmpty)
    // `10:20:30` is a time of day; an address in full has eight groups, a short one `::`.
    return groups.count == 8 && groups.allSatisfy { !$0.isEmpty } || empty == 1
  }
}

func isHexDigit(_ byte: UInt8) -> Bool {
  isDigit(byte) || (0x61...0x66).contains(byte | 0x20) && isLetter(byte)
}
