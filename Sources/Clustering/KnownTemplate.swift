package import DaybreakCore

/// A template that the tenant's store knows from earlier nights.
package struct KnownTemplate: Hashable, Sendable {
  /// How often it was seen on one night.
  package struct Night: Hashable, Sendable {
    package var date: CivilDate
    /// Events on that night; at least 1 (a night without any is left out).
    package var count: Int64

    package init(date: CivilDate, count: Int64) {
      self.date = date
      self.count = count
    }
  }

  package var identity: ServiceIdentity
  package var fingerprint: Fingerprint
  /// Its text as it was stored, with typed placeholders.
  package var template: String
  package var firstSeen: Timestamp
  /// The nights of the look-back on which it was seen, in any order.
  package var nights: [Night]
  /// Whether somebody asked not to be told of it.
  package var isMuted: Bool
  /// Whether a merge of an earlier night has given its events to another known template, which has its
  /// nights too: it takes events only where no other template does.
  package var isReplaced: Bool
  /// Templates of the same service that took some of its events on an earlier night: while one of them
  /// comes, this one is not gone.
  package var parts: Set<Fingerprint>

  package init(
    identity: ServiceIdentity, fingerprint: Fingerprint, template: String, firstSeen: Timestamp,
    nights: [Night], isMuted: Bool = false, isReplaced: Bool = false,
    parts: Set<Fingerprint> = []
  ) {
    self.identity = identity
    self.fingerprint = fingerprint
    self.template = template
    self.firstSeen = firstSeen
    self.nights = nights
    self.isMuted = isMuted
    self.isReplaced = isReplaced
    self.parts = parts
  }
}

/// A change of the identity of events between nights: recorded, never silent.
package struct TemplateChange: Hashable, Sendable {
  /// What became of the old templates.
  package enum Kind: String, Sendable, Codable, CaseIterable {
    /// Events of the old templates are now events of one new, wider template.
    case merged
    /// Some events of the old template are now events of a new one that it does not cover.
    case split
  }

  package var kind: Kind
  package var identity: ServiceIdentity
  /// The known fingerprints concerned, sorted.
  package var old: [Fingerprint]
  /// The fingerprints that took their place or a part of it, sorted.
  package var new: [Fingerprint]

  package init(
    kind: Kind, identity: ServiceIdentity, old: [Fingerprint], new: [Fingerprint]
  ) {
    self.kind = kind
    self.identity = identity
    self.old = old
    self.new = new
  }
}

/// One cluster of tonight with the part of history that is its own.
package struct MatchedCluster: Hashable, Sendable {
  /// What it did tonight, under the fingerprint and template that it is to be stored with.
  package var observation: ClusterObservation
  /// The known templates that it continues: one that kept its fingerprint, or those that a wider
  /// template took over (see `changes`); empty for one whose events no known template had whole.
  package var continues: [KnownTemplate]
  /// The known templates that it took some events from; empty unless it continues none.
  package var splitFrom: [KnownTemplate]
  /// Merges and splits that this cluster is the new side of.
  package var changes: [TemplateChange]

  package init(
    observation: ClusterObservation, continues: [KnownTemplate],
    splitFrom: [KnownTemplate] = [], changes: [TemplateChange]
  ) {
    self.observation = observation
    self.continues = continues
    self.splitFrom = splitFrom
    self.changes = changes
  }
}
