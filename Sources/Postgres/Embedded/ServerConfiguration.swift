import Foundation

/// The settings of an embedded server, written anew at each start.
struct ServerConfiguration {
  let socketDirectory: String
  let options: EmbeddedPostgresOptions
  let preloadLibraries: [String]

  /// The text of `postgresql.conf`.
  var text: String {
    var lines = [
      "# Written by Daybreak at each start: changes here are lost.",
      "listen_addresses = ''",
      "unix_socket_directories = \(quoted("\"" + socketDirectory + "\""))",
      "unix_socket_permissions = 0700",
      "port = 5432",
      "max_connections = \(options.maximumConnections)",
      "shared_buffers = 128MB",
      "work_mem = 16MB",
      "maintenance_work_mem = 128MB",
      "effective_cache_size = 1GB",
      // Nothing replicates from here: bulk loads into new tables may skip the log.
      "wal_level = minimal",
      "max_wal_senders = 0",
      "wal_compression = on",
      "max_wal_size = 2GB",
      "checkpoint_timeout = 15min",
      "jit = off",
      "max_worker_processes = 16",
      "max_parallel_workers_per_gather = 2",
      "timezone = 'UTC'",
      "log_timezone = 'UTC'",
      "log_line_prefix = '%m [%p] '",
      // Terse leaves out DETAIL, which repeats values; statements are not logged for the same reason.
      "log_error_verbosity = terse",
      "log_min_error_statement = panic",
      "log_parameter_max_length_on_error = 0",
    ]
    if !preloadLibraries.isEmpty {
      lines.append("shared_preload_libraries = \(quoted(preloadLibraries.joined(separator: ",")))")
    }
    if preloadLibraries.contains("timescaledb") {
      lines.append("timescaledb.telemetry_level = off")
    }
    if ServerConfiguration.hasLittleSharedMemory {
      lines.append("dynamic_shared_memory_type = mmap")
    }
    if !options.isDurable {
      lines += ["fsync = off", "synchronous_commit = off", "full_page_writes = off"]
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Containers often have a `/dev/shm` of 64 MB, which parallel queries overrun.
  private static var hasLittleSharedMemory: Bool {
    var status = statvfs()
    guard statvfs("/dev/shm", &status) == 0 else { return true }
    return UInt64(status.f_blocks) * UInt64(status.f_frsize) < 256 << 20
  }

  /// A string in the configuration file's quotes.
  private func quoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
  }
}
