package import DaybreakCore
import Foundation

/// Words for numbers and times, the same in every summary.
struct Wording {
  let calendar: NightCalendar

  /// The local time of day: `02:10`.
  func time(_ moment: Timestamp) -> String {
    let clock = calendar.clock(of: moment)
    return twoDigits(clock.hour) + ":" + twoDigits(clock.minute)
  }

  /// From when to when, or one time where both are the same minute.
  func span(_ start: Timestamp, _ end: Timestamp) -> String {
    let (from, to) = (time(start), time(end))
    return from == to ? "at \(from)" : "from \(from) to \(to)"
  }

  /// A whole number with thousands apart: `12,345`.
  static func count(_ value: Int64) -> String {
    let digits = String(value.magnitude)
    var text = ""
    for (place, digit) in digits.enumerated() {
      if place > 0, (digits.count - place) % 3 == 0 { text += "," }
      text.append(digit)
    }
    return value < 0 ? "-" + text : text
  }

  /// A number with as many digits as mean something: `1,234`, `24`, `2.4`, `0.02`, `0`.
  static func number(_ value: Double) -> String {
    guard value.isFinite else { return "?" }
    if value >= 10 { return count(Int64(value.rounded())) }
    if value < 0.005 { return "0" }
    let isSmall = value < 1
    let scaled = Int64((value * (isSmall ? 100 : 10)).rounded())
    let unit: Int64 = isSmall ? 100 : 10
    let fraction = scaled % unit
    guard fraction > 0 else { return String(scaled / unit) }
    var digits = String(fraction)
    if isSmall, digits.count < 2 { digits = "0" + digits }
    if digits.hasSuffix("0") { digits.removeLast() }
    return "\(scaled / unit).\(digits)"
  }

  /// A number and its noun: `1 event`, `2,000 events`.
  static func counted(_ value: Int64, _ noun: String) -> String {
    "\(count(value)) \(noun)\(value == 1 ? "" : "s")"
  }

  /// `a`, `a and b`, `a, b and c`.
  static func list(_ items: [String]) -> String {
    guard let last = items.last, items.count > 1 else { return items.first ?? "" }
    return items.dropLast().joined(separator: ", ") + " and " + last
  }

  /// A length of time: `40 seconds`, `3 minutes`, `2 hours`.
  static func duration(seconds: Int64) -> String {
    switch seconds {
    case ..<60: counted(max(seconds, 1), "second")
    case ..<7200: counted(seconds / 60, "minute")
    default: counted(seconds / 3600, "hour")
    }
  }

  /// What a template or line says, in quotation marks, on one line and cut to about 120 characters.
  static func quoted(_ text: String) -> String {
    let first = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? text
    let line = essence(first)
    let isCut = line.count > 120
    return "“" + (isCut ? line.prefix(119) + "…" : line) + "”"
  }
}

/// The part of a line that a person reads first.
///
/// The message of a JSON or logfmt line, or what follows the logger of a Spring line; all of any
/// other. Always a part of the line.
func essence(_ line: String) -> String {
  for key in ["\"msg\":\"", "\"message\":\"", " msg=\"", " message=\""] {
    guard let start = line.range(of: key)?.upperBound else { continue }
    var end = start
    var isEscaped = false
    while end < line.endIndex, isEscaped || line[end] != "\"" {
      isEscaped = !isEscaped && line[end] == "\\"
      end = line.index(after: end)
    }
    if end > start { return String(line[start..<end]) }
  }
  if let threads = line.range(of: "--- ["),
    let colon = line[threads.upperBound...].range(of: " : "), colon.upperBound < line.endIndex
  {
    return String(line[colon.upperBound...])
  }
  return line
}

/// One sentence that names an incident: service, what, how much against normal, when, who followed.
///
/// - Parameters:
///   - incident: what happened.
///   - calendar: the zone in which times are given.
/// - Returns: a sentence such as `payments logged 24 errors a minute against 0.02 as usual from 02:10
///   to 02:52; checkout followed at 02:12 and gateway at 02:13.`
package func headline(of incident: Incident, calendar: NightCalendar) -> String {
  let words = Wording(calendar: calendar)
  guard let first = incident.services.first else { return "" }
  let event = first.worst
  let unit = event.metric == .errorRate ? "error" : "line"
  let observed = Wording.number(event.observed)
  let noun = observed == "1" ? unit : unit + "s"
  let usual =
    event.deviationFactor == nil
    ? event.deviationNote ?? "none before"
    : "against \(Wording.number(event.expected)) as usual"
  let rate =
    event.metric == .silence && event.observed == 0
    ? "logged nothing, \(usual) a minute,"
    : "logged \(observed) \(noun) a minute\(event.deviationFactor == nil ? ", \(usual)," : " \(usual)")"
  var text = "\(first.identity.service) \(rate) "
  text += words.span(event.start, event.end)
  let followers = incident.services.dropFirst()
  let named = followers.prefix(3).map { "\($0.identity.service) at \(words.time($0.onset))" }
  if !named.isEmpty {
    let more = followers.count - named.count
    let rest = more > 0 ? ["\(more) more"] : []
    text += "; " + Wording.list(named + rest) + " followed"
  }
  return text + "."
}
