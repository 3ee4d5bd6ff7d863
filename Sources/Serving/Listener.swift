internal import DaybreakCore
internal import Glibc

/// A listening socket: made here and not by libmicrohttpd, which does not say what went wrong.
struct Listener {
  let socket: Int32
  /// The port, also when any free one was asked for.
  let port: UInt16
  let isLoopback: Bool

  /// Listens on an address in digits.
  ///
  /// - Parameters:
  ///   - address: IPv4 or IPv6, or `localhost` for 127.0.0.1.
  ///   - port: 0 for any free one.
  ///   - allowsOtherMachines: whether an address that is not loopback is wanted.
  /// - Throws: `ServingError`.
  init(address: String, port: UInt16, allowsOtherMachines: Bool) throws(ServingError) {
    let digits = address == "localhost" ? "127.0.0.1" : address
    var four = sockaddr_in()
    var six = sockaddr_in6()
    let isFour = inet_pton(AF_INET, digits, &four.sin_addr) == 1
    guard isFour || inet_pton(AF_INET6, digits, &six.sin6_addr) == 1 else {
      throw .invalidAddress(address)
    }
    let loopback =
      isFour
      ? UInt32(bigEndian: four.sin_addr.s_addr) >> 24 == 127
      : withUnsafeBytes(of: six.sin6_addr) { $0.dropLast().allSatisfy { $0 == 0 } && $0.last == 1 }
    guard loopback || allowsOtherMachines else { throw .openToOthers(address) }
    func failed() -> ServingError {
      .unavailable(address: address, port: port, reason: ErrorNumber().description)
    }
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let socket = Glibc.socket(isFour ? AF_INET : AF_INET6, kind, 0)
    guard socket >= 0 else { throw failed() }
    var yes: Int32 = 1
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    four.sin_family = sa_family_t(AF_INET)
    four.sin_port = port.bigEndian
    six.sin6_family = sa_family_t(AF_INET6)
    six.sin6_port = port.bigEndian
    let bound =
      isFour
      ? withSocketAddress(&four) { bind(socket, $0, $1) }
      : withSocketAddress(&six) { bind(socket, $0, $1) }
    guard bound == 0, listen(socket, 128) == 0 else {
      let error = failed()
      close(socket)
      throw error
    }
    self.socket = socket
    self.port = boundPort(socket) ?? port
    isLoopback = loopback
  }
}

private func withSocketAddress<Address>(
  _ address: inout Address, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
) -> Int32 {
  withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      body($0, socklen_t(MemoryLayout<Address>.size))
    }
  }
}

/// The port a socket was bound to: at the same place in both families.
private func boundPort(_ socket: Int32) -> UInt16? {
  var storage = sockaddr_storage()
  var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
  let result = withUnsafeMutablePointer(to: &storage) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &size) }
  }
  guard result == 0 else { return nil }
  return withUnsafeBytes(of: storage) {
    UInt16(bigEndian: $0.load(fromByteOffset: 2, as: UInt16.self))
  }
}
