internal import DaybreakCore
internal import Foundation
internal import Postgres
internal import Spawning

/// `pg_dump` and `pg_restore`, of the oldest version that serves a server.
struct ClientPrograms {
  /// The folder they are in.
  let directory: String
  /// As the program prints it.
  let version: String
  private let variables: [String: String]

  /// Finds them.
  ///
  /// - Parameters:
  ///   - major: the server's major version.
  ///   - variables: the environment: `PATH`, and what libpq takes.
  /// - Throws: `UpkeepError.programMissing`.
  init(major: Int, variables: [String: String]) throws(UpkeepError) {
    self.variables = variables
    let searchPath = (variables["PATH"] ?? "").split(separator: ":").map(String.init)
    guard
      let found = ClientBinaries.fitting(major, of: ClientBinaries.find(searchPath: searchPath))
    else { throw .programMissing(name: "pg_dump", major: major) }
    directory = found.directory
    version = found.version
  }

  /// Runs one of them to its end.
  ///
  /// What may not be seen of the address goes by variables and by a file (`ClientAddress`): arguments can
  /// be read by everybody on the machine, another's environment cannot.
  ///
  /// - Parameters:
  ///   - name: `pg_dump` or `pg_restore`.
  ///   - arguments: what it is told.
  ///   - target: the database; nil where none is meant.
  ///   - wait: is called while it runs, about five times a second, and throws to end it.
  /// - Returns: what it printed.
  /// - Throws: `UpkeepError`, what `wait` throws.
  @discardableResult
  func run(
    _ name: String, _ arguments: [String], target: ConnectionTarget?,
    wait: () throws -> Void = {}
  ) throws -> String {
    var environment = variables.filter { key, _ in
      key.hasPrefix("PG") || ["HOME", "PATH", "TMPDIR", "USER"].contains(key)
    }
    environment["LC_ALL"] = "C"
    environment["PGAPPNAME"] = "daybreak backup"
    var words = [directory + "/" + name] + arguments
    var serviceFile: ServiceFile?
    defer { withExtendedLifetime(serviceFile) {} }
    if let target {
      let address = try ClientAddress(target, variables: variables)
      environment.merge(address.environment) { _, new in new }
      words += address.arguments
      if !address.hidden.isEmpty {
        let file = try ServiceFile(address.hidden, below: variables["TMPDIR"])
        environment["PGSERVICEFILE"] = file.path
        serviceFile = file
      }
    }
    var command = ChildCommand(words, environment: environment)
    command.output = .captured
    command.errors = .captured
    // Ctrl-C reaches us alone, so that the child is ended in order.
    command.startsSession = true
    let child = try ChildProcess(command)
    var ending: ChildEnding?
    do {
      while ending == nil {
        ending = child.wait(for: .milliseconds(200))
        try wait()
      }
    } catch {
      child.send(SIGTERM)
      if child.wait(for: .seconds(10)) == nil { child.end() }
      throw error
    }
    guard ending == .exited(0) else {
      throw Self.failure(name, ending, String(decoding: child.capturedErrors, as: UTF8.self))
    }
    return String(decoding: child.capturedOutput, as: UTF8.self)
  }

  /// The error of a program's last words.
  private static func failure(_ name: String, _ ending: ChildEnding?, _ text: String) -> UpkeepError
  {
    let lines = text.split(separator: "\n").filter {
      $0.contains("error:") || $0.contains("ERROR:")
    }
    let words = lines.isEmpty ? text.split(separator: "\n").suffix(2) : lines.prefix(2)
    let reason = displayText(
      Array(words.joined(separator: "; ").replacing("\(name): ", with: "").utf8), byteLimit: 600)
    if text.contains("No space left on device") || text.contains("Disk quota exceeded") {
      return .unwritable(path: "the backup", reason: reason, isFull: true)
    }
    if case .signalled(let number) = ending {
      return .programFailed(
        name: name, reason: "it was ended by signal \(number)", lostServer: false)
    }
    // libpq's words, which LC_ALL=C keeps in English whatever the server speaks.
    let lostServer = [
      "server closed the connection unexpectedly", "connection to server was lost",
      "no connection to the server", "SSL connection has been closed unexpectedly",
      "could not receive data from server",
    ].contains { text.contains($0) }
    return .programFailed(
      name: name, reason: reason.isEmpty ? "it says nothing" : reason, lostServer: lostServer)
  }
}
