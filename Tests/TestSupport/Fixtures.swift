package import Foundation

/// Finds the files that tests read, from the place of the test's own source file.
package enum Fixtures {
  /// The root of the checkout.
  package static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// Fixtures of our own making: `Tests/Fixtures/<name>`.
  package static func file(_ name: String) -> URL {
    root.appending(path: "Tests/Fixtures").appending(path: name)
  }

  /// Real captures beside the checkout; nil where this machine has none, and then the test that wants
  /// them says that it was skipped.
  package static func shared(_ name: String) -> URL? {
    let url = root.deletingLastPathComponent().appending(path: "shared/data")
      .appending(path: name)
    return FileManager.default.fileExists(atPath: url.path) ? url : nil
  }
}
