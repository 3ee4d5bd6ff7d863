internal import Foundation

/// Whether a backup is what its manifest says.
package struct BackupCheck {
  private let variables: [String: String]

  /// Makes a check.
  ///
  /// - Parameter variables: the environment, for `PATH`.
  package init(variables: [String: String]) { self.variables = variables }

  /// Reads every file of a backup and compares.
  ///
  /// - Parameters:
  ///   - path: the backup's folder.
  ///   - check: is asked between files, and throws to stop.
  /// - Returns: the manifest.
  /// - Throws: `UpkeepError.damagedBackup` with the first fault, what `check` throws.
  @discardableResult
  package func run(_ path: String, check: () throws -> Void = {}) throws -> BackupManifest {
    let manifest = try BackupFolder.manifest(at: path)
    let dump = path + "/dump"
    let names = Set((try? FileManager.default.contentsOfDirectory(atPath: dump)) ?? [])
    let known = Set(manifest.files.map(\.name))
    if let extra = names.subtracting(known).sorted().first {
      throw UpkeepError.damagedBackup(path: path, reason: "\(extra) does not belong to it")
    }
    for file in manifest.files {
      try check()
      guard names.contains(file.name) else {
        throw UpkeepError.damagedBackup(path: path, reason: "\(file.name) is missing")
      }
      guard try BackupFiles.digest(of: "\(dump)/\(file.name)") == file.sha256 else {
        throw UpkeepError.damagedBackup(path: path, reason: "\(file.name) was changed")
      }
    }
    let major = Int(manifest.dumpProgram.prefix { $0.isNumber }) ?? 15
    let programs = try ClientPrograms(major: major, variables: variables)
    do {
      try programs.run("pg_restore", ["--list", dump], target: nil)
    } catch let error as UpkeepError {
      throw UpkeepError.damagedBackup(path: path, reason: error.summary)
    }
    return manifest
  }
}
