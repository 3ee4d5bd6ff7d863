import DaybreakCore

/// Why something with a catalog could not be done.
package enum CatalogError: DiagnosedError, Equatable {
  /// No catalog has this name; `nearest` is what was probably meant.
  case unknown(name: String, nearest: String?)
  /// A file that belongs to the catalog, and that this program carries, is not there or not right.
  case damaged(file: String, reason: String)

  package var summary: String {
    switch self {
    case .unknown(let name, _): "there is no catalog `\(displayText(name))`"
    case .damaged(let file, let reason): "\(file): \(reason)"
    }
  }

  package var remedy: String? {
    switch self {
    case .unknown(_, let nearest):
      nearest.map { "did you mean `\($0)`?" }
        ?? "catalogs: \(Catalog.names.joined(separator: ", "))"
    case .damaged: "build the program anew from a clean checkout"
    }
  }
}
