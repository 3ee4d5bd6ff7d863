package import DaybreakCore

/// The built-in provider: says what the numbers and lines show, without a model.
///
/// Everything it says is computed from counts, times and quotes; a cause is offered only where the
/// order of events supports one, and is worded as a possibility.
package struct ExtractiveProvider: Sendable {
  /// The names in reports.
  package let name = "extractive"
  package let model = "none"

  package init() {}

  /// Speaks of a cluster or an incident.
  ///
  /// - Parameters:
  ///   - subject: what to speak of.
  ///   - night: its night.
  ///   - note: why it speaks in a model's place; nil where the job names no model.
  /// - Returns: what it says.
  package func analysis(
    of subject: SummarySubject, in night: NightContext, note: String? = nil
  ) -> Analysis {
    var analysis =
      switch subject {
      case .incident(let incident): analysis(of: incident, in: night)
      case .cluster(let cluster): analysis(of: cluster, in: night)
      }
    analysis.note = note
    return analysis
  }

  /// Speaks of one cluster.
  package func analysis(of cluster: ClusterContext, in night: NightContext) -> Analysis {
    let words = Wording(calendar: night.calendar)
    let samples = cluster.observation.samples
    let evidence = checkedEvidence(quotes(from: samples), samples: samples)
    return Analysis(
      provider: name, model: model, summary: summary(of: cluster, words),
      facts: facts(about: cluster, in: night, words),
      hypothesis: hypothesis(about: cluster, in: night, words),
      unknown: unknown(about: cluster), nextSteps: nextSteps(for: cluster, words),
      confidence: confidence(
        evidence: evidence, samples: samples, eventCount: cluster.observation.count,
        nightsCovered: cluster.history.nightsCovered),
      evidence: evidence)
  }

  /// Speaks of one incident; evidence refers to the samples of `rankedClusters(for:in:).first`.
  package func analysis(of incident: Incident, in night: NightContext) -> Analysis {
    let words = Wording(calendar: night.calendar)
    let ranked = rankedClusters(for: incident, in: night)
    let samples = ranked.first?.observation.samples ?? []
    let evidence = checkedEvidence(quotes(from: samples), samples: samples)
    var summary = headline(of: incident, calendar: night.calendar)
    if let first = ranked.first, let onset = first.onset {
      let what = first.lifecycle == .recurring ? "most telling" : "first new"
      summary +=
        " The \(what) error is \(Wording.quoted(first.observation.template)) in "
        + "\(first.observation.identity.service), since \(words.time(onset))."
    }
    return Analysis(
      provider: name, model: model, summary: summary,
      facts: facts(about: incident, ranked, words),
      hypothesis: hypothesis(about: incident, ranked, words),
      unknown: unknown(about: incident, ranked), nextSteps: nextSteps(for: incident, ranked, words),
      confidence: confidence(
        evidence: evidence, samples: samples,
        eventCount: ranked.reduce(0) { $0 + $1.observation.count },
        nightsCovered: ranked.first?.history.nightsCovered ?? 0),
      evidence: evidence)
  }

  /// The telling line of each of the first samples; the same words are quoted once.
  private func quotes(from samples: [LineSample]) -> [Evidence] {
    var seen: Set<String> = []
    return samples.enumerated().map { index, sample in
      Evidence(sampleIndex: index, quote: tellingLine(sample.text))
    }.filter { seen.insert($0.quote).inserted }.prefix(3).map { $0 }
  }
}

// MARK: Clusters

private func summary(of cluster: ClusterContext, _ words: Wording) -> String {
  let observation = cluster.observation
  let service = observation.identity.service
  let template = Wording.quoted(observation.template)
  let events = Wording.counted(observation.count, "event")
  let nights = Wording.counted(Int64(cluster.history.nightsCovered), "night")
  let median = Wording.number(cluster.history.medianCount)
  let span =
    observation.firstSeen.flatMap { first in
      observation.lastSeen.map { " " + words.span(first, $0) }
    } ?? ""
  switch cluster.lifecycle {
  case .new:
    let past =
      cluster.history.nightsCovered == 0
      ? "There is no history to compare with." : "Not seen in \(nights) before."
    return "New in \(service): \(template), \(events)\(span). \(past)"
  case .regressed:
    let last = cluster.history.lastSeen.map { ", last seen on \($0)" } ?? ""
    return "Back in \(service): \(template), \(events)\(span)\(last)."
  case .resolved:
    return "Gone from \(service): \(template), usually \(median) a night, none tonight."
  case .muted: return "Muted in \(service): \(template), \(events)\(span)."
  case .recurring:
    let usual = "usually \(median) a night"
    guard cluster.isNews else { return "As usual in \(service): \(template), \(events), \(usual)." }
    let factor = cluster.factor.map { ", \(Wording.number($0)) times as many" } ?? ""
    let since = cluster.onset.map { " Above normal since \(words.time($0))." } ?? ""
    return "More in \(service): \(template), \(events)\(factor) (\(usual)).\(since)"
  }
}

private func facts(about cluster: ClusterContext, in night: NightContext, _ words: Wording)
  -> [String]
{
  let observation = cluster.observation
  var facts: [String] = []
  let levels = observation.levels
  let named = Level.allCases.reversed().filter { levels[$0] > 0 }.map {
    "\(Wording.count(levels[$0])) \($0.name)"
  }
  if !named.isEmpty {
    facts.append(
      "\(Wording.counted(observation.count, "event")) in \(observation.identity.service): "
        + "\(Wording.list(named)).")
  }
  if let first = observation.firstSeen, let last = observation.lastSeen {
    facts.append("First at \(words.time(first)), last at \(words.time(last)).")
  }
  let timed = observation.hourly.reduce(0) { $0 + $1.total }
  let busiest = observation.hourly.indices.max {
    observation.hourly[$0].total < observation.hourly[$1].total
  }
  if let busiest, timed >= 10, observation.hourly[busiest].total * 2 >= timed {
    let start = night.window.start.advanced(bySeconds: Int64(busiest) * 3600)
    let share = Int(100 * observation.hourly[busiest].total / timed)
    facts.append("\(share) % of it in the hour from \(words.time(start)).")
  }
  let history = cluster.history
  if history.nightsCovered > 0 {
    facts.append(
      "Seen on \(history.nightsSeen) of \(Wording.counted(Int64(history.nightsCovered), "night")) "
        + "of history, \(Wording.number(history.medianCount)) a night in the median.")
  }
  if let incident = incident(of: cluster, in: night) {
    facts.append(
      "Part of the incident that began in \(incident.firstMover.service) at "
        + "\(words.time(incident.start)).")
  }
  return facts
}

private func hypothesis(about cluster: ClusterContext, in night: NightContext, _ words: Wording)
  -> String?
{
  guard let incident = incident(of: cluster, in: night),
    let beginning = Beginning(of: incident, ranked: rankedClusters(for: incident, in: night))
  else { return nil }
  let leader = beginning.leader
  if leader.observation.fingerprint == cluster.observation.fingerprint,
    leader.observation.identity == cluster.observation.identity
  {
    return possibleBeginning(beginning, words)
  }
  guard cluster.lifecycle != .recurring, let onset = cluster.onset, let first = leader.onset,
    cluster.observation.identity != leader.observation.identity, onset > first
  else { return nil }
  return "Possibly a consequence of \(Wording.quoted(leader.observation.template)) in "
    + "\(leader.observation.identity.service), which began "
    + "\(Wording.duration(seconds: onset.seconds - first.seconds)) earlier."
}

private func unknown(about cluster: ClusterContext) -> [String] {
  var unknown: [String] = []
  if cluster.isNews { unknown.append(whatChanged(before: cluster)) }
  if cluster.history.nightsCovered < 3 {
    let nights = Wording.counted(Int64(cluster.history.nightsCovered), "night")
    unknown.append("What is normal for it: there is only \(nights) of history.")
  }
  let untimed = cluster.observation.untimed.total
  if untimed > 0 {
    unknown.append("When \(Wording.counted(untimed, "event")) happened: they carry no time.")
  }
  return unknown
}

/// What is not known of the cause, given whether there are lines from before a cluster.
private func whatChanged(before cluster: ClusterContext?) -> String {
  let isTold = cluster?.observation.neighbours.isEmpty == false
  return isTold
    ? "What changed before it, and whether what the service wrote just before has to do with it."
    : "What changed before it: no line that was read says so."
}

private func nextSteps(for cluster: ClusterContext, _ words: Wording) -> [String] {
  guard cluster.isNews else { return [] }
  let service = cluster.observation.identity.service
  guard let onset = cluster.onset else { return ["Read the samples of \(service) below."] }
  return [
    "Read all lines of \(service) from \(words.time(onset.advanced(bySeconds: -300))) on.",
    "Check what was deployed or configured for \(service) before \(words.time(onset)).",
  ]
}

// MARK: Incidents

private func facts(about incident: Incident, _ ranked: [ClusterContext], _ words: Wording)
  -> [String]
{
  var facts = incident.services.prefix(5).map { service -> String in
    let event = service.worst
    let what =
      switch event.metric {
      case .errorRate: "errors"
      case .logVolume: "lines"
      case .silence: "lines (silence)"
      }
    let usual =
      event.deviationFactor == nil
      ? event.deviationNote ?? "none before" : "expected \(Wording.number(event.expected))"
    let peak =
      event.metric == .silence
      ? ""
      : ", at most \(Wording.number(event.peakObserved)) in the minute of \(words.time(event.peak))"
    return "\(service.identity.service): \(what) \(words.span(event.start, event.end)), "
      + "\(Wording.number(event.observed)) a minute (\(usual))\(peak)."
  }
  for cluster in ranked.prefix(5) {
    guard let onset = cluster.onset else { continue }
    let state = cluster.lifecycle == .recurring ? "more than usual" : "new"
    facts.append(
      "\(cluster.observation.identity.service), \(state) since \(words.time(onset)): "
        + "\(Wording.quoted(cluster.observation.template)), "
        + "\(Wording.counted(cluster.observation.count, "event")).")
  }
  return facts
}

private func possibleBeginning(_ beginning: Beginning, _ words: Wording) -> String {
  let leader = beginning.leader
  var text = "It possibly began in \(leader.observation.identity.service) with "
  text += Wording.quoted(leader.observation.template)
  if let onset = leader.onset { text += " at \(words.time(onset))" }
  if let next = beginning.next {
    text += ", \(Wording.duration(seconds: next.seconds)) before "
    text += "\(next.cluster.observation.identity.service) logged its first new error"
  }
  return text + "."
}

/// A cause where the order of onsets, or one cluster's share of the errors, supports one.
private func hypothesis(about incident: Incident, _ ranked: [ClusterContext], _ words: Wording)
  -> String?
{
  guard let beginning = Beginning(of: incident, ranked: ranked) else { return nil }
  if beginning.next != nil { return possibleBeginning(beginning, words) }
  // One service alone: its first new error explains the incident if it is most of the errors.
  guard let event = incident.services.first?.worst, event.metric == .errorRate else { return nil }
  let minutes = Double(event.end.seconds - event.start.seconds) / 60
  let errors = Double(beginning.leader.observation.levels.errors)
  return errors >= event.observed * minutes / 2 ? possibleBeginning(beginning, words) : nil
}

private func unknown(about incident: Incident, _ ranked: [ClusterContext]) -> [String] {
  if incident.services.allSatisfy({ $0.worst.metric == .silence }) {
    return ["Why nothing was logged: the service, the log shipper or the network may have failed."]
  }
  guard !ranked.isEmpty else {
    return ["Which lines it consists of: no new or escalating error falls into it."]
  }
  var unknown = [whatChanged(before: ranked.first)]
  if incident.services.count > 1, Beginning(of: incident, ranked: ranked) == nil {
    unknown.append("Which service failed first: the lines do not tell their beginnings apart.")
  }
  return unknown
}

private func nextSteps(
  for incident: Incident, _ ranked: [ClusterContext], _ words: Wording
) -> [String] {
  let leader = Beginning(of: incident, ranked: ranked)?.leader
  let first = leader?.observation.identity ?? incident.firstMover
  let service = first.service
  let start = leader?.onset ?? incident.services.first?.onset ?? incident.start
  var steps = [
    "Read all lines of \(service) from \(words.time(start.advanced(bySeconds: -300))) on.",
    "Check what was deployed or configured for \(service) before \(words.time(start)).",
  ]
  if let leader = ranked.first, leader.observation.identity == first {
    steps.insert("Start with \(Wording.quoted(leader.observation.template)).", at: 0)
  }
  let followers = incident.services.map(\.identity).filter { $0 != first }.prefix(3).map(\.service)
  if !followers.isEmpty {
    let does = followers.count == 1 ? "calls" : "call"
    steps.append("See whether \(Wording.list(followers)) \(does) \(service).")
  }
  return steps
}
