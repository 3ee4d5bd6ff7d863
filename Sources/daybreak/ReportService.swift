import Foundation
import Pipeline
import Serving

/// Serves a report tree until somebody stops it.
enum ReportService {
  /// Serves, says where, and waits for Ctrl-C or SIGTERM.
  ///
  /// - Parameters:
  ///   - directory: the report tree.
  ///   - address: the address to listen on.
  ///   - port: the port; 0 for any free one.
  ///   - isExposed: whether other machines may reach the address.
  ///   - log: takes warnings.
  ///   - logsRequests: whether each request is written to standard error as a line of JSON.
  /// - Throws: `ServingError`.
  static func serve(
    directory: URL, address: String = "127.0.0.1", port: Int, isExposed: Bool = false,
    log: EventLog, logsRequests: Bool = false
  ) async throws {
    var options = ServingOptions()
    options.allowsOtherMachines = isExposed
    let server = try ReportServer(
      root: directory.path, address: address, port: UInt16(port), options: options,
      log: { line in
        if logsRequests { FileHandle.standardError.write(Data((line + "\n").utf8)) }
      })
    for warning in server.warnings { log.note("warning", ["serve": warning]) }
    // Written at once, even into a pipe: a script waits for this line.
    let line = "Serving \(directory.path) on \(server.url)  (Ctrl-C stops)\n"
    FileHandle.standardOutput.write(Data(line.utf8))
    while !Cancellation.isRequested { try await Task.sleep(for: .milliseconds(100)) }
    server.stop()
  }
}
