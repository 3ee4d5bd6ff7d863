package import DaybreakCore

/// One line before it is written.
struct DemoEvent {
  /// Nanoseconds since the Unix epoch.
  let timestamp: Int64
  /// Index into `demoServices`.
  let service: Int32
  /// Index into its kinds.
  let kind: Int32
}

/// Everything that happens in one night of the shop.
package struct DemoNight {
  package let date: CivilDate
  package let window: TimeWindow
  let seed: UInt64
  /// Seconds east of UTC at each minute.
  let offsets: [Int]
  /// By time, then service, then kind.
  let events: [DemoEvent]
  /// The minutes of the outage; nil on ordinary nights.
  let outage: Range<Int>?

  /// How long the outage lasts, in minutes, and when it starts on the local clock.
  static let outageLength = 42
  static let outageSlot = 2 * 60 + 10

  /// Draws a night.
  ///
  /// - Parameters:
  ///   - date: which night; the same date and seed give the same night.
  ///   - calendar: its zone.
  ///   - seed: which shop.
  ///   - hasIncident: whether the outage happens.
  package init(_ date: CivilDate, calendar: NightCalendar, seed: UInt64, hasIncident: Bool) {
    self.date = date
    self.seed = seed
    window = calendar.window(of: date)
    let start = window.start
    // Offsets change on quarters of an hour.
    let quarters = (0..<(window.minuteCount + 14) / 15).map {
      calendar.offsetSeconds(at: start.advanced(bySeconds: Int64($0) * 900))
    }
    let offsets = (0..<window.minuteCount).map { quarters[$0 / 15] }
    self.offsets = offsets
    let slots = offsets.indices.map { minute -> Int in
      let local = start.seconds + Int64(minute) * 60 + Int64(offsets[minute])
      return Int((local - floorDivide(local, 86_400) * 86_400) / 60)
    }
    // Where clocks skip the planned minute, it begins as soon as they are past it.
    let first = slots.firstIndex { $0 >= DemoNight.outageSlot } ?? 0
    outage = hasIncident ? first..<min(first + DemoNight.outageLength, slots.count) : nil
    let drawing = NightDrawing(
      date: date, seed: seed, start: start.nanoseconds, slots: slots, outage: outage)
    var events: [DemoEvent] = []
    for service in demoServices.indices { drawing.draw(service, into: &events) }
    self.events = events.sorted {
      ($0.timestamp, $0.service, $0.kind) < ($1.timestamp, $1.service, $1.kind)
    }
  }

  /// The true counts of a tenant's services, sorted by identity.
  package func minutes(ofTenant tenant: String) -> [ServiceMinutes] {
    let indices = demoServices.indices.filter { demoServices[$0].tenant == tenant }
    var counts = Dictionary(
      uniqueKeysWithValues: indices.map {
        ($0, ServiceMinutes(identity: demoServices[$0].identity, window: window))
      })
    for event in events {
      let service = Int(event.service)
      let minute = Int((event.timestamp - window.start.nanoseconds) / 60_000_000_000)
      let level = demoServices[service].kinds[Int(event.kind)].level
      counts[service]?.minutes[minute][level] += 1
    }
    return counts.values.sorted { $0.identity < $1.identity }
  }

  /// One line as its service wrote it, header and all.
  package struct Line: Hashable, Sendable {
    package var service: ServiceIdentity
    package var level: Level
    package var timestamp: Timestamp
    package var text: String
  }

  /// A tenant's lines in time order.
  package func lines(ofTenant tenant: String) -> [Line] {
    let writer = LineWriter(night: self)
    var text: [UInt8] = []
    return events.indices.compactMap { index in
      let event = events[index]
      let service = demoServices[Int(event.service)]
      guard service.tenant == tenant else { return nil }
      text.removeAll(keepingCapacity: true)
      writer.write(index, to: &text)
      return Line(
        service: service.identity, level: service.kinds[Int(event.kind)].level,
        timestamp: Timestamp(nanoseconds: event.timestamp),
        text: String(decoding: text, as: UTF8.self))
    }
  }
}

/// What it takes to draw the events of one night.
private struct NightDrawing {
  let date: CivilDate
  let seed: UInt64
  let start: Int64
  /// Minute of the local day of each minute.
  let slots: [Int]
  let outage: Range<Int>?

  /// Adds the events of one service.
  func draw(_ service: Int, into events: inout [DemoEvent]) {
    let levels = levels(of: service)
    for (kind, line) in demoServices[service].kinds.enumerated() {
      var random = SeededRandom(
        seed: seed, stream: UInt64(date.dayNumber), UInt64(service), UInt64(kind))
      func add(_ count: Int, minute: Int) {
        guard slots.indices.contains(minute) else { return }
        for _ in 0..<count {
          let time = start + Int64(minute) * 60_000_000_000 + Int64(random.below(60_000_000_000))
          events.append(
            DemoEvent(timestamp: time, service: Int32(service), kind: Int32(kind)))
        }
      }
      switch line.schedule {
      case .daily(let count), .steady(let count):
        let isDaily = line.schedule == .daily(count)
        for minute in slots.indices {
          let rate = count / 1440 * (isDaily ? season(minute) : 1) * levels[minute / 5]
          let isFailing = line.failsInOutage && outage?.contains(minute) == true
          add(random.poisson(isFailing ? rate / 20 : rate), minute: minute)
        }
      case .nightly(let count, let slot, let spread):
        let first = slots.firstIndex { $0 >= slot } ?? 0
        for index in 0..<count { add(1, minute: first + index * spread / count) }
      case .hourly(let count, let minuteOfHour):
        for minute in slots.indices where slots[minute] % 60 == minuteOfHour {
          add(count, minute: minute)
        }
      case .outage(let perMinute, let after):
        for minute in (outage ?? 0..<0).dropFirst(after) {
          add(max(1, random.poisson(perMinute)), minute: minute)
        }
      case .outageOnce(let count, let minute):
        if let outage { add(count, minute: outage.lowerBound + minute) }
      }
    }
  }

  /// The rate at a minute of the day against the mean: lowest at three in the morning.
  private func season(_ minute: Int) -> Double {
    let wave = 1 - 0.6 * cosine(Double(slots[minute] - 180) / 1440)
    return wave * (date.isoWeekday > 5 ? 0.85 : 1)
  }

  /// Slow noise of one service: a level for the night and one for every five minutes.
  private func levels(of service: Int) -> [Double] {
    var random = SeededRandom(seed: seed, stream: UInt64(date.dayNumber), UInt64(service), 0xFFFF)
    let night = random.gamma(variance: 0.002)
    var level = 1.0
    return (0...slots.count / 5).map { _ in
      level = 0.5 * level + 0.5 * random.gamma(variance: 0.02)
      return night * level
    }
  }
}
