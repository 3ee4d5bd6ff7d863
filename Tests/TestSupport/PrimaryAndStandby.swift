import Foundation
package import Postgres
import Spawning

/// A primary and its standby, on two sockets below one folder, for as long as somebody holds this.
package final class PrimaryAndStandby: Sendable {
  package let primary: ConnectionTarget
  package let standby: ConnectionTarget
  private let folder: String

  /// Makes and starts both.
  ///
  /// - Throws: an error when a program is missing or fails.
  package init() throws {
    folder = "/tmp/dbk-replica-\(getpid())-\(UUID().uuidString.prefix(8))"
    primary = ConnectionTarget(parameters: [
      "host": folder + "/primary", "user": "postgres", "dbname": "postgres",
    ])
    standby = ConnectionTarget(parameters: [
      "host": folder + "/standby", "user": "postgres", "dbname": "postgres",
    ])
    try Self.run(start, folder)
  }

  deinit { try? Self.run("stop standby; stop primary; rm -rf \"$1\"", folder) }

  /// Runs shell lines as a user that the server accepts.
  private static func run(_ lines: String, _ folder: String) throws {
    guard let binaries = ServerBinaries.find(searchPath: []).first?.directory else {
      throw CocoaError(.fileNoSuchFile)
    }
    let script = """
      set -eu
      as() { if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --clear-groups "$@"
        else "$@"; fi; }
      begin() { as "\(binaries)/pg_ctl" -D "$folder/$1/data" -l "$folder/$1/log" -w -s start >/dev/null; }
      stop() { as "\(binaries)/pg_ctl" -D "$folder/$1/data" -m immediate -s stop || true; }
      folder=$1
      cd /tmp
      \(lines)
      """
    let command = ChildCommand(
      ["/bin/bash", "-c", script, "replica", folder], environment: ["PATH": "/usr/bin:/bin"])
    let ending = try ChildProcess(command).wait()
    guard ending == .exited(0) else { throw CocoaError(.executableLoad) }
  }

  private var start: String {
    let binaries = ServerBinaries.find(searchPath: []).first?.directory ?? ""
    return """
      mkdir "$folder"; if [ "$(id -u)" = 0 ]; then chown postgres: "$folder"; fi
      as mkdir "$folder/primary" "$folder/standby"
      as "\(binaries)/initdb" -D "$folder/primary/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 -N >/dev/null
      printf "listen_addresses = ''\\nfsync = off\\nunix_socket_directories = '%s'\\n" "$folder/primary" |
        as tee -a "$folder/primary/data/postgresql.conf" >/dev/null
      begin primary
      as "\(binaries)/pg_basebackup" -h "$folder/primary" -U postgres -D "$folder/standby/data" -R -c fast
      printf "unix_socket_directories = '%s'\\nwal_receiver_status_interval = 1s\\n" "$folder/standby" |
        as tee -a "$folder/standby/data/postgresql.conf" >/dev/null
      begin standby
      """
  }

  /// Keeps the standby from replaying what comes, or lets it go on.
  package func pause(_ isPaused: Bool) throws {
    _ = try Connection(standby).query(
      named: "pause",
      isPaused ? "SELECT pg_wal_replay_pause()::text" : "SELECT pg_wal_replay_resume()::text")
  }

  /// Waits until the standby has everything.
  package func settle() throws {
    let place = try Connection(primary).query(
      named: "place", "SELECT pg_current_wal_insert_lsn()::text AS place"
    ).only().string("place")
    let connection = try Connection(standby)
    for _ in 0..<500 {
      let isThere = try connection.query(
        named: "replayed", "SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn AS is_there",
        [.text(place)]
      ).only().bool("is_there")
      if isThere { return }
      Thread.sleep(forTimeInterval: 0.02)
    }
  }
}
