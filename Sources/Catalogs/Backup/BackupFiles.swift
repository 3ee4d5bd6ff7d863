import CCrypto
import DaybreakCore
internal import Foundation

/// Files written so that they survive a crash, or are not there.
enum BackupFiles {
  /// SHA-256 of a file, lower-case hex.
  ///
  /// - Throws: `UpkeepError.damagedBackup` when it cannot be read.
  static func digest(of path: String) throws(UpkeepError) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw .damagedBackup(path: path, reason: "\(ErrorNumber())")
    }
    defer { close(descriptor) }
    let context = EVP_MD_CTX_new()
    defer { EVP_MD_CTX_free(context) }
    EVP_DigestInit_ex(context, EVP_sha256(), nil)
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .damagedBackup(path: path, reason: "\(ErrorNumber())") }
      guard count > 0 else { break }
      EVP_DigestUpdate(context, buffer, count)
    }
    var digest = [UInt8](repeating: 0, count: 32)
    EVP_DigestFinal_ex(context, &digest, nil)
    return hex(digest)
  }

  /// Writes a file and waits until the disk has it.
  static func write(_ bytes: [UInt8], to path: String, appending: Bool = false) throws(UpkeepError)
  {
    let flags = O_WRONLY | O_CREAT | O_CLOEXEC | (appending ? O_APPEND : O_TRUNC)
    let descriptor = open(path, flags, 0o600)
    guard descriptor >= 0 else { throw unwritable(path) }
    defer { close(descriptor) }
    var offset = 0
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Foundation.write(
          descriptor, buffer.baseAddress.map { $0 + offset }, bytes.count - offset)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw unwritable(path) }
      offset += count
    }
    guard fsync(descriptor) == 0 else { throw unwritable(path) }
  }

  /// Waits until the disk has a file, or a folder's list of names.
  static func synchronise(_ path: String) throws(UpkeepError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw unwritable(path) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw unwritable(path) }
  }

  /// Makes a folder that only its owner may enter, and those above it.
  static func makeFolder(_ path: String) throws(UpkeepError) {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw unwritable(path)
    }
  }

  /// The error of what `errno` says.
  static func unwritable(_ path: String) -> UpkeepError {
    let number = ErrorNumber()
    return .unwritable(
      path: path, reason: "\(number)", isFull: [ENOSPC, EDQUOT].contains(number.code))
  }
}
