/// Which names a server answers to.
///
/// A page of another site can make its own name resolve to 127.0.0.1 and then read a server there as
/// if it were its own ("DNS rebinding"). Its name stays in `Host`, so that is what is checked.
struct HostCheck: Sendable {
  /// Names that may stand in `Host`; nil for any.
  private let names: Set<String>?

  /// Makes the check: on loopback, this machine's names and those given; elsewhere those given, if any.
  init(isLoopback: Bool, extra: [String]) {
    let given = Set(extra.map { $0.lowercased() })
    names =
      isLoopback
      ? given.union(["localhost", "127.0.0.1", "[::1]"]) : given.isEmpty ? nil : given
  }

  /// Whether the value of a `Host` field, with or without a port, is one of ours.
  ///
  /// Without the field (HTTP/1.0) no browser is asking.
  func allows(_ host: String?) -> Bool {
    guard let names, let host else { return true }
    let name = host.lowercased()
    if names.contains(name) { return true }
    guard let colon = name.lastIndex(of: ":"),
      name[colon...].dropFirst().utf8.allSatisfy({ (0x30...0x39).contains($0) })
    else { return false }
    return names.contains(String(name[..<colon]))
  }
}
