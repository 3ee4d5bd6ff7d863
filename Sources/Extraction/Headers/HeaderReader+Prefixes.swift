internal import DaybreakCore

/// Headers with something in front of the time.
extension HeaderReader {
  /// How many words may name category, component and level behind the time of a clustered machine.
  private static let categoryLimit = 3

  /// Alert flag, epoch, date and node, as the collectors of large machines write them in front of what
  /// a node said: `- 1131566461 2005.11.09 dn228 Nov 9 12:01:01 dn228/dn228 crond[2915]: message` or
  /// `- 1117838570 2005.06.03 R02-M1 2005-06-03-15.42.50.675872 R02-M1 RAS KERNEL INFO message`.
  ///
  /// Source: A. Oliner and J. Stearley, "What Supercomputers Say" (DSN 2007).
  func readFlagged(_ bytes: ByteView, _ start: Int, _ header: inout LineHeader) -> Bool {
    var index = start
    if bytes[index] == 0x2D {
      index += 1
    } else {
      while index < start + 24, isUpper(bytes[index]) || isDigit(bytes[index]) { index += 1 }
    }
    let date = index + 12
    guard index > start, bytes[index] == 0x20, bytes.digitCount(at: index + 1) == 10,
      bytes[date - 1] == 0x20, bytes.digitCount(at: date) == 4, bytes[date + 4] == 0x2E,
      bytes.digitCount(at: date + 5) == 2, bytes[date + 7] == 0x2E,
      bytes.digitCount(at: date + 8) == 2, bytes[date + 10] == 0x20,
      let seconds = bytes.number(at: index + 1, 10), seconds <= 9_000_000_000
    else { return false }
    let node = date + 11
    guard let nodeEnd = bytes.first(0x20, from: node, limit: node + 128), nodeEnd > node else {
      return false
    }
    header.timestamp = Int64(seconds) * 1_000_000_000
    header.messageOffset = bytes.skippingSpaces(nodeEnd)
    var behind = header.messageOffset
    let isNamed = isLetter(bytes[behind])
    guard let moment = clock.read(bytes, &behind) else { return true }
    if isNamed, moment.isYearless {
      readHostAndTag(bytes, behind, &header)
    } else {
      readCategory(bytes, behind, node: bytes.slice(node, nodeEnd - node), &header)
    }
    return true
  }

  /// The node once more, then words in capitals of which one names the level.
  private func readCategory(
    _ bytes: ByteView, _ start: Int, node: UnsafeRawBufferPointer, _ header: inout LineHeader
  ) {
    var index = bytes.skippingSpaces(start)
    let again = bytes.slice(index, node.count)
    if again.elementsEqual(node), isBlank(bytes[index + node.count]) {
      index = bytes.skippingSpaces(index + node.count)
    }
    header.messageOffset = index
    for _ in 0..<HeaderReader.categoryLimit {
      var end = index
      while isUpper(bytes[end]) || bytes[end] == 0x5F { end += 1 }
      guard end > index + 1, isBlank(bytes[end]) else { return }
      let level = LevelWord.headerWord(bytes.slice(index, end - index))
      index = bytes.skippingSpaces(end)
      if let level {
        header.level = level
        header.messageOffset = index
        return
      }
    }
  }

  /// The name of a log file in front of the line, as collectors write it: `api.log.1 2026-… INFO …`.
  func readNamedFile(_ bytes: ByteView, _ start: Int, _ header: inout LineHeader) -> Bool {
    guard let end = bytes.first(0x20, from: start, limit: start + 128), end > start + 4,
      (start..<end).contains(where: { bytes.has(".log", at: $0) })
    else { return false }
    let behind = bytes.skippingSpaces(end)
    guard isDigit(bytes[behind]) || bytes[behind] == UInt8(ascii: "[") else { return false }
    return readTimed(bytes, behind, &header)
  }
}
