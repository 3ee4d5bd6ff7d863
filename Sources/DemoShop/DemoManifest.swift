/// What the demo wrote: the truth that reports are held against.
///
/// Written as `manifest.json`.
package struct DemoManifest: Hashable, Sendable, Codable {
  /// The seed everything was drawn from.
  package var seed: UInt64
  /// The IANA zone whose nights these are.
  package var zone: String
  /// Tenant names, sorted; each has a folder of its name.
  package var tenants: [String]
  /// Nights, oldest first, as `YYYY-MM-DD`.
  package var nights: [String]
  /// Every file, sorted by path.
  package var files: [File]
  /// What the lines say, by tenant, night, service and level; sorted.
  package var counts: [Count]
  package var incident: PlantedIncident

  /// One file of the demo.
  package struct File: Hashable, Sendable, Codable {
    /// Relative to the demo's directory: `acme/loki-2026-03-12.jsonl`.
    package var path: String
    package var tenant: String
    package var night: String
    /// `loki_jsonl` or `text`.
    package var format: String
    /// The one service a text file is of; nil for an export, whose entries name theirs.
    package var service: String?
    /// Physical lines.
    package var lineCount: Int
    /// Events; fewer than lines where stack traces span several.
    package var eventCount: Int
  }

  /// How many events one service wrote at one level in one night.
  package struct Count: Hashable, Sendable, Codable {
    package var tenant: String
    package var night: String
    package var namespace: String
    package var service: String
    /// A `Level` name.
    package var level: String
    package var events: Int
  }

  /// The one thing that really happened.
  package struct PlantedIncident: Hashable, Sendable, Codable {
    package var tenant: String
    package var night: String
    package var namespace: String
    /// The service in which it began.
    package var service: String
    /// Services that it spread to, in order.
    package var affected: [String]
    /// First and last moment (exclusive), RFC 3339 in UTC.
    package var start: String
    package var end: String
    /// What went wrong, in one sentence.
    package var cause: String
  }
}
