package import DaybreakCore

/// Makes clusters of what a fold counted: the second, global half of clustering.
///
/// Service by service it decides which words are variable (`Generaliser`), then joins patterns of one
/// fingerprint. Counts only add up, so the clusters' counts sum to `FoldResult.eventCount`.
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
  var base = 0
  for service in result.services {
    let clusters = ServiceClusters(service.patterns)
    for (place, cluster) in clusters.clusterOfPattern.enumerated() {
      owners[base + place] = Int32(observations.count + cluster)
    }
    for (draft, fingerprint) in zip(clusters.drafts, clusters.fingerprints) {
      observations.append(
        draft.observation(
          identity: service.identity, fingerprint: fingerprint, slotCount: result.time.slotCount,
          sampleCount: result.options.sampleCount))
    }
    base += service.patterns.count
  }
  return Refinement(clusters: observations, clusterOfPattern: owners)
}

/// The clusters of one service, and which patterns they are made of.
struct ServiceClusters {
  /// By fingerprint.
  private(set) var drafts: [ClusterDraft] = []
  /// Of `drafts`, ascending, none twice.
  private(set) var fingerprints: [Fingerprint] = []
  /// The cluster of each pattern, as an index of `drafts`.
  private(set) var clusterOfPattern: [Int]

  init(_ patterns: [FoldedPattern]) {
    clusterOfPattern = [Int](repeating: 0, count: patterns.count)
    let masked = patterns.map(\.masked)
    var generaliser = Generaliser(masked: masked)
    var byIdentity: [String: (members: [Int], elements: [TemplateElement])] = [:]
    for event in generaliser.events() {
      let elements = shown(TemplateJoin.elements(of: event, masked: masked))
      let identity = TemplateText.normalised(elements)
      if let known = byIdentity[identity] {
        byIdentity[identity] = (
          known.members + event.flatMap(\.members), TemplateJoin.covering(known.elements, elements)
        )
      } else {
        byIdentity[identity] = (event.flatMap(\.members), elements)
      }
    }
    // Sorted before they are made: an observation is large to move.
    let ordered = byIdentity.map { (Fingerprint(template: $0.key), $0.value) }
      .sorted { $0.0 < $1.0 }
    for (index, (fingerprint, cluster)) in ordered.enumerated() {
      fingerprints.append(fingerprint)
      drafts.append(
        ClusterDraft(
          patterns: cluster.members.map { patterns[$0] },
          template: TemplateText.text(of: cluster.elements)))
      for member in cluster.members { clusterOfPattern[member] = index }
    }
  }
}

/// Elements whose literals are bytes as a template's text shows them.
private func shown(_ elements: [TemplateElement]) -> [TemplateElement] {
  elements.map { element in
    switch element {
    case .literal(let bytes): .literal(Array(displayText(bytes).utf8))
    case .placeholder: element
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
    identity: ServiceIdentity, fingerprint: Fingerprint, slotCount: Int, sampleCount: Int
  ) -> ClusterObservation {
    var hourly = [LevelCounts](repeating: LevelCounts(), count: slotCount)
    var untimed = LevelCounts()
    var firstSeen = Int64.max
    var lastSeen = Int64.min
    for pattern in patterns {
      for cell in pattern.cells {
        guard let level = Level(rawValue: UInt8(cell.key & 7)) else { continue }
        let hour = Int(cell.key >> 3) - 1
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
    return ordered.prefix(limit).map(lineSample)
  }
}

/// A sample as text that shows as what it is.
private func lineSample(_ sample: FoldedPattern.Sample) -> LineSample {
  var kept = sample.bytes[...]
  let isCut = Int(sample.fullCount) > kept.count
  if isCut {
    // A cut inside a scalar would show as a replacement character that the line does not have.
    var end = kept.endIndex
    while end > kept.startIndex, end > kept.endIndex - 4, kept[end - 1] & 0xC0 == 0x80 { end -= 1 }
    if end > kept.startIndex, kept[end - 1] >= 0xC0 { kept = kept[..<(end - 1)] }
  }
  let text = displayText(trimmed(kept))
  return LineSample(
    timestamp: sample.timestamp == LineRecord.noTimestamp ? nil : sample.timestamp,
    level: sample.level, text: isCut ? text + "…" : text)
}

/// The distinct values of each placeholder in the samples, most frequent first, then by bytes.
func placeholderValues(of template: String, in samples: [LineSample]) -> [[String]] {
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
