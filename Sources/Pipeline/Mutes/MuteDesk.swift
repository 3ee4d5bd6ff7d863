package import DaybreakCore
internal import Foundation
internal import Storage

/// Lists, adds and lifts mutes: the wishes of people not to be told of a pattern.
package struct MuteDesk {
  /// What to mute, and why.
  package struct Wish: Sendable {
    package var reason: String
    package var author: String
    /// The first night it holds on; nil for that of the current moment.
    package var since: CivilDate?
    /// The last night it holds on; nil for no end.
    package var until: CivilDate?

    package init(reason: String, author: String, since: CivilDate? = nil, until: CivilDate? = nil) {
      self.reason = reason
      self.author = author
      self.since = since
      self.until = until
    }
  }

  private let access: StoreAccess
  private let now: Timestamp

  /// Opens the store of a job, else that of the environment.
  ///
  /// - Throws: `PostgresError`, `StorageError`.
  package init(job: Job?, surroundings: Surroundings) throws {
    access = try StoreAccess(job?.store ?? StoreSettings(), surroundings: surroundings)
    now = surroundings.now()
  }

  /// Lets go of the store.
  package func close() { access.close() }

  /// Every tenant that the store knows, sorted.
  package func tenants() throws -> [TenantName] { try access.store.tenantNames() }

  /// The mutes of a tenant by fingerprint, those that have ended included.
  package func list(of tenant: TenantName) throws -> [MuteListing] {
    try access.store.withTenant(tenant) { session in
      let calendar = try calendar(session)
      let known = try templates(session)
      return try session.mutes().map { listing($0, tenant, calendar, known) }
    }
  }

  /// Mutes a pattern, or changes its mute.
  ///
  /// - Parameters:
  ///   - fingerprint: its fingerprint or the first eight digits of it, or more.
  ///   - tenant: whose pattern.
  ///   - wish: why, who and for how long.
  /// - Returns: the mute as it stands.
  /// - Throws: `MuteError`, `PostgresError`, `StorageError`.
  package func mute(
    _ fingerprint: String, of tenant: TenantName, _ wish: Wish
  ) throws -> MuteListing {
    try access.store.withTenant(tenant) { session in
      let known = try templates(session)
      let found = try resolve(fingerprint, among: known.keys, tenant)
      let calendar = try calendar(session)
      let start = wish.since.map { calendar.window(of: $0).start } ?? now
      let mute = ClusterMute(
        fingerprint: found, reason: wish.reason, author: wish.author, mutedAt: start,
        expiresAt: wish.until.map { calendar.window(of: $0).end })
      if let end = mute.expiresAt, end <= start {
        throw MuteError.endsBeforeItStarts(until: calendar.date(of: end.advanced(bySeconds: -1)))
      }
      try session.mute(mute)
      return listing(mute, tenant, calendar, known)
    }
  }

  /// Lifts a mute.
  ///
  /// - Parameters:
  ///   - fingerprint: the pattern's fingerprint or the first eight digits of it, or more.
  ///   - tenant: whose pattern.
  /// - Returns: the mute that is no more.
  /// - Throws: `MuteError`, `PostgresError`, `StorageError`.
  package func lift(_ fingerprint: String, of tenant: TenantName) throws -> MuteListing {
    try access.store.withTenant(tenant) { session in
      let mutes = try session.mutes()
      let found = try resolve(fingerprint, among: mutes.map(\.fingerprint), tenant)
      guard let mute = mutes.first(where: { $0.fingerprint == found }) else {
        throw MuteError.notMuted(fingerprint: fingerprint, tenant: tenant)
      }
      try session.unmute(found)
      return listing(mute, tenant, try calendar(session), try templates(session))
    }
  }

  /// The zone of the tenant's latest run, which is what "the night of 12 March" means for it.
  private func calendar(_ session: borrowing TenantSession) throws -> NightCalendar {
    let zone = try session.lastRuns(limit: 1).first?.key.timeZone ?? "UTC"
    guard let calendar = NightCalendar(zoneName: zone) else {
      throw MuteError.unknownZone(zone)
    }
    return calendar
  }

  private func templates(_ session: borrowing TenantSession) throws -> [Fingerprint: String] {
    try session.templates()
  }

  private func resolve(
    _ text: String, among known: some Sequence<Fingerprint>, _ tenant: TenantName
  ) throws(MuteError) -> Fingerprint {
    let digits = text.lowercased()
    let isHex = digits.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    guard isHex, (8...64).contains(digits.utf8.count) else {
      throw .noFingerprint(text)
    }
    if let whole = Fingerprint(hex: digits) { return whole }
    let fitting = known.filter { $0.description.hasPrefix(digits) }
    guard let one = fitting.first else {
      throw .unknown(fingerprint: digits, tenant: tenant)
    }
    guard fitting.count == 1 else { throw .ambiguous(fingerprint: digits, count: fitting.count) }
    return one
  }

  private func listing(
    _ mute: ClusterMute, _ tenant: TenantName, _ calendar: NightCalendar,
    _ known: [Fingerprint: String]
  ) -> MuteListing {
    MuteListing(
      tenant: tenant, fingerprint: mute.fingerprint, template: known[mute.fingerprint],
      reason: mute.reason, author: mute.author, since: calendar.date(of: mute.mutedAt),
      until: mute.expiresAt.map { calendar.date(of: $0.advanced(bySeconds: -1)) },
      hasEnded: mute.expiresAt.map { $0 <= now } ?? false)
  }
}

/// A mute as the command line shows it.
package struct MuteListing: Hashable, Sendable {
  package let tenant: TenantName
  package let fingerprint: Fingerprint
  /// nil for a pattern that the tenant has never had.
  package let template: String?
  package let reason: String
  package let author: String
  package let since: CivilDate
  /// The last night that it holds on; nil for no end.
  package let until: CivilDate?
  package let hasEnded: Bool

  /// For people: a line for the pattern, one for the mute.
  package var text: String {
    let span = until.map { "until \($0)" } ?? "no end"
    return "\(tenant) \(fingerprint.description.prefix(12)) "
      + "\(displayText(template ?? "a pattern never seen"))\n"
      + "  \(displayText(reason)) (\(displayText(author)), since \(since), \(span)"
      + (hasEnded ? ", ended)\n" : ")\n")
  }

  /// For programs: an array of objects `tenant`, `fingerprint`, `template`, `reason`, `author`, `since`,
  /// `until`, `has_ended`.
  package static func json(_ listings: [MuteListing]) -> String {
    let rows = listings.map { listing in
      Row(
        tenant: listing.tenant.description, fingerprint: listing.fingerprint.description,
        template: listing.template, reason: listing.reason, author: listing.author,
        since: listing.since.description, until: listing.until?.description,
        has_ended: listing.hasEnded)
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return String(decoding: (try? encoder.encode(rows)) ?? Data(), as: UTF8.self)
  }

  /// The published shape of one mute.
  private struct Row: Encodable {
    let tenant: String
    let fingerprint: String
    let template: String?
    let reason: String
    let author: String
    let since: String
    let until: String?
    // swift-format-ignore: AlwaysUseLowerCamelCase
    let has_ended: Bool
  }
}

/// Why a mute cannot be set or lifted.
package enum MuteError: DiagnosedError, Equatable {
  case noFingerprint(String)
  case unknown(fingerprint: String, tenant: TenantName)
  case ambiguous(fingerprint: String, count: Int)
  case notMuted(fingerprint: String, tenant: TenantName)
  case endsBeforeItStarts(until: CivilDate)
  case unknownZone(String)

  package var summary: String {
    switch self {
    case .noFingerprint(let text): "`\(text)` is no fingerprint"
    case .unknown(let fingerprint, let tenant):
      "no pattern of \(tenant) has a fingerprint that starts with \(fingerprint)"
    case .ambiguous(let fingerprint, let count):
      "\(count) patterns have a fingerprint that starts with \(fingerprint)"
    case .notMuted(let fingerprint, let tenant): "\(tenant) has no mute of \(fingerprint)"
    case .endsBeforeItStarts(let until): "the mute would end on \(until), before it starts"
    case .unknownZone(let zone): "the ledger names a time zone that is not known here: \(zone)"
    }
  }

  package var remedy: String? {
    switch self {
    case .noFingerprint: "copy it from the pattern's page: 64 hex digits, or the first 8 or more"
    case .unknown: "copy the whole fingerprint from the pattern's page"
    case .ambiguous: "give more digits"
    case .notMuted(_, let tenant): "`daybreak mute --tenant \(tenant)` lists the mutes"
    case .endsBeforeItStarts: "give a later --until, or an earlier --since"
    case .unknownZone: "install the time zone database (tzdata)"
    }
  }
}
