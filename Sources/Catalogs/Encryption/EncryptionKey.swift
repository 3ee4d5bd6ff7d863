import CCrypto
import DaybreakCore
internal import Foundation

/// A key of 256 bits that envelopes are sealed with.
///
/// Its bytes are wiped when the last owner lets go.
///
/// `@unchecked Sendable`: nothing changes the bytes between `init` and `deinit`.
package final class EncryptionKey: @unchecked Sendable {
  /// What an envelope says of the key that sealed it: 16 hex digits made of it by SHA-256.
  package let id: String
  private let bytes: UnsafeMutableRawBufferPointer

  package static let byteCount = 32
  private static let remedy =
    "it has to hold 64 hex digits, or 32 bytes in base64: openssl rand -hex 32"

  private init(_ key: [UInt8]) {
    precondition(key.count == Self.byteCount, "a key of another length")
    bytes = .allocate(byteCount: Self.byteCount, alignment: 1)
    bytes.copyBytes(from: key)
    id = String(hex(sha256(Array("daybreak encryption key\0".utf8) + key)).prefix(16))
  }

  deinit {
    OPENSSL_cleanse(bytes.baseAddress, bytes.count)
    bytes.deallocate()
  }

  /// Reads a key's text.
  ///
  /// - Parameters:
  ///   - text: 64 hex digits, or 32 bytes in base64.
  ///   - place: where it came from, for messages.
  /// - Throws: `AccessError.encryptionKey`; the text is not repeated.
  package convenience init(_ text: String, place: String) throws(AccessError) {
    let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
    guard let key = Self.bytes(hex: text) ?? Data(base64Encoded: text).map(Array.init),
      key.count == Self.byteCount
    else {
      throw .encryptionKey(place: place, reason: "holds no key of 256 bits", remedy: Self.remedy)
    }
    self.init(key)
  }

  /// Reads a key from a file that nobody but its owner may read.
  ///
  /// - Throws: `AccessError.encryptionKey`.
  package convenience init(file path: String) throws(AccessError) {
    try self.init(Self.text(of: path), place: path)
  }

  /// Lends the bytes to `body`, which must not keep them.
  func withBytes<Result>(_ body: (UnsafePointer<UInt8>?) -> Result) -> Result {
    body(bytes.baseAddress.map { UnsafePointer($0.assumingMemoryBound(to: UInt8.self)) })
  }

  private static func bytes(hex text: String) -> [UInt8]? {
    let digits = Array(text.utf8)
    guard digits.count == byteCount * 2 else { return nil }
    var key: [UInt8] = []
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let high = Character(Unicode.Scalar(digits[index])).hexDigitValue,
        let low = Character(Unicode.Scalar(digits[index + 1])).hexDigitValue
      else { return nil }
      key.append(UInt8(high << 4 | low))
    }
    return key
  }

  private static func text(of path: String) throws(AccessError) -> String {
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else {
      throw .encryptionKey(
        place: path, reason: String(cString: strerror(errno)),
        remedy: "name a file that holds a key")
    }
    defer { close(file) }
    var facts = stat()
    guard fstat(file, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
      throw .encryptionKey(place: path, reason: "is no file", remedy: remedy)
    }
    guard facts.st_mode & 0o077 == 0 else {
      throw .encryptionKey(
        place: path, reason: "others than its owner may read it", remedy: "chmod 600 FILE")
    }
    guard facts.st_uid == geteuid() || facts.st_uid == 0 else {
      throw .encryptionKey(
        place: path, reason: "belongs to another user", remedy: "chown it to who runs daybreak")
    }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = read(file, &buffer, buffer.count)
    guard count >= 0 else {
      throw .encryptionKey(place: path, reason: String(cString: strerror(errno)), remedy: remedy)
    }
    return String(decoding: buffer.prefix(count), as: UTF8.self)
  }
}
