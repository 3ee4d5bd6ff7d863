internal import CScanBytes

/// Names of hosts.
extension Masker {
  /// Masks the host name whose first dot is at `index`; copies the dot when it is none.
  ///
  /// A host name has letters, digits and hyphens between its dots and ends in a top-level domain:
  /// `mail.example.org`. `org.example.Mail` is a class, `mail.py` a file.
  mutating func maskHost(_ range: ScanRange, at index: Int, token: Token) -> Int {
    let source = range.source
    guard index > token.start, source[index - 1].isWord, range.byte(index + 1).isWord else {
      return copyDot(index)
    }
    // What was said of a dot holds for those behind it: fewer labels make no host of what was none.
    // Without it, a token of thousands of dots would be read thousands of times.
    if dottedToken == token.start && index < dottedEnd { return copyDot(index) }
    dottedToken = token.start
    dottedEnd = .max
    var start = token.start
    // What was masked before the dot is part of the name as well: `24-54-76-216.example.net`.
    while start < index {
      start = labelEnd(range, start)
      guard start < index, source[start] == UInt8(ascii: ".") else { break }
      start += 1
    }
    guard start >= index, source[token.start].isWord else { return copyDot(index) }
    var end = index
    var lastDot = index
    var dots = 0
    while range.byte(end) == UInt8(ascii: "."), range.byte(end + 1).isWord {
      lastDot = end
      dots += 1
      end = labelEnd(range, end + 1)
    }
    dottedEnd = end
    guard isHostEnd(range, end),
      TopLevelDomains.contains(range, from: lastDot + 1, to: end, labels: dots + 1),
      !isReversed(range, from: token.start)
    else { return copyDot(index) }
    count = token.outputStart
    emit(.host)
    return end
  }

  private mutating func copyDot(_ index: Int) -> Int {
    copy(UInt8(ascii: "."))
    return index + 1
  }

  /// Where the letters, digits, hyphens and underscores end that start at a place; 16 bytes at a time
  /// where the line has as many.
  @inline(__always)
  private func labelEnd(_ range: ScanRange, _ start: Int) -> Int {
    var end = start
    while end + 16 <= range.end {
      let length = Int(dbk_label_length(range.source + end))
      end += length
      if length < 16 { return end }
    }
    while end < range.end, isHostByte(range.source[end]) { end += 1 }
    return end
  }

  private func isHostByte(_ byte: UInt8) -> Bool {
    byte.isLetter || byte.isDigit || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
  }

  /// Tells whether a name may end here: what follows is neither part of a path nor of a call.
  private func isHostEnd(_ range: ScanRange, _ end: Int) -> Bool {
    let next = range.byte(end)
    return !next.isWord && next != UInt8(ascii: "(") && next != UInt8(ascii: "=")
      && next != UInt8(ascii: "@") && next != UInt8(ascii: "$") && next != UInt8(ascii: "\\")
  }

  /// Tells whether a dotted name starts as packages do: `com.example`, `org.example`.
  private func isReversed(_ range: ScanRange, from start: Int) -> Bool {
    var end = start
    while range.byte(end).isLetter { end += 1 }
    guard range.byte(end) == UInt8(ascii: ".") else { return false }
    let source = range.source
    return isWord(source, start, end, "com") || isWord(source, start, end, "org")
      || isWord(source, start, end, "net") || isWord(source, start, end, "io")
      || isWord(source, start, end, "java") || isWord(source, start, end, "javax")
      || isWord(source, start, end, "android") || isWord(source, start, end, "sun")
      || isWord(source, start, end, "edu") || isWord(source, start, end, "dev")
  }
}

/// The top-level domains that end a host name in a log.
enum TopLevelDomains {
  /// Domains that no file name ends in: two labels are a host.
  private static let generic = PackedNames(
    "com net org edu gov mil int info biz name arpa local lan corp home internal localdomain test")
  /// Country codes and short ones that may also end a file name: three labels are a host.
  private static let country = PackedNames(
    """
    ac ad ae af ag ai al am ao ar at au az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz ca \
    cd cf cg ch ci ck cl cm cn co cr cu cv cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk \
    fm fo fr ga ge gf gg gh gi gl gm gn gp gq gr gt gu gw gy hk hm hn hr ht hu id ie il im in io iq \
    ir is it je jm jo jp ke kg kh ki km kr kw ky kz la lb lc li lk lr ls lt lu lv ma mc md me mg mk \
    ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg \
    ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se sg sh si sk sl sm sn sr st su sv \
    sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu ws \
    ye yt za zm zw app dev cloud online site xyz
    """)

  /// Tells whether a label is a top-level domain that ends a name of so many labels.
  static func contains(_ range: ScanRange, from start: Int, to end: Int, labels: Int) -> Bool {
    guard end - start <= 8 else { return false }
    var value: UInt64 = 0
    for index in start..<end { value = value << 8 | UInt64(range.source[index] | 0x20) }
    if generic.contains(value) { return true }
    let hasPort = range.byte(end) == UInt8(ascii: ":") && range.byte(end + 1).isDigit
    if country.contains(value) { return labels >= 3 || hasPort }
    guard labels >= 3, hasPort else { return false }
    for index in start..<end where !range.source[index].isLetter { return false }
    return true
  }
}

/// Names of up to eight letters as numbers, under open addressing: what a host's last label is looked
/// for in once a dotted name.
private struct PackedNames: Sendable {
  private let slots: [UInt64]

  init(_ names: String) {
    var slots = [UInt64](repeating: 0, count: 1024)
    for name in names.split(separator: " ") where name.utf8.count <= 8 {
      let value = name.utf8.reduce(0) { $0 << 8 | UInt64($1) }
      var slot = PackedNames.slot(value)
      while slots[slot] != 0 { slot = (slot + 1) & 1023 }
      slots[slot] = value
    }
    self.slots = slots
  }

  func contains(_ value: UInt64) -> Bool {
    var slot = PackedNames.slot(value)
    while slots[slot] != 0 {
      if slots[slot] == value { return true }
      slot = (slot + 1) & 1023
    }
    return false
  }

  private static func slot(_ value: UInt64) -> Int {
    Int(truncatingIfNeeded: (value &* 0x9E37_79B9_7F4A_7C15) >> 54)
  }
}
