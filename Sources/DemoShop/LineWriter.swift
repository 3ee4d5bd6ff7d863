import DaybreakCore
import Foundation

/// The cosine of so many turns.
func cosine(_ turns: Double) -> Double { cos(2 * .pi * turns) }

/// Writes events as the lines that their services would have written.
struct LineWriter {
  let night: DemoNight

  init(night: DemoNight) { self.night = night }

  /// The random numbers of one event: its values and its pod.
  func random(of index: Int) -> SeededRandom {
    let event = night.events[index]
    return SeededRandom(
      seed: night.seed ^ UInt64(bitPattern: event.timestamp), stream: UInt64(index))
  }

  /// Writes one event as its service logs it, without a newline at its end.
  func write(_ index: Int, to bytes: inout [UInt8]) {
    let event = night.events[index]
    let service = demoServices[Int(event.service)]
    let kind = service.kinds[Int(event.kind)]
    var random = random(of: index)
    switch service.format {
    case .json: writeJSON(kind, event, &random, &bytes)
    case .logfmt:
      bytes += "ts=".utf8
      writeUTC(event.timestamp, digits: 3, &bytes)
      bytes += " level=\(kind.level.name.lowercased()) msg=\"".utf8
      kind.message.write(to: &bytes, drawing: &random)
      bytes += "\" ".utf8
      kind.fields.write(to: &bytes, drawing: &random)
    case .nginxAccess: writeAccess(kind, event, &random, &bytes)
    case .spring: writeSpring(kind, service, event, &random, &bytes)
    case .python:
      writeLocal(event.timestamp, &bytes, separator: " ", digits: 3, mark: ",")
      bytes += " \(kind.level == .warn ? "WARNING" : kind.level.name) \(kind.origin): ".utf8
      kind.message.write(to: &bytes, drawing: &random)
    case .goLog:
      writeLocal(event.timestamp, &bytes, dash: "/", separator: " ", digits: 0, mark: "")
      bytes += " \(kind.origin): ".utf8
      kind.message.write(to: &bytes, drawing: &random)
    case .syslog:
      // Facility 2 (mail system); severities 6, 4 and 3 (RFC 5424 §6.2.1).
      let severity = kind.level == .error ? 3 : kind.level == .warn ? 4 : 6
      bytes += "<\(2 * 8 + severity)>1 ".utf8
      writeLocal(event.timestamp, &bytes, separator: "T", digits: 3, mark: ".")
      writeOffset(event.timestamp, &bytes, colon: true)
      bytes += " mail-\(random.within(1...2)) mailer 812 - - ".utf8
      kind.message.write(to: &bytes, drawing: &random)
    }
  }

  private func writeJSON(
    _ kind: LineKind, _ event: DemoEvent, _ random: inout SeededRandom, _ bytes: inout [UInt8]
  ) {
    bytes += "{\"level\":\"\(kind.level.name.lowercased())\",\"ts\":\"".utf8
    writeUTC(event.timestamp, digits: 6, &bytes)
    bytes += "\",\"caller\":\"\(kind.origin).go:42\",\"msg\":\"".utf8
    kind.message.write(to: &bytes, drawing: &random)
    bytes += "\",".utf8
    kind.fields.write(to: &bytes, drawing: &random)
    bytes.append(UInt8(ascii: "}"))
  }

  private func writeAccess(
    _ kind: LineKind, _ event: DemoEvent, _ random: inout SeededRandom, _ bytes: inout [UInt8]
  ) {
    bytes += "203.0.113.".utf8
    bytes.appendNumber(random.within(1...254))
    bytes += " - - [".utf8
    let local = event.timestamp / 1_000_000_000 + Int64(offset(at: event.timestamp))
    let day = floorDivide(local, 86_400)
    let date = CivilDate(dayNumber: Int(day))
    bytes.appendPadded(date.day, width: 2)
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    bytes += "/\(months[date.month - 1])/".utf8
    bytes.appendPadded(date.year, width: 4)
    bytes.append(UInt8(ascii: ":"))
    writeClock(Int(local - day * 86_400), &bytes)
    bytes.append(UInt8(ascii: " "))
    writeOffset(event.timestamp, &bytes, colon: false)
    bytes += "] \"".utf8
    kind.message.write(to: &bytes, drawing: &random)
    bytes += "\" ".utf8
    kind.fields.write(to: &bytes, drawing: &random)
    bytes += " \"https://shop.example/\" \"Mozilla/5.0 (X11; Linux x86_64) Firefox/".utf8
    bytes.appendNumber(random.within(120...139))
    bytes += ".0\"".utf8
  }

  private func writeSpring(
    _ kind: LineKind, _ service: DemoService, _ event: DemoEvent, _ random: inout SeededRandom,
    _ bytes: inout [UInt8]
  ) {
    writeLocal(event.timestamp, &bytes, separator: "T", digits: 3, mark: ".")
    writeOffset(event.timestamp, &bytes, colon: true)
    let level = kind.level.name
    bytes += String(repeating: " ", count: 6 - level.count).utf8
    bytes += "\(level) 1 --- [\(service.name)] [nio-8080-exec-".utf8
    bytes.appendNumber(random.within(1...9))
    bytes += "] \(kind.origin) : ".utf8
    kind.message.write(to: &bytes, drawing: &random)
  }

  // MARK: Times

  private func offset(at timestamp: Int64) -> Int {
    night.offsets[Int((timestamp - night.window.start.nanoseconds) / 60_000_000_000)]
  }

  /// `2026-03-12T01:10:09.123456Z`.
  func writeUTC(_ timestamp: Int64, digits: Int, _ bytes: inout [UInt8]) {
    writeMoment(timestamp, offset: 0, &bytes, dash: "-", separator: "T", digits: digits, mark: ".")
    bytes.append(UInt8(ascii: "Z"))
  }

  private func writeLocal(
    _ timestamp: Int64, _ bytes: inout [UInt8], dash: String = "-", separator: String, digits: Int,
    mark: String
  ) {
    writeMoment(
      timestamp, offset: offset(at: timestamp), &bytes, dash: dash, separator: separator,
      digits: digits, mark: mark)
  }

  private func writeMoment(
    _ timestamp: Int64, offset: Int, _ bytes: inout [UInt8], dash: String, separator: String,
    digits: Int, mark: String
  ) {
    let seconds = timestamp / 1_000_000_000 + Int64(offset)
    let day = floorDivide(seconds, 86_400)
    let date = CivilDate(dayNumber: Int(day))
    bytes.appendPadded(date.year, width: 4)
    bytes += dash.utf8
    bytes.appendPadded(date.month, width: 2)
    bytes += dash.utf8
    bytes.appendPadded(date.day, width: 2)
    bytes += separator.utf8
    writeClock(Int(seconds - day * 86_400), &bytes)
    guard digits > 0 else { return }
    bytes += mark.utf8
    var fraction = Int(timestamp % 1_000_000_000)
    for _ in digits..<9 { fraction /= 10 }
    bytes.appendPadded(fraction, width: digits)
  }

  private func writeClock(_ second: Int, _ bytes: inout [UInt8]) {
    bytes.appendPadded(second / 3600, width: 2)
    bytes.append(UInt8(ascii: ":"))
    bytes.appendPadded(second / 60 % 60, width: 2)
    bytes.append(UInt8(ascii: ":"))
    bytes.appendPadded(second % 60, width: 2)
  }

  private func writeOffset(_ timestamp: Int64, _ bytes: inout [UInt8], colon: Bool) {
    let offset = offset(at: timestamp)
    bytes.append(offset < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
    bytes.appendPadded(abs(offset) / 3600, width: 2)
    if colon { bytes.append(UInt8(ascii: ":")) }
    bytes.appendPadded(abs(offset) / 60 % 60, width: 2)
  }
}
