internal import CScanJSON
internal import CZlib
internal import CZstd
package import DaybreakCore

extension LibraryVersion {
  /// Reads gzip.
  package static var zlib: LibraryVersion {
    LibraryVersion(
      name: "zlib", version: zlibVersion().map { String(cString: $0) } ?? "unknown")
  }

  /// Reads Zstandard.
  package static var zstd: LibraryVersion {
    LibraryVersion(
      name: "zstd", version: ZSTD_versionString().map { String(cString: $0) } ?? "unknown")
  }

  /// Reads JSON; it chooses its code by the processor, and the version names the choice.
  package static var simdjson: LibraryVersion {
    LibraryVersion(
      name: "simdjson",
      version: "\(String(cString: dbk_json_version())) (\(String(cString: dbk_json_processor())))")
  }
}
