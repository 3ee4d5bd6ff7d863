package import DaybreakCore

/// An incident with a known cause, planted into an ordinary night of the shop: what judges summaries.
///
/// One service begins to fail and up to three others follow, each with lines of its own; clocks differ by
/// up to two seconds, and things that have nothing to do with it happen as well.
package struct SimulatedIncident: Sendable {
  /// The tenant whose night it is.
  package static let tenant = "acme"

  /// The service that failed first.
  package let service: ServiceIdentity
  /// The line that tells the cause, with its numbers as written first.
  package let causeLine: String
  /// Words of which a summary that names the cause has at least one.
  package let keywords: [String]
  /// The services that followed.
  package let followers: [ServiceIdentity]
  /// The minutes of the night that it lasts.
  package let minutes: Range<Int>
  /// Every planted line, by time.
  package let lines: [DemoNight.Line]

  /// Draws an incident.
  ///
  /// - Parameters:
  ///   - window: the night.
  ///   - seed: which; the same seed gives the same incident.
  package init(in window: TimeWindow, seed: UInt64) {
    var random = SeededRandom(seed: seed, stream: 0x1D1D)
    var services = demoServices.filter { $0.tenant == Self.tenant }.map(\.identity)
    func take() -> ServiceIdentity { services.remove(at: random.below(services.count)) }
    let service = take()
    let followers = (0..<(1 + random.below(3))).map { _ in take() }
    let stranger = take()
    let cause = causes[random.below(causes.count)]
    let start = 30 + random.below(window.minuteCount - 150)
    let minutes = start..<(start + 15 + random.below(45))
    var planting = Planting(window: window, random: random)

    planting.once(
      "release \(planting.number(100...999)) of \(stranger.service) is live", .info, stranger,
      at: max(1, start - 60 - planting.number(0...200)))
    planting.some(
      5 + planting.number(0...14), "export of report <n> failed: template not found", .error,
      stranger, in: (start > 400 ? start - 360 : start + 80))
    planting.some(
      4, "certificate of upstream expires in <n> days", .warn, service, in: max(1, start - 90))
    planting.all(
      cause.line, cause.level, service, minutes, rate: Double(planting.number(3...12)),
      from: planting.number(0...5))
    for follower in followers {
      let symptom = symptoms[planting.number(0...(symptoms.count - 1))]
      planting.all(
        symptom.replacing("<upstream>", with: service.service), .error, follower, minutes,
        rate: Double(planting.number(3...15)), from: planting.number(20...240))
    }
    if planting.number(0...1) == 1 {
      planting.all(
        "request <n> aborted after <n> ms", .error, service, minutes,
        rate: Double(planting.number(3...12)), from: planting.number(30...120))
    }
    self.service = service
    self.followers = followers
    self.minutes = minutes
    causeLine = cause.line
    keywords = cause.keywords
    lines = planting.lines.sorted {
      ($0.timestamp, $0.service, $0.text) < ($1.timestamp, $1.service, $1.text)
    }
  }
}

/// Writes lines into a night.
private struct Planting {
  let window: TimeWindow
  var random: SeededRandom
  var lines: [DemoNight.Line] = []
  /// How far each service's clock is off, in nanoseconds.
  private var skews: [ServiceIdentity: Int64] = [:]

  init(window: TimeWindow, random: SeededRandom) {
    self.window = window
    self.random = random
  }

  mutating func number(_ range: ClosedRange<Int>) -> Int { random.within(range) }

  /// One line at the start of a minute.
  mutating func once(_ text: String, _ level: Level, _ service: ServiceIdentity, at minute: Int) {
    add(text, level, service, Int64(minute) * 60_000_000_000)
  }

  /// A few lines within ten minutes.
  mutating func some(
    _ count: Int, _ text: String, _ level: Level, _ service: ServiceIdentity, in minute: Int
  ) {
    for _ in 0..<count {
      add(text, level, service, Int64(minute) * 60_000_000_000 + random(below: 600_000_000_000))
    }
  }

  /// Lines at a rate from a second after the first minute's start until the last minute.
  mutating func all(
    _ text: String, _ level: Level, _ service: ServiceIdentity, _ minutes: Range<Int>,
    rate: Double, from second: Int
  ) {
    let start = Int64(minutes.lowerBound) * 60_000_000_000 + Int64(second) * 1_000_000_000
    add(text, level, service, start)
    for minute in minutes {
      for _ in 0..<random.poisson(rate) {
        let time = Int64(minute) * 60_000_000_000 + random(below: 60_000_000_000)
        if time > start { add(text, level, service, time) }
      }
    }
  }

  private mutating func random(below bound: Int64) -> Int64 { Int64(random.below(Int(bound))) }

  private mutating func add(
    _ text: String, _ level: Level, _ service: ServiceIdentity, _ offset: Int64
  ) {
    if skews[service] == nil { skews[service] = Int64(random.within(-2000...2000)) * 1_000_000 }
    var line = ""
    for part in text.split(separator: "<n>", omittingEmptySubsequences: false) {
      if !line.isEmpty { line += String(random.within(2...98_999)) }
      line += part
    }
    let time = max(0, offset + (skews[service] ?? 0))
    lines.append(
      DemoNight.Line(
        service: service, level: level,
        timestamp: Timestamp(nanoseconds: window.start.nanoseconds + time), text: line))
  }
}

private let causes: [(line: String, level: Level, keywords: [String])] = [
  (
    "connection pool orders-db exhausted: <n> of <n> in use, <n> waiting", .error,
    ["pool", "exhausted"]
  ),
  ("cannot write segment <n>: No space left on device", .error, ["space left", "disk"]),
  ("worker <n> killed: out of memory, limit <n> kB", .critical, ["memory", "oom"]),
  (
    "TLS handshake with ledger failed: certificate expired <n> hours ago", .error,
    ["certificate", "tls"]
  ),
  ("lookup vault.internal failed: no such host, attempt <n>", .error, ["no such host", "lookup"]),
  ("deadlock detected on relation stock, transaction <n> rolled back", .error, ["deadlock"]),
  (
    "configuration key carrier.endpoint is missing, using none", .error,
    ["configuration", "missing"]
  ),
  ("quota of provider exceeded: <n> requests of <n> today", .error, ["quota"]),
  ("replica is <n> seconds behind, reads refused", .error, ["replica", "behind"]),
  ("too many open files (<n>), accept failed", .error, ["open files"]),
  ("panic: index <n> out of range in price rule <n>", .fatal, ["panic", "out of range"]),
  (
    "authentication to broker failed: token of service account revoked", .error,
    ["revoked", "token"]
  ),
]

private let symptoms = [
  "call to <upstream> failed with status 503 after <n> ms",
  "timeout of <n> ms exceeded while waiting for <upstream>",
  "circuit breaker for <upstream> opened after <n> failures",
  "order <n> put on hold: <upstream> did not answer",
  "upstream <upstream> reset the connection, request <n>",
]
