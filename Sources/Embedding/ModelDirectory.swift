internal import Foundation

/// Finds the built-in encoder's files.
package enum ModelDirectory {
  /// Finds the directory with the model's files.
  ///
  /// - Parameters:
  ///   - home: `DAYBREAK_HOME`, absolute.
  ///   - executable: the running program's path; the model may lie beside an installed program
  ///     (`../share/daybreak/models`) or in the checkout that it was built in (`.daybreak/models`).
  /// - Returns: the first directory that has both files.
  /// - Throws: `EmbeddingError.modelMissing`.
  package static func find(home: String, executable: String?) throws(EmbeddingError) -> String {
    let candidates = candidates(home: home, executable: executable)
    let found = candidates.first { directory in
      [MiniLM.weightsFile, MiniLM.vocabularyFile].allSatisfy {
        FileManager.default.fileExists(atPath: "\(directory)/\($0)")
      }
    }
    guard let found else { throw .modelMissing(searched: candidates) }
    return found
  }

  /// Where `find` looks, in order.
  static func candidates(home: String, executable: String?) -> [String] {
    var parents = ["\(home)/models"]
    if let executable {
      var directory = URL(filePath: executable).resolvingSymlinksInPath()
        .deletingLastPathComponent()
      parents.append(directory.appending(path: "../share/daybreak/models").standardized.path)
      // A build lies in .build/<platform>/<configuration> of its checkout.
      while directory.lastPathComponent != ".build", directory.path != "/" {
        directory.deleteLastPathComponent()
      }
      if directory.path != "/" {
        directory.deleteLastPathComponent()
        parents.append(directory.appending(path: ".daybreak/models").path)
      }
    }
    var seen: Set<String> = []
    return parents.map { "\($0)/\(MiniLM.name)" }.filter { seen.insert($0).inserted }
  }
}
