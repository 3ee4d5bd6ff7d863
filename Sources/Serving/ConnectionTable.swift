internal import Glibc
internal import Synchronization

/// The open connections, and since when each is in its phase.
///
/// libmicrohttpd's own time-out is one of silence: a client that sends a byte now and then ("slow
/// loris") holds its connection for ever. Here each phase has an end: a socket that is late is shut
/// down, which libmicrohttpd sees and cleans up. It tells us of a closed connection before it closes
/// the descriptor, and we shut down under the same lock, so no other file's descriptor is ever hit.
final class ConnectionTable: Sendable {
  private struct Entry {
    var socket: Int32
    var isResponding: Bool
    var since: ContinuousClock.Instant
  }

  private let entries = Mutex<[Int: Entry]>([:])
  private let requestDeadline: Duration
  private let responseDeadline: Duration

  init(requestDeadline: Duration, responseDeadline: Duration) {
    self.requestDeadline = requestDeadline
    self.responseDeadline = responseDeadline
  }

  func opened(_ connection: Int, socket: Int32) {
    entries.withLock {
      $0[connection] = Entry(socket: socket, isResponding: false, since: ContinuousClock().now)
    }
  }

  func closed(_ connection: Int) {
    entries.withLock { $0[connection] = nil }
  }

  /// The head of a request is there (true), or its response is out (false).
  func changed(_ connection: Int, isResponding: Bool) {
    entries.withLock {
      $0[connection]?.isResponding = isResponding
      $0[connection]?.since = ContinuousClock().now
    }
  }

  /// How many requests are being answered.
  var respondingCount: Int {
    entries.withLock { $0.values.count { $0.isResponding } }
  }

  /// Shuts down whoever is late.
  func shutDownLate() {
    let now = ContinuousClock().now
    entries.withLock {
      for entry in $0.values {
        let limit = entry.isResponding ? responseDeadline : requestDeadline
        if now - entry.since > limit { shutdown(entry.socket, Int32(SHUT_RDWR)) }
      }
    }
  }
}
