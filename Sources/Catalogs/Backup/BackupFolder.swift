internal import DaybreakCore
internal import Foundation

/// The folder of one catalog's backups: one folder each, named by the moment it began.
package struct BackupFolder: Sendable {
  /// A whole backup.
  package struct Entry: Sendable {
    package let name: String
    package let path: String
    package let manifest: BackupManifest
  }

  package let path: String

  /// Names a folder; makes nothing.
  ///
  /// - Parameters:
  ///   - root: where all catalogs' backups are.
  ///   - catalog: the catalog's name.
  package init(root: String, catalog: String) { path = root + "/" + catalog }

  /// The backups that have a manifest, the newest first; those with a damaged one are left out.
  package func entries() -> [Entry] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return names.filter { !$0.hasPrefix(".") }.sorted().reversed().compactMap { name in
      guard let manifest = try? Self.manifest(at: path + "/" + name) else { return nil }
      return Entry(name: name, path: path + "/" + name, manifest: manifest)
    }
  }

  /// Folders that look like backups and are none.
  package func damaged() -> [String] {
    let whole = Set(entries().map(\.name))
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return names.filter { name in
      var isFolder: ObjCBool = false
      return !name.hasPrefix(".") && !whole.contains(name)
        && FileManager.default.fileExists(atPath: path + "/" + name, isDirectory: &isFolder)
        && isFolder.boolValue
    }.sorted()
  }

  /// Reads a backup's manifest and compares it with its digest.
  ///
  /// - Throws: `UpkeepError.damagedBackup`.
  static func manifest(at path: String) throws(UpkeepError) -> BackupManifest {
    let file = path + "/manifest.json"
    guard let data = FileManager.default.contents(atPath: file),
      let digest = FileManager.default.contents(atPath: path + "/manifest.sha256")
    else { throw .damagedBackup(path: path, reason: "it has no manifest") }
    let words = String(decoding: digest, as: UTF8.self)
    guard words.prefix(64) == hex(sha256(Array(data))) else {
      throw .damagedBackup(path: path, reason: "its manifest was changed")
    }
    guard let manifest = try? BackupManifest.decoder().decode(BackupManifest.self, from: data),
      manifest.format == 1
    else { throw .damagedBackup(path: path, reason: "its manifest cannot be read") }
    return manifest
  }

  /// Takes the folder for this process, and removes what killed ones left behind.
  ///
  /// - Returns: the lock, which ends with its owner.
  /// - Throws: `UpkeepError.busy`, `unwritable`.
  func lock(catalog: String) throws(UpkeepError) -> FolderLock {
    try BackupFiles.makeFolder(path)
    guard let lock = FolderLock(path + "/.lock") else { throw BackupFiles.unwritable(path) }
    guard lock.isHeld else { throw .busy(work: "backup", catalog: catalog) }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    for name in names where name.hasPrefix(".partial-") || name.hasPrefix(".removed-") {
      try? FileManager.default.removeItem(atPath: path + "/" + name)
    }
    return lock
  }

  /// Removes backups that ended before a moment, but never the newest.
  ///
  /// - Returns: the names of those that went.
  func removeOlder(than moment: Date) throws(UpkeepError) -> [String] {
    var removed: [String] = []
    for entry in entries().dropFirst() where entry.manifest.finishedAt < moment {
      // Renamed first: what is half removed must not look whole.
      let hidden = path + "/.removed-" + entry.name
      guard rename(entry.path, hidden) == 0 else { throw BackupFiles.unwritable(entry.path) }
      try? FileManager.default.removeItem(atPath: hidden)
      try note("removed", entry.name, at: moment)
      removed.append(entry.name)
    }
    return removed
  }

  /// Adds a line to the folder's history.
  func note(_ what: String, _ name: String, at moment: Date) throws(UpkeepError) {
    let time = moment.formatted(.iso8601)
    let line = "{\"at\":\"\(time)\",\"what\":\"\(what)\",\"backup\":\"\(name)\"}\n"
    try BackupFiles.write(Array(line.utf8), to: path + "/history.jsonl", appending: true)
  }
}

/// A lock on a folder, which the system takes back with the process.
final class FolderLock: Sendable {
  private let descriptor: Int32
  let isHeld: Bool

  /// Tries; nil when the file cannot be opened.
  init?(_ path: String) {
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return nil }
    isHeld = flock(descriptor, LOCK_EX | LOCK_NB) == 0
  }

  deinit { close(descriptor) }
}
