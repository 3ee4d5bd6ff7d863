internal import CCrypto

/// A C library as it runs in this process, which may be newer than the headers of the build.
package struct LibraryVersion: Hashable, Sendable {
  /// Its usual name, as `libcurl`.
  package let name: String
  /// What the library says of itself, as `7.88.1`.
  package let version: String
  /// What Daybreak uses and this build of the library lacks, as `smtps`.
  package let missingFeatures: [String]

  package init(name: String, version: String, missingFeatures: [String] = []) {
    self.name = name
    self.version = version
    self.missingFeatures = missingFeatures
  }

  /// OpenSSL's libcrypto, which computes fingerprints.
  package static var libcrypto: LibraryVersion {
    let banner = OpenSSL_version(0).map { String(cString: $0) } ?? "unknown"
    // As `OpenSSL 3.0.22 1 Sep 2026`.
    let words = banner.split(separator: " ")
    return LibraryVersion(name: "libcrypto", version: String(words.dropFirst().first ?? "unknown"))
  }
}
