import Foundation

extension ServerBinaries {
  /// The extensions installed beside the server, by their names.
  ///
  /// Reads the control files in `SHAREDIR/extension`
  /// (https://www.postgresql.org/docs/current/extend-extensions.html).
  ///
  /// - Returns: the default version of each, empty where its control file names none.
  package func availableExtensions() -> [String: String] {
    var found: [String: String] = [:]
    for directory in shareDirectories {
      let folder = directory + "/extension"
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      for name in names where name.hasSuffix(".control") {
        let text = (try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)) ?? ""
        found[String(name.dropLast(".control".count))] = defaultVersion(inControlFile: text)
      }
    }
    return found
  }

  /// What `pg_config` names, or else where packages put it.
  private var shareDirectories: [String] {
    let configuration = directory + "/pg_config"
    if access(configuration, X_OK) == 0,
      let output = output(of: configuration, "--sharedir")
    {
      return [output.trimmingCharacters(in: .whitespacesAndNewlines)]
    }
    return [
      "/usr/share/postgresql/\(major)", directory + "/../share/postgresql", directory + "/../share",
    ]
  }
}

/// The value of `default_version` in an extension's control file; empty when there is none.
func defaultVersion(inControlFile text: String) -> String {
  for line in text.split(separator: "\n") {
    let parts = line.split(separator: "=", maxSplits: 1)
    guard parts.count == 2, parts[0].trimmingCharacters(in: .whitespaces) == "default_version"
    else { continue }
    return parts[1].trimmingCharacters(in: CharacterSet(charactersIn: " \t'"))
  }
  return ""
}
