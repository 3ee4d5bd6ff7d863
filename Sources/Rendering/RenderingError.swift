import DaybreakCore

/// What can go wrong while pages are made and written.
package enum RenderingError: DiagnosedError, Equatable {
  /// A template does not parse, or names a partial that is not there.
  case template(name: String, line: Int, reason: String)
  /// A template is missing or unreadable in the directory given at run time.
  case unreadable(path: String, reason: String)
  /// A page could not be written.
  case unwritable(path: String, reason: String)
  /// Markdown could not be turned into HTML: the library is out of memory.
  case markdown

  package var summary: String {
    switch self {
    case .template(let name, let line, let reason):
      line > 0 ? "template \(name), line \(line): \(reason)" : "template \(name): \(reason)"
    case .unreadable(let path, let reason): "cannot read the template \(path): \(reason)"
    case .unwritable(let path, let reason): "cannot write \(path): \(reason)"
    case .markdown: "the Markdown library has no memory left"
    }
  }

  package var remedy: String? {
    switch self {
    case .template(let name, _, _):
      "mend \(name), or leave out the template directory to use the built-in templates"
    case .unreadable: "check the template directory, or leave it out to use the built-in templates"
    case .unwritable: "check that the report directory exists, is writable and has space left"
    case .markdown: nil
    }
  }
}
