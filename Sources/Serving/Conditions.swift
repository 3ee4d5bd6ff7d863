internal import DaybreakCore

/// The conditions and preferences that a request states in its headers (RFC 9110 §12, §13, §14).
enum Conditions {
  /// Whether `If-None-Match` names the tag: any of a list, compared weakly, or `*`.
  static func matches(_ field: String, tag: String) -> Bool {
    entityTags(field).contains { $0 == "*" || $0 == tag }
  }

  /// The tags of a list without their weakness marks; quoted tags may hold commas.
  private static func entityTags(_ field: String) -> [String] {
    var tags: [String] = []
    var rest = Substring(field)
    while true {
      rest = rest.drop { $0 == " " || $0 == "\t" || $0 == "," }
      if rest.hasPrefix("*") { return tags + ["*"] }
      if rest.hasPrefix("W/") { rest = rest.dropFirst(2) }
      guard rest.first == "\"", let end = rest.dropFirst().firstIndex(of: "\"") else { return tags }
      tags.append(String(rest[...end]))
      rest = rest[rest.index(after: end)...]
    }
  }

  /// Whether gzip is welcome: named, or covered by `*`, with a quality above zero.
  static func acceptsGzip(_ field: String) -> Bool {
    var byStar = false
    for choice in field.lowercased().split(separator: ",") {
      let parts = choice.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
      guard let coding = parts.first else { continue }
      let isRefused = parts.dropFirst().contains { part in
        part.hasPrefix("q=") && (Double(part.dropFirst(2)) ?? 0) <= 0
      }
      if coding == "gzip" || coding == "x-gzip" { return !isRefused }
      if coding == "*" { byStar = !isRefused }
    }
    return byStar
  }

  /// What a `Range` field asks for.
  enum ByteRange: Equatable {
    /// No range, or one that we need not understand (several, other units): the whole.
    case whole
    case part(Range<Int>)
    /// Beyond the end: 416.
    case unsatisfiable
  }

  /// Reads a single range of bytes: `bytes=0-99`, `bytes=100-`, `bytes=-100`.
  static func byteRange(_ field: String, of byteCount: Int) -> ByteRange {
    guard field.lowercased().hasPrefix("bytes=") else { return .whole }
    let ends = field.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count == 2 else { return .whole }
    let (first, last) = (number(ends[0]), number(ends[1]))
    switch (ends[0].isEmpty, ends[1].isEmpty) {
    case (true, true): return .whole
    case (true, false):
      guard let last else { return .whole }
      guard last > 0, byteCount > 0 else { return .unsatisfiable }
      return .part(max(0, byteCount - last)..<byteCount)
    case (false, let isOpen):
      guard let first, isOpen || last != nil else { return .whole }
      let end = last ?? .max
      guard end >= first else { return .whole }
      guard first < byteCount else { return .unsatisfiable }
      return .part(first..<min(end, byteCount - 1) + 1)
    }
  }

  private static func number(_ digits: Substring) -> Int? {
    guard !digits.isEmpty, digits.utf8.count <= 18,
      digits.utf8.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    return Int(digits)
  }
}
