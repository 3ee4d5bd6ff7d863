internal import CCurl
package import DaybreakCore

extension LibraryVersion {
  /// The client for HTTP and SMTP; a build of it may leave protocols out.
  package static var libcurl: LibraryVersion {
    guard let information = curl_version_info(CURLVERSION_FIRST)?.pointee,
      let version = information.version
    else { return LibraryVersion(name: "libcurl", version: "unknown") }
    var protocols: Set<String> = []
    var entry = information.protocols
    while let name = entry?.pointee {
      protocols.insert(String(cString: name))
      entry = entry?.advanced(by: 1)
    }
    return LibraryVersion(
      name: "libcurl", version: String(cString: version),
      missingFeatures: ["http", "https", "smtp", "smtps"].filter { !protocols.contains($0) })
  }
}
