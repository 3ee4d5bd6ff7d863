import Foundation

/// A file that processes lock by `flock(2)`: the lock ends with its holder, `kill -9` included.
struct FileLock: ~Copyable {
  private let descriptor: Int32

  /// Opens the file, making it where it is missing; nil when that fails (see `errno`).
  init?(path: String) {
    descriptor = openForLocking(path)
    guard descriptor >= 0 else { return nil }
  }

  deinit { Foundation.close(descriptor) }

  /// Takes the lock for oneself, waiting until the deadline.
  borrowing func lockExclusively(until deadline: ContinuousClock.Instant) -> Bool {
    while !tryLockExclusively() {
      guard .now < deadline else { return false }
      usleep(20_000)
    }
    return true
  }

  /// Takes the lock for oneself, also in exchange for a shared one; false when another holds it.
  borrowing func tryLockExclusively() -> Bool { flock(descriptor, LOCK_EX | LOCK_NB) == 0 }

  /// Takes the lock together with others, waiting while one holds it for oneself.
  borrowing func lockShared() -> Bool {
    while flock(descriptor, LOCK_SH) != 0 {
      guard errno == EINTR else { return false }
    }
    return true
  }
}

/// Opens for reading and writing; closed on exec, so that no child keeps the lock.
private func openForLocking(_ path: String) -> Int32 {
  open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
}
