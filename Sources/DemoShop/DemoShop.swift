package import DaybreakCore
package import Foundation

/// Why the demo could not be written.
package enum DemoError: DiagnosedError, Equatable {
  case unknownZone(String)
  case notWritable(path: String, reason: String)

  package var summary: String {
    switch self {
    case .unknownZone(let name): "there is no time zone named \(name)"
    case .notWritable(let path, let reason): "cannot write \(path): \(reason)"
    }
  }

  package var remedy: String? {
    switch self {
    case .unknownZone: "use an IANA name such as Europe/Berlin"
    case .notWritable: "choose a directory that you may write to"
    }
  }
}

/// A small shop that does not exist: its logs, and the truth about them.
///
/// Twelve services of two tenants write JSON, logfmt, nginx, Spring, Python, Go and syslog lines with
/// the rhythm of days and weeks, noise, nightly and hourly jobs, and warnings that mean nothing. On
/// the last night a deploy leaves `payments` with three database connections; `checkout` and
/// `gateway` fail behind it. Most lines come as Loki exports the way logcli writes them, some as
/// plain files.
package enum DemoShop {
  /// Writes nights of logs and `manifest.json`.
  ///
  /// - Parameters:
  ///   - directory: made if it is not there; files of other seeds or dates in it stay.
  ///   - lastNight: the night of the incident.
  ///   - zone: the IANA name of the zone whose nights these are.
  ///   - nights: how many; at least 1.
  ///   - seed: which shop; the same seed, zone and dates give the same bytes.
  /// - Returns: the truth about what was written.
  /// - Throws: `DemoError`.
  package static func write(
    to directory: URL, lastNight: CivilDate, zone: String, nights: Int = 15, seed: UInt64 = 1
  ) throws -> DemoManifest {
    guard let calendar = NightCalendar(zoneName: zone) else { throw DemoError.unknownZone(zone) }
    let dates = (0..<max(1, nights)).reversed().map { lastNight.advanced(byDays: -$0) }
    let tenants = Set(demoServices.map(\.tenant)).sorted()
    for tenant in tenants { try makeFolder(directory.appending(path: tenant)) }
    var files: [DemoManifest.File] = []
    var counts: [DemoManifest.Count] = []
    var incident: DemoManifest.PlantedIncident?
    for date in dates {
      let night = DemoNight(date, calendar: calendar, seed: seed, hasIncident: date == lastNight)
      for output in NightFiles(night).outputs {
        try write(output.bytes, to: directory.appending(path: output.file.path))
        files.append(output.file)
      }
      counts += tenants.flatMap { manifestCounts(night, tenant: $0) }
      incident = plantedIncident(night) ?? incident
    }
    guard let incident else { preconditionFailure("the last night has the incident") }
    let manifest = DemoManifest(
      seed: seed, zone: zone, tenants: tenants, nights: dates.map(\.description),
      files: files.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) },
      counts: counts, incident: incident)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try write(Array(encoder.encode(manifest)), to: directory.appending(path: "manifest.json"))
    return manifest
  }

  private static func manifestCounts(_ night: DemoNight, tenant: String) -> [DemoManifest.Count] {
    night.minutes(ofTenant: tenant).flatMap { service in
      let total = service.total
      return Level.allCases.filter { total[$0] > 0 }.map { level in
        DemoManifest.Count(
          tenant: tenant, night: night.date.description, namespace: service.identity.namespace,
          service: service.identity.service, level: level.name, events: Int(total[level]))
      }
    }
  }

  private static func plantedIncident(_ night: DemoNight) -> DemoManifest.PlantedIncident? {
    guard let outage = night.outage, let first = outageServices.first,
      let service = demoServices.first(where: { $0.name == first })
    else { return nil }
    func moment(_ minute: Int) -> String {
      night.window.start.advanced(bySeconds: Int64(minute) * 60).rfc3339
    }
    return DemoManifest.PlantedIncident(
      tenant: service.tenant, night: night.date.description, namespace: service.namespace,
      service: first, affected: Array(outageServices.dropFirst()),
      start: moment(outage.lowerBound), end: moment(outage.upperBound),
      cause: "A deploy of payments set maximumPoolSize to 3 in place of 30: its database "
        + "connection pool ran dry, and checkout and gateway failed behind it.")
  }

  private static func makeFolder(_ url: URL) throws(DemoError) {
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    } catch {
      throw .notWritable(path: url.path, reason: error.localizedDescription)
    }
  }

  private static func write(_ bytes: [UInt8], to url: URL) throws(DemoError) {
    do {
      try Data(bytes).write(to: url, options: .atomic)
    } catch {
      throw .notWritable(path: url.path, reason: error.localizedDescription)
    }
  }
}
