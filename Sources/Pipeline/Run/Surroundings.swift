package import DaybreakCore
package import Foundation
package import Postgres

/// What a run takes from outside: clock, environment, home.
package struct Surroundings: Sendable {
  /// The clock; used for ledger times, durations and the choice of the night, never inside reports.
  package let now: @Sendable () -> Timestamp
  /// The process's environment.
  package let variables: [String: String]
  package let log: EventLog
  /// Whether a person watches standard error.
  package let isTerminal: Bool

  /// Makes surroundings.
  package init(
    now: @escaping @Sendable () -> Timestamp, variables: [String: String], log: EventLog,
    isTerminal: Bool
  ) {
    self.now = now
    self.variables = variables
    self.log = log
    self.isTerminal = isTerminal
  }

  /// The surroundings of this process.
  package static func ofThisProcess() -> Surroundings {
    let now: @Sendable () -> Timestamp = {
      var time = timespec()
      clock_gettime(CLOCK_REALTIME, &time)
      return Timestamp(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
    let isTerminal = isatty(STDERR_FILENO) == 1
    return Surroundings(
      now: now, variables: ProcessInfo.processInfo.environment,
      log: EventLog(isTerminal: isTerminal, now: now), isTerminal: isTerminal)
  }

  /// The folder of the embedded server, caches and work files, absolute.
  ///
  /// `DAYBREAK_HOME`, by default `.daybreak` below the working directory.
  package var home: URL {
    let path = variables["DAYBREAK_HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? ".daybreak"
    return URL(filePath: path).standardizedFileURL
  }

  /// Makes sure that the embedded server runs.
  ///
  /// - Returns: the server; whoever lets go of it last stops it.
  /// - Throws: `PostgresError.embeddedServer` with what to do.
  package func startEmbeddedServer() throws(PostgresError) -> EmbeddedPostgres {
    var options = EmbeddedPostgresOptions()
    options.searchPath = (variables["PATH"] ?? "").split(separator: ":").map(String.init)
    return try EmbeddedPostgres(in: embeddedServerDirectory, options: options)
  }

  /// Where the embedded server keeps its data.
  package var embeddedServerDirectory: String { home.appending(path: "postgres").path }
}
