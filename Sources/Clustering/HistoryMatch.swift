package import DaybreakCore

/// Gives tonight's clusters the identities that the tenant's history knows them by.
///
/// In this order, within a service:
/// 1. A known template of the same fingerprint is the same cluster.
/// 2. A known template that matches every sample of a cluster takes it over: the known fingerprint and
///    text win, and clusters taken over by one template are added up. The most specific template wins.
/// 3. A cluster that covers known templates which nothing else continues tonight continues those,
///    under its own fingerprint: a `TemplateChange.merged`.
/// 4. A known template that matches some samples of a new cluster and not others has lost events to
///    it: a `TemplateChange.split`; the cluster is new under its own fingerprint, its events are not.
///
/// A template that an earlier merge replaced takes a cluster of its fingerprint only when no other one
/// matches it, so that a night on which few of the merged events come does not undo the merge.
///
/// - Parameters:
///   - observations: what `refine` made of the night.
///   - history: the templates that the tenant's store knows, of any service.
/// - Returns: the clusters by (service, fingerprint), no fingerprint twice; counts add up to those given.
package func match(
  _ observations: [ClusterObservation], history: [KnownTemplate]
) -> [MatchedCluster] {
  let known = Dictionary(grouping: history, by: \.identity)
  let tonight = Dictionary(grouping: observations, by: \.identity)
  return tonight.keys.sorted().flatMap { identity in
    ServiceMatch(tonight[identity] ?? [], known: known[identity] ?? []).clusters()
  }
}

/// The matching of one service.
private struct ServiceMatch {
  /// A known template, ready to match.
  private struct Known {
    let template: KnownTemplate
    let matcher: TemplateMatcher
    /// Whether it says anything: one without a word matches all lines of its shape.
    let isSpecific: Bool

    init(_ template: KnownTemplate) {
      self.template = template
      matcher = TemplateMatcher(template: template.template)
      isSpecific = matcher.hasWord
    }
  }

  private let observations: [ClusterObservation]
  /// The most specific first; those that a merge replaced are not among them.
  private let known: [Known]
  private let replaced: [Fingerprint: KnownTemplate]

  init(_ observations: [ClusterObservation], known: [KnownTemplate]) {
    self.observations = observations.sorted { $0.fingerprint < $1.fingerprint }
    replaced = Dictionary(
      known.filter(\.isReplaced).map { ($0.fingerprint, $0) },
      uniquingKeysWith: { first, _ in first })
    self.known = known.filter { !$0.isReplaced }.map(Known.init)
      .sorted {
        $0.matcher.literalByteCount != $1.matcher.literalByteCount
          ? $0.matcher.literalByteCount > $1.matcher.literalByteCount
          : $0.template.fingerprint < $1.template.fingerprint
      }
  }

  func clusters() -> [MatchedCluster] {
    let byFingerprint = Dictionary(
      known.indices.map { (known[$0].template.fingerprint, $0) }, uniquingKeysWith: min)
    var kept: [Int: [ClusterObservation]] = [:]
    var unknown: [ClusterObservation] = []
    for observation in observations {
      if let index = byFingerprint[observation.fingerprint] ?? firstMatching(observation) {
        kept[index, default: []].append(observation)
      } else {
        unknown.append(observation)
      }
    }
    var matched = kept.map { index, parts in continued(known[index], parts) }
    var taken = Set(kept.keys)
    for observation in unknown { matched.append(fresh(observation, taken: &taken)) }
    return matched.sorted { $0.observation.fingerprint < $1.observation.fingerprint }
  }

  /// The most specific known template that matches every sample; nil when there is none.
  private func firstMatching(_ observation: ClusterObservation) -> Int? {
    guard !observation.samples.isEmpty else { return nil }
    let samples = observation.samples.map { shownBytes($0.text.utf8) }
    return known.indices.first { index in
      known[index].isSpecific && samples.allSatisfy(known[index].matcher.matches(shown:))
    }
  }

  /// The clusters that a known template takes over, as one.
  private func continued(_ known: Known, _ parts: [ClusterObservation]) -> MatchedCluster {
    var sum = parts[0]
    for part in parts.dropFirst() { sum = added(sum, part) }
    let fits = sum.samples.allSatisfy { known.matcher.matches($0.text.utf8) }
    if fits || sum.fingerprint != known.template.fingerprint {
      sum.template = known.template.template
    }
    sum.fingerprint = known.template.fingerprint
    sum.placeholderValues = placeholderValues(of: sum.template, in: sum.samples)
    return MatchedCluster(observation: sum, continues: [known.template], changes: [])
  }

  /// A cluster that no known template takes over.
  private func fresh(_ observation: ClusterObservation, taken: inout Set<Int>) -> MatchedCluster {
    if let revived = replaced[observation.fingerprint] {
      return MatchedCluster(observation: observation, continues: [revived], changes: [])
    }
    let matcher = TemplateMatcher(template: observation.template)
    let covered = known.indices.filter { index in
      !taken.contains(index) && matcher.hasWord
        && matcher.matches(exemplar(of: known[index].template))
    }
    guard covered.isEmpty else {
      taken.formUnion(covered)
      let old = covered.map { known[$0].template }.sorted { $0.fingerprint < $1.fingerprint }
      return MatchedCluster(
        observation: observation, continues: old,
        changes: [change(.merged, observation, old: old.map(\.fingerprint))])
    }
    let samples = observation.samples.map { shownBytes($0.text.utf8) }
    let torn = known.filter { known in
      known.isSpecific && samples.contains(where: known.matcher.matches(shown:))
    }
    let old = torn.map(\.template).sorted { $0.fingerprint < $1.fingerprint }
    return MatchedCluster(
      observation: observation, continues: [], splitFrom: old,
      changes: old.map { change(.split, observation, old: [$0.fingerprint]) })
  }

  private func change(
    _ kind: TemplateChange.Kind, _ observation: ClusterObservation, old: [Fingerprint]
  ) -> TemplateChange {
    TemplateChange(
      kind: kind, identity: observation.identity, old: old, new: [observation.fingerprint])
  }

  /// A line that a known template could stand for.
  private func exemplar(of known: KnownTemplate) -> [UInt8] {
    TemplateText.elements(text: known.template).flatMap { element -> [UInt8] in
      switch element {
      case .literal(let bytes): bytes
      case .placeholder(let kind): Array("\(kind.exemplar)".utf8)
      }
    }
  }

  /// Adds up two clusters; samples are chosen by content again.
  private func added(_ left: ClusterObservation, _ right: ClusterObservation) -> ClusterObservation
  {
    var sum = left
    for hour in right.hourly.indices where hour < sum.hourly.count {
      sum.hourly[hour] += right.hourly[hour]
    }
    sum.untimed += right.untimed
    sum.firstSeen = [left.firstSeen, right.firstSeen].compactMap(\.self).min()
    sum.lastSeen = [left.lastSeen, right.lastSeen].compactMap(\.self).max()
    let limit = max(left.samples.count, right.samples.count, FoldOptions().sampleCount)
    sum.samples = Array((left.samples + right.samples).sorted(by: precedes).prefix(limit))
    return sum
  }

  private func precedes(_ left: LineSample, _ right: LineSample) -> Bool {
    let hashes = [left, right].map { sample in
      Array(sample.text.utf8).withUnsafeBytes { bytes in
        bytes.baseAddress.map { hash64($0, count: bytes.count, seed: sampleSeed) } ?? 0
      }
    }
    if hashes[0] != hashes[1] { return hashes[0] < hashes[1] }
    return left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
  }
}
