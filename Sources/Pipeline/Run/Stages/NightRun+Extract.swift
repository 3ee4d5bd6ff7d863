internal import Clustering
internal import DaybreakCore
internal import Foundation
internal import Rendering
internal import Storage

/// What the extract stage leaves in the ledger.
struct ExtractDetail: Codable {
  var coverage: [SourceCoverage]
  /// Sections of the catalogs by name; nil in ledgers of before.
  var catalogs: [String: CatalogSection]?
  /// Catalogs that could not be read; nil in ledgers of before.
  var unreadCatalogs: [String]?
}

extension NightRun {
  /// Reads the sources into the night's fold file.
  func extract() throws {
    let stage = ExtractStage(
      night: night, surroundings: surroundings,
      threads: max(1, ProcessInfo.processInfo.activeProcessorCount))
    // A fault of the settings shows before hours of reading, not after them.
    let options = try catalogOptions()
    let (fold, coverage) = try stage.run()
    let (sections, unread) = try readCatalogs(options)
    try writeFold(fold)
    try store.withTenant(night.tenant) { session in
      try finishStage(
        .extract, in: session,
        detail: ExtractDetail(
          coverage: coverage.map(redacted), catalogs: sections, unreadCatalogs: unread))
    }
  }

  /// Writes the fold whole or not at all.
  ///
  /// A power cut may tear it; its checksum tells, and then the
  /// sources are read again.
  private func writeFold(_ fold: FoldResult) throws {
    let folder = night.workDirectory(below: surroundings.home)
    let file = foldFile
    do {
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700])
      try Data(fold.encoded()).write(to: file, options: .atomic)
    } catch {
      throw RunError.cannotWrite(path: file.path, reason: error.localizedDescription)
    }
  }

  /// Where the fold of the night lies between two stages.
  private var foldFile: URL {
    night.workDirectory(below: surroundings.home).appending(path: "fold.daybreak")
  }

  /// The fold that the extract stage left; nil when it is gone or torn.
  func storedFold() -> FoldResult? {
    guard let bytes = try? Data(contentsOf: foldFile) else { return nil }
    return try? FoldResult(decoding: Array(bytes))
  }

  /// Takes secrets out of what could not be read, before it is stored.
  private func redacted(_ coverage: SourceCoverage) -> SourceCoverage {
    var result = coverage
    result.quarantine = coverage.quarantine.map { record in
      var record = record
      record.excerpt = redactor.redacting(record.excerpt)
      return record
    }
    return result
  }

  /// A fresh redactor: placeholders are numbered anew for each text.
  var redactor: Redactor { Redactor(night.job.redaction) }
}

extension Redactor {
  /// Redacts one text on its own.
  func redacting(_ text: String) -> String {
    var copy = self
    return copy.redact(text)
  }
}
