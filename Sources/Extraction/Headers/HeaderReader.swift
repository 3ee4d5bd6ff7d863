package import DaybreakCore

/// Reads the headers of log lines: time, level, program, and where the message starts.
///
/// Knows ISO 8601 in its variants, syslog (RFC 3164 and 5424), log4j, logback, Python, Go, Ruby, klog,
/// access and error logs of nginx and Apache, container runtimes, clustered machines, JSON and logfmt. What it says of a
/// line depends on that line alone (and on the window for years and days that a format leaves out).
///
/// Not safe to share between threads: each reader has its own.
package final class HeaderReader {
  let clock: LocalClock
  let fields = FieldReader()

  /// Makes a reader.
  ///
  /// - Parameters:
  ///   - window: decides the year or day where a format names none.
  ///   - zoneName: the zone of times that name none: an IANA name.
  package init(window: TimeWindow, zoneName: String) {
    clock = LocalClock(zoneName: zoneName, window: window)
  }

  /// Reads the header of a line.
  ///
  /// - Parameter line: the line without its newline; `BatchWriter.padding` bytes behind it must be
  ///   readable, as they are behind a reservation of `BatchWriter`.
  /// - Returns: what was found; everything is empty for a line without a header.
  package func read(_ line: UnsafeRawBufferPointer) -> LineHeader {
    let bytes = ByteView(line)
    var header = LineHeader()
    let start = bytes.skippingColours(0)
    let first = bytes[start]
    if first == UInt8(ascii: "{") {
      fields.readJSON(bytes, start, clock, &header)
    } else if first == UInt8(ascii: "<") && readPriority(bytes, start, &header) {
      readNested(bytes, &header)
    } else if readKlog(bytes, start, &header) {
    } else if readTimed(bytes, start, &header) || readFlagged(bytes, start, &header)
      || readNamedFile(bytes, start, &header)
    {
      readNested(bytes, &header)
    } else if readAccessLog(bytes, start, &header) {
    } else if fields.readLogfmt(bytes, start, clock, &header) {
    } else {
      readLevelFirst(bytes, start, &header)
    }
    return header
  }

  /// Reads the fields of a JSON or logfmt message behind a header: its level goes before the header's.
  private func readNested(_ bytes: ByteView, _ header: inout LineHeader) {
    let offset = header.messageOffset
    let first = bytes[offset]
    guard first == UInt8(ascii: "{") || isLetter(first) || first == UInt8(ascii: "@") else {
      return
    }
    var inner = LineHeader()
    if first == UInt8(ascii: "{") {
      fields.readJSON(bytes, offset, clock, &inner)
    } else if !fields.readLogfmt(bytes, offset, clock, &inner) {
      return
    }
    guard inner.isStructured else { return }
    header.isStructured = true
    if inner.level != .unknown { header.level = inner.level }
    if header.service.isEmpty { header.service = inner.service }
    if header.namespace.isEmpty { header.namespace = inner.namespace }
  }

  // MARK: Syslog

  /// `<PRI>` and then RFC 5424 (`1 time host app pid id data`) or RFC 3164 (`Mmm dd time host tag:`).
  private func readPriority(_ bytes: ByteView, _ start: Int, _ header: inout LineHeader) -> Bool {
    let width = bytes.digitCount(at: start + 1, limit: 4)
    guard (1...3).contains(width), bytes[start + 1 + width] == UInt8(ascii: ">"),
      let priority = bytes.number(at: start + 1, width), priority <= 191
    else { return false }
    header.level = LevelWord.level(syslogSeverity: priority & 7) ?? .unknown
    let next = start + width + 2
    header.messageOffset = next
    if bytes[next] == UInt8(ascii: "1"), bytes[next + 1] == 0x20 {
      readStructuredSyslog(bytes, next + 2, &header)
      return true
    }
    var index = next
    if let moment = clock.read(bytes, &index) {
      header.timestamp = moment.nanoseconds
      readHostAndTag(bytes, index, &header)
    } else {
      // /dev/kmsg and many senders leave time and host out.
      readTag(bytes, next, &header)
    }
    return true
  }

  /// RFC 5424 §6: `TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA MSG`.
  private func readStructuredSyslog(_ bytes: ByteView, _ start: Int, _ header: inout LineHeader) {
    var index = start
    if let moment = clock.read(bytes, &index) { header.timestamp = moment.nanoseconds }
    index = start
    for field in 0..<5 {
      let end = bytes.first(0x20, from: index, limit: index + 256) ?? bytes.count
      if field == 2, end > index, !(end - index == 1 && bytes[index] == 0x2D) {
        header.service = index..<end
      }
      index = min(end + 1, bytes.count)
    }
    index = skipStructuredData(bytes, index)
    index = bytes.skippingSpaces(index)
    if bytes.has("\u{FEFF}", at: index) { index += 3 }
    header.messageOffset = index
  }

  /// The index behind `-` or `[id name="value" …]…`.
  private func skipStructuredData(_ bytes: ByteView, _ start: Int) -> Int {
    var index = start
    if bytes[index] == 0x2D { return index + 1 }
    while bytes[index] == UInt8(ascii: "[") {
      var inValue = false
      index += 1
      while index < bytes.count {
        let byte = bytes[index]
        if byte == UInt8(ascii: "\\"), inValue {
          index += 1
        } else if byte == UInt8(ascii: "\"") {
          inValue.toggle()
        } else if byte == UInt8(ascii: "]"), !inValue {
          break
        }
        index += 1
      }
      index = min(index + 1, bytes.count)
    }
    return index
  }

  /// `host tag[pid]: message`; the host is dropped, the tag names the service.
  func readHostAndTag(_ bytes: ByteView, _ start: Int, _ header: inout LineHeader) {
    let host = bytes.skippingSpaces(start)
    guard let end = bytes.first(0x20, from: host, limit: host + 256), end > host else {
      header.messageOffset = host
      return
    }
    if bytes[end - 1] == 0x3A {
      // Some senders leave the host out: "Nov 20 09:00:00 sshd[1]: …".
      readTag(bytes, host, &header)
    } else {
      readTag(bytes, bytes.skippingSpaces(end), &header)
    }
  }

  /// `tag[pid]: message` or `tag: message`; anything else is all message.
  private func readTag(_ bytes: ByteView, _ start: Int, _ header: inout LineHeader) {
    header.messageOffset = start
    var index = start
    while index < start + 128, isTagByte(bytes[index]) { index += 1 }
    guard index > start else { return }
    let name = start..<index
    if bytes[index] == UInt8(ascii: "(") {
      index = (bytes.first(UInt8(ascii: ")"), from: index, limit: index + 64) ?? index) + 1
    }
    if bytes[index] == UInt8(ascii: "[") {
      guard let close = bytes.first(UInt8(ascii: "]"), from: index, limit: index + 64) else {
        return
      }
      index = close + 1
    }
    guard bytes[index] == 0x3A, bytes[index + 1] == 0x20 || index + 1 == bytes.count else { return }
    header.service = name
    header.messageOffset = bytes.skippingSpaces(index + 1)
  }

  private func isTagByte(_ byte: UInt8) -> Bool {
    isLetter(byte) || isDigit(byte) || byte == 0x2D || byte == 0x2E || byte == 0x5F || byte == 0x2F
      || byte == 0x40
  }

  // MARK: klog and glog

  /// `I1120 09:00:00.123456    1234 file.go:12] message`; glog puts the year in front of the month.
  private func readKlog(_ bytes: ByteView, _ start: Int, _ header: inout LineHeader) -> Bool {
    guard isUpper(bytes[start]), let level = klogLevel(bytes[start]) else { return false }
    let width = bytes.digitCount(at: start + 1, limit: 9)
    guard width == 4 || width == 8, bytes[start + 1 + width] == 0x20 else { return false }
    let date = start + 1 + width - 4
    var index = start + width + 2
    guard let month = bytes.number(at: date, 2), let day = bytes.number(at: date + 2, 2),
      case .clock(var reading)? = TimeReader.read(bytes, &index), reading.month == 0
    else { return false }
    reading.month = month
    reading.day = day
    if width == 8 { reading.year = bytes.number(at: start + 1, 4) }
    guard let moment = clock.moment(of: reading) else { return false }
    header.timestamp = moment
    header.level = level
    let close = bytes.first(UInt8(ascii: "]"), from: index, limit: index + 256)
    header.messageOffset = bytes.skippingSpaces(close.map { $0 + 1 } ?? index)
    return true
  }

  private func klogLevel(_ letter: UInt8) -> Level? {
    switch letter {
    case UInt8(ascii: "I"): .info
    case UInt8(ascii: "W"): .warn
    case UInt8(ascii: "E"): .error
    case UInt8(ascii: "F"): .fatal
    case UInt8(ascii: "D"): .debug
    default: nil
    }
  }

  // MARK: Times

  /// A time in front, bare or in brackets, with whatever names a level behind it.
  func readTimed(_ bytes: ByteView, _ start: Int, _ header: inout LineHeader) -> Bool {
    var index = start
    var level: Level?
    if isUpper(bytes[index]), bytes.has(", [", at: index + 1) {
      level = LevelWord.level(letter: bytes[index])  // Ruby's Logger: `I, [2026-… #12]  INFO -- : `
      index += 4
    } else if bytes[index] == UInt8(ascii: "[") || bytes[index] == UInt8(ascii: "(") {
      index += 1
      if isUpper(bytes[index]), bytes[index + 1] == 0x20 {
        level = LevelWord.level(letter: bytes[index])  // Tornado: `[I 201120 09:00:00 web:123] `
        index += 2
      }
    } else if let role = redisRole(bytes, index) {
      index = role
    }
    let timeStart = index
    guard let moment = clock.read(bytes, &index), moment.nanoseconds != LineRecord.noTimestamp
    else {
      return false
    }
    header.timestamp = moment.nanoseconds
    let startsWithName = isLetter(bytes[timeStart])
    // RFC 3164 names no zone; the year is an extension of some senders.
    if startsWithName, timeStart == start, moment.isYearless, !namesLevel(bytes, index) {
      readHostAndTag(bytes, index, &header)
      return true
    }
    if readContainerPrefix(bytes, index, &header) { return true }
    readBehindTime(bytes, index, &header)
    if header.level == .unknown, let level { header.level = level }
    if header.level == .unknown, header.service.isEmpty { readSyslogBehindISO(bytes, &header) }
    return true
  }

  private func namesLevel(_ bytes: ByteView, _ start: Int) -> Bool {
    let index = bytes.skippingSpaces(start)
    var end = index
    while isUpper(bytes[end]) { end += 1 }
    return end > index + 1 && LevelWord.word(bytes.slice(index, end - index)) != nil
  }

  /// Redis: `123:M 20 Nov 2026 09:00:00.123 * message`.
  private func redisRole(_ bytes: ByteView, _ start: Int) -> Int? {
    let width = bytes.digitCount(at: start, limit: 8)
    guard width > 0, bytes[start + width] == 0x3A, isUpper(bytes[start + width + 1]),
      bytes[start + width + 2] == 0x20
    else { return nil }
    return start + width + 3
  }

  /// CRI: `2026-11-20T09:00:00.123456789Z stdout F message`; the message may have its own header.
  private func readContainerPrefix(_ bytes: ByteView, _ index: Int, _ header: inout LineHeader)
    -> Bool
  {
    guard bytes.has(" stdout ", at: index) || bytes.has(" stderr ", at: index),
      bytes[index + 8] == UInt8(ascii: "F") || bytes[index + 8] == UInt8(ascii: "P"),
      bytes[index + 9] == 0x20 || index + 9 == bytes.count
    else { return false }
    let offset = min(index + 10, bytes.count)
    let inner = read(bytes.slice(offset, bytes.count - offset))
    header.level = inner.level
    header.isStructured = inner.isStructured
    header.messageOffset = offset + inner.messageOffset
    header.service = inner.service.lowerBound + offset..<inner.service.upperBound + offset
    header.namespace = inner.namespace.lowerBound + offset..<inner.namespace.upperBound + offset
    return true
  }

  /// rsyslog and journald: `2026-11-20T09:00:00.123456+00:00 host sshd[123]: message`, told from other
  /// text by the process number.
  private func readSyslogBehindISO(_ bytes: ByteView, _ header: inout LineHeader) {
    let start = header.messageOffset
    guard let end = bytes.first(0x20, from: start, limit: start + 128), end > start else { return }
    var probe = LineHeader()
    readTag(bytes, end + 1, &probe)
    guard !probe.service.isEmpty else { return }
    let isNumbered =
      bytes.first(UInt8(ascii: "["), from: probe.service.upperBound, limit: probe.messageOffset)
      != nil
    guard isNumbered || bytes.has("kernel", at: probe.service.lowerBound) else { return }
    header.service = probe.service
    header.messageOffset = probe.messageOffset
  }
}
