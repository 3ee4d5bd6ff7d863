package import DaybreakCore

/// Makes clusters of what a fold counted: the second, global half of clustering.
///
/// It decides over the patterns of all services which are one event (`Generaliser`), so that an event
/// has one template and fingerprint wherever it is logged; clusters are made service by service.
/// Counts only add up, so the clusters' counts sum to `FoldResult.eventCount`.
///
/// - Parameter result: what was counted.
/// - Returns: the clusters by (service, fingerprint); the same for equal results.
package func refine(_ result: FoldResult) -> [ClusterObservation] {
  refinement(of: result).clusters
}

/// Makes clusters of what a fold counted, and says which patterns each is made of.
///
/// - Parameter result: what was counted.
/// - Returns: the clusters as `refine` gives them, with their patterns.
package func refinement(of result: FoldResult) -> Refinement {
  var observations: [ClusterObservation] = []
  var owners = [Int32](repeating: 0, count: result.patternCount)
  let events = EventTemplates(result.services.flatMap(\.patterns))
  var base = 0
  for service in result.services {
    let members = members(
      of: service.patterns.indices, eventOfPattern: events.eventOfPattern[base...])
    for (cluster, member) in members.enumerated() {
      for place in member.places { owners[base + place] = Int32(observations.count + cluster) }
    }
    observations += parallelMap(members.count) { cluster in
      let member = members[cluster]
      let draft = ClusterDraft(
        patterns: member.places.map { service.patterns[$0] },
        template: events.templates[member.event])
      return draft.observation(
        identity: service.identity, fingerprint: events.fingerprints[member.event],
        time: result.time, sampleCount: result.options.sampleCount)
    }
    base += service.patterns.count
  }
  return Refinement(clusters: observations, clusterOfPattern: owners)
}

/// The patterns of a service by event, both ascending.
private func members(
  of places: Range<Int>, eventOfPattern events: ArraySlice<Int>
) -> [(event: Int, places: [Int])] {
  var keys = places.map { UInt64(events[events.startIndex + $0]) << 32 | UInt64($0) }
  keys.sort()
  var members: [(event: Int, places: [Int])] = []
  for key in keys {
    let event = Int(key >> 32)
    let place = Int(key & 0xFFFF_FFFF)
    if members.last?.event == event {
      members[members.count - 1].places.append(place)
    } else {
      members.append((event, [place]))
    }
  }
  return members
}

/// The templates of the events among patterns.
struct EventTemplates {
  /// The text of each event's template, by fingerprint.
  private(set) var templates: [String] = []
  /// Of `templates`, ascending, none twice.
  private(set) var fingerprints: [Fingerprint] = []
  /// The event of each pattern, as an index of `templates`.
  private(set) var eventOfPattern: [Int]

  /// One event as the generaliser found it.
  private struct Form {
    var identity: String
    var fingerprint: Fingerprint
    var elements: [TemplateElement]
    var text: String
  }

  init(_ patterns: [FoldedPattern]) {
    eventOfPattern = [Int](repeating: 0, count: patterns.count)
    let generaliser = Generaliser(patterns)
    let found = EventTemplates.forms(generaliser)
    // Events whose templates say the same are one.
    var places: [String: Int] = [:]
    var forms: [Form] = []
    for (event, form) in found.enumerated() {
      let place = places[form.identity] ?? forms.count
      if place < forms.count {
        forms[place].elements = TemplateJoin.covering(forms[place].elements, form.elements)
        forms[place].text = TemplateText.text(of: forms[place].elements)
      } else {
        places[form.identity] = place
        forms.append(form)
      }
      generaliser.forEachPattern(of: event) { eventOfPattern[$0] = place }
    }
    let order = EventTemplates.order(forms)
    var ranks = [Int](repeating: 0, count: order.count)
    for (rank, place) in order.enumerated() {
      ranks[place] = rank
      fingerprints.append(forms[place].fingerprint)
      templates.append(forms[place].text)
    }
    for pattern in eventOfPattern.indices {
      eventOfPattern[pattern] = ranks[eventOfPattern[pattern]]
    }
  }

  private static func forms(_ generaliser: borrowing Generaliser) -> [Form] {
    parallelMap(generaliser.events.count) { event in
      let elements = shown(generaliser.elements(of: event))
      let identity = TemplateText.normalised(elements)
      return Form(
        identity: identity, fingerprint: Fingerprint(template: identity), elements: elements,
        text: TemplateText.text(of: elements))
    }
  }

  /// The places of forms by fingerprint.
  private static func order(_ forms: [Form]) -> [Int] {
    // The first digits decide nearly always: numbers compare faster than texts.
    let keys = forms.map { form in
      form.fingerprint.description.utf8.prefix(16).reduce(UInt64(0)) { key, digit in
        key << 4 | UInt64(digit < 0x40 ? digit - 0x30 : digit - 0x57)
      }
    }
    return keys.indices.sorted { left, right in
      keys[left] != keys[right]
        ? keys[left] < keys[right] : forms[left].fingerprint < forms[right].fingerprint
    }
  }
}

/// Elements whose literals are bytes as a template's text shows them.
private func shown(_ elements: [TemplateElement]) -> [TemplateElement] {
  elements.map { element in
    switch element {
    case .literal(let bytes) where bytes.contains { !isShownAsIs($0) }:
      .literal(Array(displayText(bytes).utf8))
    default: element
    }
  }
}

/// The patterns of one cluster, before they are added up.
struct ClusterDraft {
  let patterns: [FoldedPattern]
  /// Its text form.
  let template: String

  /// The cluster as an observation.
  func observation(
    identity: ServiceIdentity, fingerprint: Fingerprint, time: FoldTime, sampleCount: Int
  ) -> ClusterObservation {
    var hourly = [LevelCounts](repeating: LevelCounts(), count: time.hourCount)
    var untimed = LevelCounts()
    var firstSeen = Int64.max
    var lastSeen = Int64.min
    for pattern in patterns {
      for cell in pattern.cells {
        guard let level = Level(rawValue: UInt8(cell.key & 7)) else { continue }
        let hour = time.hour(ofSlot: Int(cell.key >> 3) - 1)
        if hour < 0 { untimed[level] += cell.count } else { hourly[hour][level] += cell.count }
      }
      firstSeen = min(firstSeen, pattern.firstSeen)
      lastSeen = max(lastSeen, pattern.lastSeen)
    }
    let samples = samples(limit: sampleCount)
    let hasTime = firstSeen <= lastSeen
    return ClusterObservation(
      identity: identity, fingerprint: fingerprint, template: template, hourly: hourly,
      untimed: untimed, firstSeen: hasTime ? Timestamp(nanoseconds: firstSeen) : nil,
      lastSeen: hasTime ? Timestamp(nanoseconds: lastSeen) : nil, samples: samples,
      placeholderValues: placeholderValues(of: template, in: samples))
  }

  /// Those of all patterns' samples whose content hashes lowest, each message once.
  private func samples(limit: Int) -> [LineSample] {
    let ordered = patterns.flatMap(\.samples).sorted {
      if $0.hash != $1.hash { return $0.hash < $1.hash }
      if $0.bytes != $1.bytes { return $0.bytes.lexicographicallyPrecedes($1.bytes) }
      return ($0.fullCount, $0.timestamp, $0.level) < ($1.fullCount, $1.timestamp, $1.level)
    }
    return ordered.prefix(limit).map {
      lineSample($0.bytes[...], of: Int($0.fullCount), timestamp: $0.timestamp, level: $0.level)
    }
  }
}

/// A message as text that shows as what it is, without blanks at its ends; one that was cut ends in `…`.
///
/// - Parameters:
///   - bytes: its first bytes.
///   - fullCount: how many it has.
///   - timestamp: nanoseconds since 1970, or `LineRecord.noTimestamp`.
///   - level: its level.
/// - Returns: the sample, not redacted.
package func lineSample(
  _ bytes: ArraySlice<UInt8>, of fullCount: Int, timestamp: Int64, level: UInt8
) -> LineSample {
  var kept = bytes
  let isCut = fullCount > kept.count
  if isCut {
    // A cut inside a scalar would show as a replacement character that the line does not have.
    var end = kept.endIndex
    while end > kept.startIndex, end > kept.endIndex - 4, kept[end - 1] & 0xC0 == 0x80 { end -= 1 }
    if end > kept.startIndex, kept[end - 1] >= 0xC0 { kept = kept[..<(end - 1)] }
  }
  let text = displayText(trimmed(kept))
  return LineSample(
    timestamp: timestamp == LineRecord.noTimestamp ? nil : timestamp,
    level: level, text: isCut ? text + "…" : text)
}

/// The distinct values of each placeholder in the samples, most frequent first, then by bytes.
///
/// - Parameters:
///   - template: a template's text.
///   - samples: messages of its cluster; those that it does not match say nothing.
/// - Returns: one list for each placeholder.
package func placeholderValues(of template: String, in samples: [LineSample]) -> [[String]] {
  let matcher = TemplateMatcher(template: template)
  var counts = [[String: Int]](repeating: [:], count: matcher.placeholderCount)
  for sample in samples {
    guard let values = matcher.values(in: sample.text.utf8) else { continue }
    for (index, value) in values.enumerated() { counts[index][value, default: 0] += 1 }
  }
  return counts.map { values in
    values.sorted {
      $0.value != $1.value
        ? $0.value > $1.value : $0.key.utf8.lexicographicallyPrecedes($1.key.utf8)
    }.map(\.key)
  }
}
