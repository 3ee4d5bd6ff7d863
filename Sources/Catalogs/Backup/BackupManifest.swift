package import Foundation

/// What a backup holds: written last, so that a folder without one is none.
package struct BackupManifest: Codable, Sendable, Equatable {
  package struct File: Codable, Sendable, Equatable {
    /// Below the folder `dump`.
    package var name: String
    package var bytes: Int
    /// SHA-256, lower-case hex.
    package var sha256: String
  }

  package struct Table: Codable, Sendable, Equatable {
    package var table: String
    package var rows: Int
  }

  /// 1.
  package var format: Int
  package var catalog: String
  package var database: String
  package var serverVersion: String
  package var dumpProgram: String
  package var startedAt: Date
  package var finishedAt: Date
  /// Names and versions.
  package var extensions: [String: String]
  /// The roles that own something or have rights, which a server must have before a restore.
  package var roles: [String]
  /// Exact, in the very snapshot that was dumped.
  package var tables: [Table]
  /// What the schema is made of, a digest for each kind of object.
  package var schema: [String: String]
  package var files: [File]

  package var bytes: Int { files.reduce(0) { $0 + $1.bytes } }

  static func encoder() -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.dateEncodingStrategy = .iso8601
    return encoder
  }

  static func decoder() -> JSONDecoder {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    return decoder
  }
}
