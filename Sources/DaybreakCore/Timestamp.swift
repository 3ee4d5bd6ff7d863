/// A moment in UTC, in nanoseconds since 1970-01-01T00:00:00Z.
///
/// Covers the years 1677 to 2262, as Loki's own timestamps do.
package struct Timestamp: Hashable, Comparable, Sendable {
  /// Nanoseconds since the Unix epoch; negative before it.
  package var nanoseconds: Int64

  /// Makes a moment from nanoseconds since the Unix epoch.
  @inlinable
  package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// Makes a moment from whole seconds since the Unix epoch.
  @inlinable
  package init(seconds: Int64) { nanoseconds = seconds &* 1_000_000_000 }

  @inlinable
  package static func < (left: Timestamp, right: Timestamp) -> Bool {
    left.nanoseconds < right.nanoseconds
  }

  /// Whole seconds since the Unix epoch, rounded towards the past.
  package var seconds: Int64 { floorDivide(nanoseconds, 1_000_000_000) }

  /// Returns the moment `seconds` later (earlier when negative).
  package func advanced(bySeconds seconds: Int64) -> Timestamp {
    Timestamp(nanoseconds: nanoseconds + seconds * 1_000_000_000)
  }

  /// RFC 3339 in UTC with as many fraction digits as needed: `2026-03-12T02:11:09.5Z`.
  package var rfc3339: String {
    let whole = seconds
    let fraction = Int(nanoseconds - whole * 1_000_000_000)
    let day = floorDivide(whole, 86_400)
    let secondOfDay = Int(whole - day * 86_400)
    var text = CivilDate(dayNumber: Int(day)).description + "T"
    text += twoDigits(secondOfDay / 3600) + ":" + twoDigits(secondOfDay / 60 % 60)
    text += ":" + twoDigits(secondOfDay % 60)
    if fraction > 0 {
      var digits = String(fraction)
      digits = String(repeating: "0", count: 9 - digits.count) + digits
      while digits.hasSuffix("0") { digits.removeLast() }
      text += "." + digits
    }
    return text + "Z"
  }
}

extension Timestamp: CustomStringConvertible {
  package var description: String { rfc3339 }
}

/// Divides rounding towards negative infinity, as time before 1970 needs.
@inlinable
package func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
  let quotient = value / divisor
  return value % divisor < 0 ? quotient - 1 : quotient
}

/// Writes a number below 100 with a leading zero where needed.
package func twoDigits(_ value: Int) -> String {
  value < 10 ? "0\(value)" : String(value)
}
