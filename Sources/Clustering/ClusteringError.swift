internal import DaybreakCore

/// What can go wrong with fold results; folding and refining themselves cannot fail.
package enum ClusteringError: DiagnosedError, Equatable {
  /// The bytes do not start with the mark of a fold file.
  case notAFoldFile
  /// The file is of a version that this program does not read.
  case unknownVersion(found: Int, known: Int)
  /// The checksum over the file's bytes does not fit: it was cut or changed.
  case checksumMismatch(byteCount: Int)
  /// The checksum fits but the content breaks a rule of the format.
  case malformed(byteOffset: Int, reason: String)
  /// Two results of different windows cannot be added up.
  case windowMismatch(left: String, right: String)
  /// Two results that were folded with different limits cannot be added up.
  case limitsMismatch(left: String, right: String)

  package var summary: String {
    switch self {
    case .notAFoldFile: "not a fold file: its first bytes are not `DBFOLD`"
    case .unknownVersion(let found, let known):
      "fold file of version \(found); this program reads version \(known)"
    case .checksumMismatch(let byteCount):
      "fold file of \(byteCount) bytes is damaged: its checksum does not fit"
    case .malformed(let byteOffset, let reason):
      "fold file breaks the format at byte \(byteOffset): \(reason)"
    case .windowMismatch(let left, let right):
      "fold results of different windows: \(left) and \(right)"
    case .limitsMismatch(let left, let right):
      "fold results of different limits: \(left) and \(right)"
    }
  }

  package var remedy: String? {
    switch self {
    case .notAFoldFile: "name a file that `daybreak fold` wrote"
    case .unknownVersion, .checksumMismatch, .malformed: "fold its input again"
    case .windowMismatch: "fold every part with the same window"
    case .limitsMismatch: "fold every part with the same limits"
    }
  }
}
