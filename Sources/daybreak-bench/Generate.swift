import Foundation

/// Writes a mixed log of one night: half with an RFC 5424 header, half with time and level alone.
///
/// The same number of lines and seed give the same bytes.
func generate(_ call: Call) throws {
  let lines = try call.number("lines", default: nil)
  var writer = LogWriter(seed: UInt64(try call.number("seed", default: 1)), lines: lines)
  guard FileManager.default.createFile(atPath: call.file, contents: nil) else {
    throw UsageError(reason: "cannot write \(call.file)")
  }
  let handle = try FileHandle(forWritingTo: URL(filePath: call.file))
  var written = 0
  while writer.line < lines {
    while writer.line < lines, writer.bytes.count < 1 << 20 { writer.writeEvent() }
    try handle.write(contentsOf: Data(writer.bytes))
    written += writer.bytes.count
    writer.bytes.removeAll(keepingCapacity: true)
  }
  try handle.close()
  print("{\"lines\": \(writer.line), \"bytes\": \(written)}")
}

/// Writes events into a buffer.
private struct LogWriter {
  var bytes: [UInt8] = []
  /// Lines written so far.
  var line = 0
  private let lines: Int
  private var state: UInt64

  private static let services = [
    "checkout", "cart", "payments", "catalog", "search", "mailer", "gateway", "auth", "inventory",
    "shipping", "pricing", "sessions",
  ]
  private static let names = [
    "anna", "bojan", "cyrille", "dragan", "eike", "fatima", "goran", "hiroshi", "ilse", "jussi",
    "kavita", "lars", "mei", "nadia", "olu", "pilar", "quentin", "rosa", "sven", "tadeusz",
  ]
  /// `%d` digits, `%x` hexadecimal digits, `%i` an address, `%n` a name, `%p` a path.
  private static let messages: [(level: String, text: String)] = [
    ("INFO", "order %d placed by user %n, total %d.%d EUR"),
    ("INFO", "GET /api/v1/orders/%d?page=%d 200 in %dms"),
    ("INFO", "user %n logged in from %i:%d"),
    ("INFO", "cache hit for key session:%x after %d lookups"),
    ("INFO", "Served block blk_%d to /%i"),
    ("DEBUG", "pool size=%d idle=%d waiting=%d owner=%n"),
    ("DEBUG", "read %d bytes of %p in %d ms"),
    ("INFO", "request id=%x method=GET status=200 duration=%dms bytes=%d"),
    ("INFO", "{\"msg\":\"job done\",\"id\":%d,\"host\":\"node-%d\",\"ok\":true}"),
    ("WARN", "retry %d of 5 for %i after %d ms"),
    ("WARN", "queue depth %d above limit of %d"),
    ("INFO", "connection from %i closed by peer, lifetime %ds, sent %d KB"),
    ("ERROR", "failed to charge card of user %n: gateway answered %d"),
    ("ERROR", "connection to %i:5432 refused, attempt %d"),
    ("INFO", "PacketResponder %d for block blk_%d terminating"),
    ("INFO", "authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=%i user=%n"),
    ("INFO", "snapshot %x-%d written to %p (%d MB)"),
    ("INFO", "scheduler tick %d: nothing to do"),
    ("INFO", "health check passed"),
    ("INFO", "rebalanced %d partitions over %d consumers of group orders-%d"),
  ]

  init(seed: UInt64, lines: Int) {
    state = seed
    self.lines = lines
  }

  /// Writes the next event: mostly one line, now and then a stack trace of five.
  mutating func writeEvent() {
    let draw = next()
    let message = LogWriter.messages[Int(draw >> 8 % UInt64(LogWriter.messages.count))]
    let milliseconds = 86_400_000 * line / max(lines, 1)
    if draw & 1 == 0 {
      let priority = message.level == "ERROR" ? 11 : message.level == "WARN" ? 12 : 14
      append("<\(priority)>1 ")
      appendTime(milliseconds, separator: "T")
      append("Z host-\(draw >> 40 % 40) ")
      append(LogWriter.services[Int(draw >> 20 % UInt64(LogWriter.services.count))])
      append(" \(draw >> 50 % 4000) - - ")
    } else {
      appendTime(milliseconds, separator: " ")
      append(" \(message.level) ")
    }
    appendFilled(message.text)
    bytes.append(0x0A)
    line += 1
    if draw >> 24 % 500 == 0, line + 4 <= lines { writeTrace() }
  }

  /// Writes an event with the frames of a stack trace behind it.
  private mutating func writeTrace() {
    appendTime(86_400_000 * line / max(lines, 1), separator: " ")
    appendFilled(" ERROR java.io.IOException: disk %d is full\n")
    appendFilled("\tat shop.storage.Volume.write(Volume.java:%d)\n")
    appendFilled("\tat shop.storage.Store.put(Store.java:%d)\n")
    appendFilled("\tat shop.api.Orders.place(Orders.java:%d)\n")
    line += 4
  }

  private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

  private mutating func appendTime(_ milliseconds: Int, separator: String) {
    append("2026-03-12")
    append(separator)
    appendPadded(milliseconds / 3_600_000, 2)
    append(":")
    appendPadded(milliseconds / 60_000 % 60, 2)
    append(":")
    appendPadded(milliseconds / 1000 % 60, 2)
    append(".")
    appendPadded(milliseconds % 1000, 3)
  }

  private mutating func appendPadded(_ value: Int, _ width: Int) {
    var divisor = 1
    for _ in 1..<width { divisor *= 10 }
    while divisor > 0 {
      bytes.append(0x30 + UInt8(value / divisor % 10))
      divisor /= 10
    }
  }

  /// Appends a message with its marks filled in.
  private mutating func appendFilled(_ text: String) {
    var isMark = false
    for byte in text.utf8 {
      if isMark {
        isMark = false
        fill(byte)
      } else if byte == UInt8(ascii: "%") {
        isMark = true
      } else {
        bytes.append(byte)
      }
    }
  }

  private mutating func fill(_ mark: UInt8) {
    let draw = next()
    switch mark {
    case UInt8(ascii: "d"): append(String(draw >> 8 % (draw & 3 == 0 ? 100_000 : 900)))
    case UInt8(ascii: "x"): append(String(draw | 1 << 63, radix: 16))
    case UInt8(ascii: "i"): append("10.\(draw & 255).\(draw >> 8 & 255).\(draw >> 16 & 255)")
    case UInt8(ascii: "n"): append(LogWriter.names[Int(draw >> 8 % UInt64(LogWriter.names.count))])
    case UInt8(ascii: "p"): append("/var/lib/shop/\(draw & 15)/part-\(draw >> 8 % 1000).db")
    default: bytes.append(mark)
    }
  }

  /// SplitMix64 (Steele, Lea, Flood 2014).
  private mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }
}
