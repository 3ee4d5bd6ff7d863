internal import DaybreakCore

/// Why reports are not served.
package enum ServingError: DiagnosedError, Equatable {
  /// The folder to serve is not there or no folder.
  case unreadableRoot(path: String, reason: String)
  /// The address is no IP address, or not of this machine.
  case invalidAddress(String)
  /// The address can be reached from other machines, and nobody asked for that.
  case openToOthers(String)
  /// The port is taken, or needs rights.
  case unavailable(address: String, port: UInt16, reason: String)

  package var summary: String {
    switch self {
    case .unreadableRoot(let path, let reason): "cannot serve \(displayText(path)): \(reason)"
    case .invalidAddress(let address): "`\(displayText(address))` is no IP address"
    case .openToOthers(let address):
      "\(address) can be reached from other machines, and reports have no password"
    case .unavailable(let address, let port, let reason):
      "cannot listen on \(address) port \(port): \(reason)"
    }
  }

  package var remedy: String? {
    switch self {
    case .unreadableRoot: "name the folder that holds the reports"
    case .invalidAddress: "use 127.0.0.1 or ::1"
    case .openToOthers:
      "serve on 127.0.0.1 behind a web server that checks who asks, or ask for it explicitly"
    case .unavailable: "choose another port"
    }
  }
}
