internal import CHTTPServer
internal import DaybreakCore
internal import Dispatch
internal import Glibc
internal import Synchronization

/// How reports are served.
package struct ServingOptions: Sendable {
  /// Whether an address that other machines can reach may be used; reports have no password.
  package var allowsOtherMachines = false
  /// Host names to answer to besides this machine's own, as a proxy may pass on.
  package var allowedHosts: [String] = []
  /// Connections at a time; the next one waits.
  package var connectionLimit = 256
  /// For the head of a request, and for silence between two.
  package var requestDeadline = Duration.seconds(15)
  /// For a response to be taken.
  package var responseDeadline = Duration.seconds(600)

  package init() {}
}

/// Serves the files of a report folder over HTTP until it is stopped.
///
/// GET and HEAD only; strong entity tags; pages compressed beforehand (`index.html.gz` beside
/// `index.html`, not older) go out as such; folders have an index or nothing; names that begin with a
/// dot do not exist; no path and no symbolic link leads out of the folder.
package final class ReportServer: Sendable {
  /// The port it listens on.
  package let port: UInt16
  /// Where a browser finds it.
  package let url: String
  /// What whoever started it should be told.
  package let warnings: [String]

  private let context: ServerContext
  private let daemon: Mutex<Daemon?>

  /// The owner of libmicrohttpd's daemon and of the timer beside it.
  ///
  /// `@unchecked Sendable`: libmicrohttpd's functions on a daemon may be called from any thread; the
  /// `Mutex` of `ReportServer` hands it to the one that stops it.
  private final class Daemon: @unchecked Sendable {
    let raw: OpaquePointer
    let timer: any DispatchSourceTimer

    init(raw: OpaquePointer, timer: any DispatchSourceTimer) {
      self.raw = raw
      self.timer = timer
    }
  }

  /// Starts serving.
  ///
  /// - Parameters:
  ///   - root: the report folder; it may be replaced while it is served.
  ///   - address: an IP address of this machine.
  ///   - port: 0 for any free one.
  ///   - options: limits and permissions.
  ///   - log: takes one line of JSON a request, from the server's thread.
  /// - Throws: `ServingError`.
  package init(
    root: String, address: String = "127.0.0.1", port: UInt16, options: ServingOptions = .init(),
    log: @escaping @Sendable (String) -> Void = { _ in }
  ) throws(ServingError) {
    let folder = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else {
      throw .unreadableRoot(path: root, reason: ErrorNumber().description)
    }
    close(folder)
    let listener = try Listener(
      address: address, port: port, allowsOtherMachines: options.allowsOtherMachines)
    self.port = listener.port
    url = "http://\(address.contains(":") ? "[\(address)]" : address):\(listener.port)/"
    warnings =
      listener.isLoopback
      ? [] : ["\(address) can be reached from other machines: reports have no password"]
    let check = HostCheck(isLoopback: listener.isLoopback, extra: options.allowedHosts)
    let connections = ConnectionTable(
      requestDeadline: options.requestDeadline, responseDeadline: options.responseDeadline)
    context = ServerContext(
      tree: ReportTree(root: root, hostCheck: check), connections: connections, log: log)
    let idleSeconds = UInt32(max(1, (options.requestDeadline / .seconds(1)).rounded(.up)))
    guard
      let raw = dbk_http_start(
        listener.socket, UInt32(max(1, options.connectionLimit)), idleSeconds, 32 << 10,
        answerRequest, requestCompleted, connectionChanged,
        Unmanaged.passUnretained(context).toOpaque())
    else {
      close(listener.socket)
      throw .unavailable(address: address, port: port, reason: "libmicrohttpd did not start")
    }
    let interval = min(max(options.requestDeadline / 4, .milliseconds(50)), .seconds(1))
    daemon = Mutex(Daemon(raw: raw, timer: makeTimer(connections, every: interval)))
  }

  deinit { stop(within: .zero) }

  /// Stops: takes no new connections, lets running responses end, closes the rest.
  ///
  /// - Parameter grace: how long running responses may take.
  package func stop(within grace: Duration = .seconds(5)) {
    guard let running = daemon.withLock({ $0.take() }) else { return }
    let listener = MHD_quiesce_daemon(running.raw)
    if listener >= 0 { close(listener) }
    let end = ContinuousClock().now + grace
    while context.connections.respondingCount > 0, ContinuousClock().now < end { usleep(10_000) }
    running.timer.cancel()
    MHD_stop_daemon(running.raw)
  }
}

/// Starts the timer that ends late connections.
private func makeTimer(
  _ connections: ConnectionTable, every interval: Duration
) -> any DispatchSourceTimer {
  let timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "daybreak.serving"))
  let milliseconds = Int(interval / .milliseconds(1))
  timer.schedule(deadline: .now(), repeating: .milliseconds(milliseconds))
  timer.setEventHandler { @Sendable in connections.shutDownLate() }
  timer.resume()
  return timer
}
