import Foundation

/// Counts entries of Loki exports by means of its own: Foundation's JSON and nothing of Daybreak's.
struct ExportTruth {
  /// An entry: labels and metadata as one set, time and line.
  struct Entry: Hashable {
    let labels: [String: String]
    let nanoseconds: Int64
    let line: String
  }

  private(set) var entries: [Entry] = []

  /// All different entries of a UTC day.
  func distinct(on day: String) -> Set<Entry> {
    Set(entries.filter { Self.day(of: $0) == day })
  }

  /// All entries of a UTC day, met once or more.
  func count(on day: String) -> Int { entries.count { Self.day(of: $0) == day } }

  private static func day(of entry: Entry) -> String {
    let style = Date.ISO8601FormatStyle(timeZone: .gmt).year().month().day()
    return Date(timeIntervalSince1970: Double(entry.nanoseconds / 1_000_000_000)).formatted(style)
  }

  /// Adds logcli's jsonl.
  mutating func addLines(_ file: URL, common: [String: String] = [:]) throws {
    for text in try Data(contentsOf: file).split(separator: 0x0A) {
      guard let object = try JSONSerialization.jsonObject(with: text) as? [String: Any],
        let labels = object["labels"] as? [String: String], let line = object["line"] as? String,
        let stamp = object["timestamp"] as? String
      else { continue }
      entries.append(
        Entry(
          labels: labels.merging(common) { own, _ in own }, nanoseconds: Self.nanoseconds(stamp),
          line: line))
    }
  }

  /// Adds the body of `query_range`.
  mutating func addPage(_ file: URL) throws {
    let root = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any]
    let data = root?["data"] as? [String: Any]
    for stream in data?["result"] as? [[String: Any]] ?? [] {
      let labels = stream["stream"] as? [String: String] ?? [:]
      for value in stream["values"] as? [[Any]] ?? [] {
        guard let stamp = value[0] as? String, let nanoseconds = Int64(stamp),
          let line = value[1] as? String
        else { continue }
        var all = labels
        if value.count > 2, let extra = value[2] as? [String: [String: String]] {
          for part in extra.values { all.merge(part) { own, _ in own } }
        }
        entries.append(Entry(labels: all, nanoseconds: nanoseconds, line: line))
      }
    }
  }

  /// Reads `2026-11-20T09:00:00.123456789Z` without losing a digit.
  private static func nanoseconds(_ text: String) -> Int64 {
    let parts = text.dropLast().split(separator: ".")
    let whole = try? Date(parts[0] + "Z", strategy: .iso8601)
    let fraction = parts.count > 1 ? String(parts[1]) : ""
    let padded = fraction + String(repeating: "0", count: 9 - fraction.count)
    return Int64(whole?.timeIntervalSince1970 ?? 0) * 1_000_000_000 + (Int64(padded) ?? 0)
  }
}
