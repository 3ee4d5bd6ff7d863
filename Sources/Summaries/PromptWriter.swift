import DaybreakCore

/// Puts into words what is known of a subject; every text from logs is redacted and marked as data.
struct PromptWriter {
  let night: NightContext
  let words: Wording
  private var redactor: Redactor

  private static let sampleBytes = 1500
  private static let neighbourBytes = 500
  private static let templateBytes = 2000
  private static let relatedLimit = 8

  init(night: NightContext, redaction: RedactionOptions) {
    self.night = night
    words = Wording(calendar: night.calendar)
    redactor = Redactor(redaction)
    // Samples come with the night's placeholders; what is found anew gets other numbers.
    for cluster in night.clusters {
      let observation = cluster.observation
      for line in observation.samples + observation.neighbours { redactor.reserve(line.text) }
    }
  }

  // MARK: Data

  /// A short text from logs as a JSON string on one line.
  private mutating func quoted(_ text: String, limit: Int = 300) -> String {
    JSONText.literal(cut(displayText(redactor.redact(text)), limit))
  }

  /// A text from logs between fences, its lines kept.
  private mutating func fenced(_ label: String, _ text: String, limit: Int) -> PromptItem {
    .fenced(label: label, text: cut(displayText(redactor.redact(text)), limit))
  }

  private func cut(_ text: String, _ byteLimit: Int) -> String {
    guard text.utf8.count > byteLimit else { return text }
    var end = text.utf8.index(text.startIndex, offsetBy: byteLimit)
    while end.samePosition(in: text.unicodeScalars) == nil { end = text.utf8.index(before: end) }
    return text[..<end] + " …"
  }

  private mutating func service(_ identity: ServiceIdentity) -> String {
    quoted(
      identity.namespace.isEmpty ? identity.service : "\(identity.namespace)/\(identity.service)",
      limit: 120)
  }

  // MARK: Clusters

  mutating func parts(about cluster: ClusterContext) -> [PromptPart] {
    let observation = cluster.observation
    var parts = [
      PromptPart(
        name: "pattern",
        heading: "One pattern of log lines, on the night of \(nightName).",
        items: [
          .words("Service: \(service(observation.identity))"),
          .words("It is \(state(cluster))."), .words(counts(observation)),
          fenced(
            "The pattern, variable parts as <placeholders>:", observation.template,
            limit: Self.templateBytes),
        ]),
      PromptPart(
        name: "baseline", heading: "Against what is usual:", items: baseline(cluster),
        usefulness: 80),
    ]
    parts += sampleParts(observation.samples)
    if let incident = incident(of: cluster, in: night) {
      parts.append(incidentPart(incident))
    }
    parts.append(related(to: cluster))
    parts.append(values(observation))
    parts.append(similar(cluster.similar))
    parts.append(neighbours(of: observation))
    return parts.filter { !$0.items.isEmpty }
  }

  private var nightName: String {
    "\(night.calendar.date(of: night.window.start)), times in \(night.calendar.zoneName)"
  }

  private func state(_ cluster: ClusterContext) -> String {
    switch cluster.lifecycle {
    case .new: "new: never seen before"
    case .regressed: "back after a silence"
    case .recurring: cluster.isNews ? "more frequent than usual" : "as frequent as usual"
    case .resolved: "gone"
    case .muted: "muted"
    }
  }

  private func counts(_ observation: ClusterObservation) -> String {
    let levels = observation.levels
    let named = Level.allCases.reversed().filter { levels[$0] > 0 }.map {
      "\(levels[$0]) \($0.name)"
    }
    var text = "\(observation.count) events: \(Wording.list(named))"
    if let first = observation.firstSeen, let last = observation.lastSeen {
      text += "; the first at \(words.time(first)), the last at \(words.time(last))"
    }
    return text
  }

  private func baseline(_ cluster: ClusterContext) -> [PromptItem] {
    let history = cluster.history
    var items: [PromptItem] = []
    if history.nightsCovered == 0 {
      items.append(.words("There is no history to compare with."))
    } else {
      items.append(
        .words(
          "Seen on \(history.nightsSeen) of the last \(history.nightsCovered) nights, "
            + "\(Wording.number(history.medianCount)) events a night in the median"
            + (cluster.factor.map { "; tonight \(Wording.number($0)) times that" } ?? "")))
    }
    if let last = history.lastSeen { items.append(.words("Last seen before on \(last)")) }
    if let onset = cluster.onset { items.append(.words("Above normal since \(words.time(onset))")) }
    let hours = cluster.observation.hourly.enumerated().filter { $0.element.total > 0 }
    if !hours.isEmpty, hours.count <= 24 {
      let text = hours.map { hour, levels in
        let start = night.window.start.advanced(bySeconds: Int64(hour) * 3600)
        return "\(words.time(start)) \(levels.total)"
      }
      items.append(.words("Events by hour: \(text.joined(separator: ", "))"))
    }
    return items
  }

  /// The first samples, which tell most, and the rest.
  private mutating func sampleParts(_ samples: [LineSample]) -> [PromptPart] {
    var items: [PromptItem] = []
    for (index, sample) in samples.enumerated() {
      let time = sample.timestamp.map { ", at \(words.time(Timestamp(nanoseconds: $0)))" } ?? ""
      items.append(
        fenced("Sample s\(index + 1)\(time):", sample.text, limit: Self.sampleBytes))
    }
    return [
      PromptPart(
        name: "sample", heading: "Samples of its lines:", items: Array(items.prefix(3)),
        usefulness: 90),
      PromptPart(
        name: "further sample", heading: "Further samples:", items: Array(items.dropFirst(3)),
        usefulness: 40),
    ]
  }

  /// What the same service wrote before it, the latest first.
  private mutating func neighbours(of observation: ClusterObservation) -> PromptPart {
    var items: [PromptItem] = []
    for line in observation.neighbours.reversed() {
      let time = line.timestamp.map { " at \(clock(Timestamp(nanoseconds: $0)))" } ?? ""
      items.append(fenced("Before it\(time):", line.text, limit: Self.neighbourBytes))
    }
    return PromptPart(
      name: "neighbouring line",
      heading:
        "What the same service wrote just before, the latest first (no samples: context alone):",
      items: items, usefulness: 20)
  }

  private mutating func incidentPart(_ incident: Incident) -> PromptPart {
    var items: [PromptItem] = []
    for (index, joined) in incident.services.prefix(6).enumerated() {
      let event = joined.worst
      items.append(
        .words(
          "\(index == 0 ? "First mover" : "Then") \(service(joined.identity)) at "
            + "\(words.time(joined.onset)): \(Wording.number(event.observed)) "
            + "\(event.metric == .errorRate ? "errors" : "lines") a minute, expected "
            + "\(Wording.number(event.expected)), until \(words.time(event.end))"))
    }
    return PromptPart(
      name: "incident",
      heading: "It is part of an incident that began at \(words.time(incident.start)):",
      items: items, usefulness: 70)
  }

  /// Other news that began at about the same time, the nearest first.
  private mutating func related(to cluster: ClusterContext) -> PromptPart {
    let own = cluster.onset ?? cluster.observation.firstSeen ?? night.window.start
    let others = night.clusters.filter { other in
      other.isNews && other.onset != nil
        && (other.observation.identity != cluster.observation.identity
          || other.observation.fingerprint != cluster.observation.fingerprint)
    }
    func distance(_ other: ClusterContext) -> Int64 {
      abs((other.onset ?? own).seconds - own.seconds)
    }
    let near = others.filter { distance($0) <= 3600 }.sorted {
      (distance($0), $0.observation.fingerprint.description)
        < (distance($1), $1.observation.fingerprint.description)
    }
    return PromptPart(
      name: "co-occurring pattern",
      heading: "Other patterns that are new or more frequent since about that time:",
      items: near.prefix(Self.relatedLimit).map { line(about: $0) }, usefulness: 60)
  }

  private mutating func line(about cluster: ClusterContext) -> PromptItem {
    let observation = cluster.observation
    let since = cluster.onset.map { " since \(clock($0))" } ?? ""
    return .words(
      "\(service(observation.identity)), \(cluster.lifecycle == .recurring ? "more" : "new")"
        + "\(since), \(observation.count) events, \(observation.level.name): "
        + quoted(observation.template))
  }

  /// Local time with seconds: which began first may be a matter of seconds.
  private func clock(_ moment: Timestamp) -> String {
    let second = Int(moment.seconds % 60)
    return "\(words.time(moment)):\(second < 10 ? "0" : "")\(second)"
  }

  // MARK: Values

  /// What stood at each placeholder, as far as the samples show.
  private mutating func values(_ observation: ClusterObservation) -> PromptPart {
    let names = placeholderNames(observation.template)
    var items: [PromptItem] = []
    for (index, values) in observation.placeholderValues.enumerated() where !values.isEmpty {
      let name = index < names.count ? names[index] : "value"
      let numbers = values.compactMap(Double.init)
      var text = "<\(name)> \(index + 1): \(Wording.counted(Int64(values.count), "distinct value"))"
      if numbers.count == values.count, values.count > 3, let low = numbers.min(),
        let high = numbers.max()
      {
        let middle = numbers.sorted()[numbers.count / 2]
        text += ", \(plain(low)) to \(plain(high)), median \(plain(middle))"
      } else {
        var shown: [String] = []
        for value in values.prefix(5) { shown.append(quoted(value, limit: 80)) }
        text += ", the most frequent \(shown.joined(separator: ", "))"
      }
      items.append(.words(text))
    }
    return PromptPart(
      name: "values", heading: "Values at the placeholders, as far as the samples show:",
      items: Array(items.prefix(12)), usefulness: 50)
  }

  private func plain(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
  }

  private func placeholderNames(_ template: String) -> [String] {
    template.split(separator: "<").dropFirst(template.hasPrefix("<") ? 0 : 1).compactMap { part in
      guard let end = part.firstIndex(of: ">") else { return nil }
      let name = part[..<end]
      let isName = !name.isEmpty && name.utf8.allSatisfy { (0x61...0x7A).contains($0) }
      return isName ? String(name) : nil
    }
  }

  // MARK: The past

  private mutating func similar(_ clusters: [SimilarCluster]) -> PromptPart {
    var items: [PromptItem] = []
    for cluster in clusters.prefix(3) {
      var text =
        "\(Int((cluster.similarity * 100).rounded())) % alike, in \(service(cluster.identity)): "
        + "\(quoted(cluster.template)), \(cluster.count) events on \(cluster.nightsSeen) nights from "
        + "\(cluster.firstNight) to \(cluster.lastNight); "
      switch cluster.ending {
      case .resolved(let date): text += "it was gone on \(date)"
      case .recurring: text += "it still comes"
      case .silent(let date): text += "silent since \(date)"
      }
      if let incident = cluster.incident {
        text +=
          "; part of an incident of severity \(incident.severity.rawValue) on \(incident.night) that "
          + "began in \(service(incident.firstMover))"
        if let seconds = incident.seconds {
          text += " and lasted \(Wording.duration(seconds: seconds))"
        }
        if let said = incident.said, said != cluster.said {
          text += ", of which was said: \(quoted(said))"
        }
      }
      if let said = cluster.said { text += "; then was said: \(quoted(said))" }
      items.append(.words(text))
    }
    return PromptPart(
      name: "similar past pattern", heading: "Similar patterns of earlier nights:", items: items,
      usefulness: 30)
  }

  // MARK: Incidents

  mutating func parts(about incident: Incident) -> [PromptPart] {
    let ranked = rankedClusters(for: incident, in: night)
    var services = incidentPart(incident)
    services.heading =
      "One incident of severity \(incident.severity.rawValue), from \(words.time(incident.start)) to "
      + "\(words.time(incident.end)), on the night of \(nightName)."
    services.usefulness = nil
    var parts = [services]
    if let leader = ranked.first {
      let observation = leader.observation
      parts.append(
        PromptPart(
          name: "leading pattern", heading: "The pattern that began first in the first mover:",
          items: [
            .words("Service: \(service(observation.identity)); it is \(state(leader))."),
            .words(counts(observation)),
            fenced(
              "The pattern, variable parts as <placeholders>:", observation.template,
              limit: Self.templateBytes),
          ]))
      parts += sampleParts(observation.samples)
      var others: [PromptItem] = []
      for cluster in ranked.dropFirst().prefix(Self.relatedLimit) {
        others.append(line(about: cluster))
      }
      parts.append(
        PromptPart(
          name: "co-occurring pattern", heading: "Further patterns of its services, by onset:",
          items: others, usefulness: 60))
      parts.append(values(observation))
      parts.append(similar(leader.similar))
      parts.append(neighbours(of: observation))
    }
    return parts.filter { !$0.items.isEmpty }
  }
}
