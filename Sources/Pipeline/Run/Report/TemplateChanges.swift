internal import DaybreakCore
internal import Rendering
internal import Storage

/// Puts the stored changes of templates together as the pages show them: a merge by its new template, a
/// split by its old one.
struct TemplateChanges {
  /// What belongs to one entry.
  private struct Group: Hashable {
    let night: CivilDate
    let kind: TemplateSuccession.Kind
    /// The new cluster of a merge, the old one of a split.
    let pivot: ClusterKey

    init(_ change: StoredSuccession) {
      night = change.night
      kind = change.succession.kind
      pivot = kind == .merged ? change.succession.newKey : change.succession.oldKey
    }

    /// Nights in their order, then by service and fingerprint.
    static func isBefore(_ left: Group, _ right: Group) -> Bool {
      if left.night != right.night { return left.night < right.night }
      if left.pivot != right.pivot { return left.pivot < right.pivot }
      return left.kind.rawValue < right.kind.rawValue
    }
  }

  private let facts: NightFacts
  private let present: [ClusterKey: NightFacts.Cluster]

  init(facts: NightFacts) {
    self.facts = facts
    present = Dictionary(
      facts.clusters.map {
        (
          ClusterKey(
            identity: $0.observation.identity, fingerprint: $0.observation.fingerprint), $0
        )
      }, uniquingKeysWith: { first, _ in first })
  }

  /// Tonight's merges, the most severe and then the largest first.
  var merged: [TemplateChangeEntry] { tonight(.merged) }
  /// Tonight's splits, in the same order.
  var split: [TemplateChangeEntry] { tonight(.split) }

  /// Every change up to this night, oldest first, without counts.
  var lineage: [TemplateChangeEntry] { Self.named(facts.changes) }

  /// Changes without counts, oldest first.
  static func named(_ changes: [StoredSuccession]) -> [TemplateChangeEntry] {
    entries(changes) { named($0, $1) }
  }

  private func tonight(_ kind: TemplateSuccession.Kind) -> [TemplateChangeEntry] {
    let changes = facts.changes.filter {
      $0.night == facts.night.date && $0.succession.kind == kind
    }
    return Self.entries(changes) { counted($0, $1) }.enumerated().sorted { left, right in
      let (one, other) = (left.element, right.element)
      if one.level != other.level { return one.level > other.level }
      if one.count != other.count { return one.count > other.count }
      return left.offset < right.offset
    }.map(\.element)
  }

  private static func entries(
    _ changes: [StoredSuccession],
    side: (ClusterKey, String) -> TemplateChangeEntry.Side
  ) -> [TemplateChangeEntry] {
    let groups = Dictionary(grouping: changes, by: Group.init)
    return groups.sorted { Group.isBefore($0.key, $1.key) }.map { group, members in
      let old = Dictionary(
        members.map { ($0.succession.oldKey, $0.oldTemplate) }, uniquingKeysWith: { one, _ in one })
      let new = Dictionary(
        members.map { ($0.succession.newKey, $0.newTemplate) }, uniquingKeysWith: { one, _ in one })
      return TemplateChangeEntry(
        kind: group.kind == .merged ? .merged : .split, night: group.night,
        identity: group.pivot.identity,
        old: old.sorted { $0.key < $1.key }.map(side), new: new.sorted { $0.key < $1.key }.map(side)
      )
    }
  }

  private static func named(_ key: ClusterKey, _ template: String) -> TemplateChangeEntry.Side {
    TemplateChangeEntry.Side(fingerprint: key.fingerprint, template: template)
  }

  /// A side with what it came to tonight and the night before.
  private func counted(_ key: ClusterKey, _ template: String) -> TemplateChangeEntry.Side {
    var side = Self.named(key, template)
    let cluster = present[key]
    side.level = cluster?.observation.levels.typical ?? facts.past.level(of: key)
    side.count = cluster?.observation.count ?? 0
    let yesterday = facts.night.date.advanced(byDays: -1)
    if facts.linesByNight[yesterday] != nil {
      side.previousNight = facts.past.ownNights(key)[yesterday] ?? 0
    }
    return side
  }
}
