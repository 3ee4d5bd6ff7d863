import DaybreakCore
import Foundation
import Postgres

/// Makes text fit for PostgreSQL, which cannot hold U+0000: it becomes a visible `\u{0}`.
func storedText(_ text: String) -> String {
  guard text.utf8.contains(0) else { return text }
  return text.split(separator: "\0", omittingEmptySubsequences: false).joined(separator: "\\u{0}")
}

/// Makes a name fit for an index, whose entries may not pass 2704 bytes: one that is longer than 512
/// bytes is cut, and a digest of the whole keeps it apart from others with the same start.
func storedName(_ name: String) -> String {
  let text = storedText(name)
  guard text.utf8.count > 512 else { return text }
  let digest = hex(sha256(Array(text.utf8)).prefix(8))
  // A character that the cut splits shows as U+FFFD.
  return String(decoding: text.utf8.prefix(440), as: UTF8.self) + "…" + digest
}

/// Encodes a value as JSON that is the same for equal values.
func jsonText(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}

/// Decodes JSON that a column holds.
func decoded<Result: Decodable>(
  _ type: Result.Type, from text: String, table: String, column: String
) throws(StorageError) -> Result {
  do {
    return try JSONDecoder().decode(type, from: Data(text.utf8))
  } catch {
    throw .unreadable(table: table, column: column)
  }
}

/// Reads a level's name.
func level(_ name: String, table: String) throws(StorageError) -> Level {
  guard let level = Level(name: name) else { throw .unreadable(table: table, column: "level") }
  return level
}

/// Reads a value of an enumeration.
func enumeration<Result: RawRepresentable<String>>(
  _ type: Result.Type, _ text: String, table: String, column: String
) throws(StorageError) -> Result {
  guard let value = Result(rawValue: text) else {
    throw .unreadable(table: table, column: column)
  }
  return value
}

/// Makes counts from eight numbers in the order of the levels.
func levelCounts(_ values: some Collection<Int64>) -> LevelCounts {
  var counts = LevelCounts()
  for (level, value) in zip(Level.allCases, values) { counts[level] = value }
  return counts
}

/// The levels' names from least to most severe, as an array for SQL.
let levelNames = Value.textArray(Level.allCases.map(\.name))
