import CSpawn
import DaybreakCore
import Glibc

/// A file descriptor that is closed with its owner.
struct Descriptor: ~Copyable, Sendable {
  let number: Int32

  /// Takes over a descriptor.
  ///
  /// One below 3 is moved up: a parent that was started without standard streams would otherwise have
  /// its pipes overwritten by those of the child.
  init(owning number: Int32) throws(ErrorNumber) {
    guard number >= 0 else { throw ErrorNumber() }
    guard number < 3 else {
      self.number = number
      return
    }
    let moved = fcntl(number, F_DUPFD_CLOEXEC, 3)
    let error = ErrorNumber()
    Glibc.close(number)
    guard moved >= 0 else { throw error }
    self.number = moved
  }

  deinit { Glibc.close(number) }

  /// A pipe's end to read from and its end to write to; other children do not get them.
  static func pipe() throws(ErrorNumber) -> PipeEnds {
    var ends: [Int32] = [-1, -1]
    guard dbk_pipe2(&ends, O_CLOEXEC) == 0 else { throw ErrorNumber() }
    return PipeEnds(
      reading: try Descriptor(owning: ends[0]), writing: try Descriptor(owning: ends[1]))
  }

  /// An empty file in memory.
  static func memoryFile() throws(ErrorNumber) -> Descriptor {
    try Descriptor(owning: dbk_memory_file("output"))
  }

  /// Reads up to `count` bytes: from the current place, or from `offset` without moving it.
  func read(_ count: Int, at offset: Int? = nil) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, initialised in
      var got: Int
      repeat {
        got =
          if let offset { pread(number, buffer.baseAddress, count, off_t(offset)) } else {
            Glibc.read(number, buffer.baseAddress, count)
          }
      } while got < 0 && errno == EINTR
      initialised = max(0, got)
    }
  }

  /// All bytes of a file from its beginning.
  func contents() -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
      let block = read(1 << 16, at: bytes.count)
      guard !block.isEmpty else { return bytes }
      bytes += block
    }
  }
}

/// Both ends of a pipe.
struct PipeEnds: ~Copyable {
  let reading: Descriptor
  let writing: Descriptor
}
