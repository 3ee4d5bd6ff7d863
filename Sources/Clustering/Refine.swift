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
    var generaliser = Generaliser(masked: service.patterns.map(\.masked))
    let masked = generaliser.generalised()
    var clusters: [String: ClusterDraft] = [:]
    for (place, bytes) in masked.enumerated() {
      let elements = TemplateText.elements(masked: bytes)
      clusters[TemplateText.normalised(elements), default: ClusterDraft()]
        .add(service.patterns[place], elements, place: base + place)
    }
    // Sorted before they are made: an observation is large to move.
    let ordered = clusters.map { (Fingerprint(template: $0.key), $0.value) }
      .sorted { $0.0 < $1.0 }
    for (fingerprint, draft) in ordered {
      for place in draft.places { owners[place] = Int32(observations.count) }
      observations.append(
        draft.observation(
          identity: service.identity, fingerprint: fingerprint, slotCount: result.time.slotCount,
          sampleCount: result.options.sampleCount))
    }
    base += service.patterns.count
  }
  return Refinement(clusters: observations, clusterOfPattern: owners)
}

/// The patterns of one cluster while they are put together.
private struct ClusterDraft {
  private var patterns: [FoldedPattern] = []
  private var shapes: Set<[TemplateElement]> = []

  /// Where the patterns stand among all of the result.
  private(set) var places: [Int] = []

  mutating func add(_ pattern: FoldedPattern, _ elements: [TemplateElement], place: Int) {
    patterns.append(pattern)
    places.append(place)
    shapes.insert(elements)
  }

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
    let template = TemplateText.text(of: joinedElements(shapes))
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

/// Elements that cover all of several lists whose normalised forms are equal.
///
/// Placeholders of different kinds become the kind that covers both; where lists differ in how many
/// placeholders stand in a row, the row becomes one `<text>`.
private func joinedElements(_ shapes: Set<[TemplateElement]>) -> [TemplateElement] {
  guard shapes.count > 1 else { return shapes.first ?? [] }
  return joinedByPlace(Array(shapes)) ?? joinedByPlace(shapes.map(withRowsCollapsed)) ?? []
}

/// Joins lists place by place; nil when their literals do not stand at the same places.
private func joinedByPlace(_ shapes: [[TemplateElement]]) -> [TemplateElement]? {
  var joined = shapes[0]
  for shape in shapes.dropFirst() {
    guard shape.count == joined.count else { return nil }
    for (index, element) in shape.enumerated() {
      switch (joined[index], element) {
      case (.placeholder(let left), .placeholder(let right)):
        joined[index] = .placeholder(left.joined(with: right))
      case (.literal(let left), .literal(let right)) where isSameShown(left, right): break
      default: return nil
      }
    }
  }
  return joined
}

/// Tells whether two literals show as the same text.
private func isSameShown(_ left: [UInt8], _ right: [UInt8]) -> Bool {
  left == right || displayText(left) == displayText(right)
}

/// Makes every row of placeholders (with at most blanks between them) one `<text>`.
private func withRowsCollapsed(_ elements: [TemplateElement]) -> [TemplateElement] {
  var collapsed: [TemplateElement] = []
  for element in elements {
    guard case .placeholder = element else {
      collapsed.append(element)
      continue
    }
    if case .placeholder = collapsed.last {
      collapsed[collapsed.count - 1] = .placeholder(.text)
    } else if collapsed.count >= 2, case .literal(let bytes) = collapsed[collapsed.count - 1],
      bytes.allSatisfy(\.isBlank), case .placeholder = collapsed[collapsed.count - 2]
    {
      collapsed.removeLast()
      collapsed[collapsed.count - 1] = .placeholder(.text)
    } else {
      collapsed.append(element)
    }
  }
  return collapsed
}
