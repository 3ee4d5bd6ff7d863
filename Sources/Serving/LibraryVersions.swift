internal import CHTTPServer
package import DaybreakCore

extension LibraryVersion {
  /// Serves reports.
  package static var libmicrohttpd: LibraryVersion {
    LibraryVersion(
      name: "libmicrohttpd", version: MHD_get_version().map { String(cString: $0) } ?? "unknown")
  }
}
