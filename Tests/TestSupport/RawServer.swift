internal import Foundation
internal import Glibc
internal import Synchronization

/// A TCP server on 127.0.0.1 that says exactly what a test wants, however wrong.
///
/// One thread a connection; the handler has the connection for itself and closes it by returning.
package final class RawServer: Sendable {
  /// One accepted connection.
  package struct Peer {
    let socket: Int32
    /// Its number, from 0, in order of arrival.
    package let number: Int

    /// Reads until the bytes hold an empty line, or the peer is gone.
    package func readHead() -> String {
      var bytes: [UInt8] = []
      var byte: UInt8 = 0
      while !bytes.suffix(4).elementsEqual([13, 10, 13, 10]), recv(socket, &byte, 1, 0) == 1 {
        bytes.append(byte)
      }
      return String(decoding: bytes, as: UTF8.self)
    }

    /// Reads up to a number of bytes; nothing when the peer is gone.
    package func read(_ count: Int) -> [UInt8] {
      var bytes = [UInt8](repeating: 0, count: count)
      let received = recv(socket, &bytes, count, 0)
      return Array(bytes.prefix(max(0, received)))
    }

    /// Sends text; false once the peer is gone.
    @discardableResult
    package func write(_ text: String) -> Bool {
      let bytes = Array(text.utf8)
      return send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    /// Cuts the connection with a reset.
    package func reset() {
      var choice = linger(l_onoff: 1, l_linger: 0)
      setsockopt(socket, SOL_SOCKET, SO_LINGER, &choice, socklen_t(MemoryLayout<linger>.size))
    }
  }

  package let port: UInt16
  private let listener: Int32
  private let accepted = Mutex(0)
  private let unixPath: String?

  /// Listens on a free port.
  package convenience init(_ handler: @escaping @Sendable (Peer) -> Void) {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        precondition(bind(listener, $0, size) == 0, "no free port")
        getsockname(listener, $0, &size)
      }
    }
    self.init(listener, port: UInt16(bigEndian: address.sin_port), path: nil, handler)
  }

  /// Listens on a unix socket.
  package convenience init(unix path: String, _ handler: @escaping @Sendable (Peer) -> Void) {
    let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        precondition(bind(listener, $0, size) == 0, "cannot bind the unix socket")
      }
    }
    self.init(listener, port: 0, path: path, handler)
  }

  private init(
    _ listener: Int32, port: UInt16, path: String?, _ handler: @escaping @Sendable (Peer) -> Void
  ) {
    self.listener = listener
    self.port = port
    unixPath = path
    precondition(listen(listener, 64) == 0, "cannot listen")
    Thread.detachNewThread { [weak self] in
      // This thread closes the listener: closed elsewhere, its number could be another server's
      // by the time of the next call here.
      defer { close(listener) }
      while true {
        let socket = accept(listener, nil, nil)
        guard socket >= 0 else { return }
        guard let self else {
          close(socket)
          return
        }
        let number = self.accepted.withLock { count in
          defer { count += 1 }
          return count
        }
        Thread.detachNewThread {
          handler(Peer(socket: socket, number: number))
          close(socket)
        }
      }
    }
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
    if let unixPath { unlink(unixPath) }
  }

  /// How many connections have been accepted.
  package var connectionCount: Int { accepted.withLock { $0 } }

  /// `http://127.0.0.1:port`, without a slash at its end.
  package var url: String { "http://127.0.0.1:\(port)" }
}

/// Sends bytes to a port of this machine and reads until the other side closes.
///
/// - Parameters:
///   - bytes: what to send.
///   - port: on 127.0.0.1.
///   - endsInput: whether to close our side after sending.
/// - Returns: all that came back.
package func exchangeRaw(_ bytes: [UInt8], port: UInt16, endsInput: Bool = false) -> String {
  let socket = connectRaw(port: port)
  guard socket >= 0 else { return "" }
  defer { close(socket) }
  _ = send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  if endsInput { shutdown(socket, Int32(SHUT_WR)) }
  var answer: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65_536)
  while true {
    let count = recv(socket, &buffer, buffer.count, 0)
    guard count > 0 else { break }
    answer += buffer[..<count]
  }
  return String(decoding: answer, as: UTF8.self)
}

/// Connects to a port of 127.0.0.1; the caller closes the descriptor, which is negative when refused.
package func connectRaw(port: UInt16) -> Int32 {
  let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  // A test must end: nothing here takes a minute.
  var limit = timeval(tv_sec: 60, tv_usec: 0)
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  let result = withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
  guard result == 0 else {
    close(socket)
    return -1
  }
  return socket
}

extension RawServer.Peer {
  /// Sends bytes; false once the peer is gone.
  @discardableResult
  package func write(bytes: [UInt8]) -> Bool {
    send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
  }
}
