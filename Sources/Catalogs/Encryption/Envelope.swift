import CCrypto
import Foundation

/// Something encrypted by AES-256-GCM (NIST SP 800-38D), bound to the row that it belongs to.
///
/// As JSON: `{"alg": "AES-256-GCM", "nonce", "ct", "key"}`. `nonce`, 12 random bytes, and `ct`, the ciphertext
/// with its tag of 16 bytes at the end, are base64; `key` says which key. The associated data is
/// `daybreak envelope 1`, the table, the column, the row's id and the key's id, with a NUL between two.
package struct Envelope: Codable, Hashable, Sendable {
  private var alg: String
  private var nonce: Data
  private var ct: Data
  /// The id of the key that sealed it; nil where another program did not say.
  package private(set) var key: String?

  private static let algorithm = "AES-256-GCM"
  private static let nonceByteCount = 12
  private static let tagByteCount = 16

  /// Which row of which column an envelope belongs to: moved to another, it does not open.
  package struct Place: Hashable, Sendable {
    /// The table with its schema.
    package var table: String
    package var column: String
    package var row: String

    package init(table: String, column: String, row: String) {
      self.table = table
      self.column = column
      self.row = row
    }

    fileprivate func associatedData(key: String?) -> [UInt8] {
      Array(["daybreak envelope 1", table, column, row, key ?? ""].joined(separator: "\0").utf8)
    }
  }

  /// Seals.
  ///
  /// - Parameters:
  ///   - plaintext: what to keep.
  ///   - place: the row that it belongs to.
  ///   - key: the key.
  ///   - generator: randomness fit for nonces, of which no two may be the same under one key.
  package init(
    sealing plaintext: [UInt8], for place: Place, with key: EncryptionKey,
    using generator: inout some RandomNumberGenerator
  ) {
    let nonce = (0..<Self.nonceByteCount).map { _ in UInt8.random(in: 0...255, using: &generator) }
    alg = Self.algorithm
    self.nonce = Data(nonce)
    self.key = key.id
    let data = place.associatedData(key: key.id)
    guard let (ciphertext, tag) = Self.encrypt(plaintext, data, nonce, key) else {
      preconditionFailure("libcrypto has no AES-256-GCM, or no memory")
    }
    ct = Data(ciphertext + tag)
  }

  /// Reads an envelope's JSON.
  ///
  /// - Throws: `AccessError.envelope`.
  package init(json: String, row: String) throws(AccessError) {
    do {
      self = try JSONDecoder().decode(Envelope.self, from: Data(json.utf8))
    } catch {
      throw .envelope(row: row, reason: "it is none", remedy: nil)
    }
    guard alg == Self.algorithm, nonce.count == Self.nonceByteCount, ct.count >= Self.tagByteCount
    else {
      throw .envelope(row: row, reason: "it is not of AES-256-GCM", remedy: nil)
    }
  }

  /// The JSON text, keys sorted.
  package var json: String {
    var text = #"{"alg":"\#(alg)","ct":"\#(ct.base64EncodedString())""#
    if let key { text += #","key":"\#(key)""# }
    return text + #","nonce":"\#(nonce.base64EncodedString())"}"#
  }

  /// Opens.
  ///
  /// - Parameters:
  ///   - place: the row that it was read from.
  ///   - keys: the keys at hand; the one that the envelope names is used, all in turn where it names none.
  /// - Returns: the plaintext.
  /// - Throws: `AccessError.envelope`: none of the keys sealed it, or it was changed or moved.
  package func open(at place: Place, with keys: [EncryptionKey]) throws(AccessError) -> [UInt8] {
    let fitting = keys.filter { key == nil || $0.id == key }
    if let key, fitting.isEmpty {
      let known = key.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } && key.utf8.count <= 64 ? key : "?"
      let given = keys.map(\.id).joined(separator: " and ")
      throw .envelope(
        row: place.row, reason: "it was sealed with the key \(known), given: \(given)",
        remedy: "give that key; an id is made of its key and stays the same")
    }
    for candidate in fitting {
      if let plaintext = opened(at: place, with: candidate) { return plaintext }
    }
    throw .envelope(
      row: place.row,
      reason: key == nil
        ? "none of the given keys opens it"
        : "it was changed since, or belongs to another row",
      remedy: "restore the row from a backup, or enter its settings again")
  }

  private func opened(at place: Place, with candidate: EncryptionKey) -> [UInt8]? {
    let length = ct.count - Self.tagByteCount
    return Self.decrypt(
      Array(ct.prefix(length)), tag: Array(ct.suffix(Self.tagByteCount)),
      place.associatedData(key: key), Array(nonce), candidate)
  }
}

// AES-256-GCM by libcrypto.
extension Envelope {
  /// Ciphertext and tag; nil when libcrypto cannot.
  private static func encrypt(
    _ plaintext: [UInt8], _ data: [UInt8], _ nonce: [UInt8], _ key: EncryptionKey
  ) -> (ciphertext: [UInt8], tag: [UInt8])? {
    guard let context = EVP_CIPHER_CTX_new() else { return nil }
    defer { EVP_CIPHER_CTX_free(context) }
    var ciphertext = [UInt8](repeating: 0, count: plaintext.count + tagByteCount)
    var tag = [UInt8](repeating: 0, count: tagByteCount)
    var length: Int32 = 0
    var last: Int32 = 0
    let isStarted = key.withBytes {
      EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nil, $0, nonce) == 1
    }
    guard isStarted,
      EVP_EncryptUpdate(context, nil, &length, data, Int32(data.count)) == 1,
      EVP_EncryptUpdate(context, &ciphertext, &length, plaintext, Int32(plaintext.count)) == 1,
      EVP_EncryptFinal_ex(context, &tag, &last) == 1,
      dbk_gcm_get_tag(context, Int32(tagByteCount), &tag) == 1
    else { return nil }
    return (Array(ciphertext.prefix(Int(length))), tag)
  }

  /// The plaintext; nil when the tag does not agree.
  private static func decrypt(
    _ ciphertext: [UInt8], tag: [UInt8], _ data: [UInt8], _ nonce: [UInt8], _ key: EncryptionKey
  ) -> [UInt8]? {
    guard let context = EVP_CIPHER_CTX_new() else { return nil }
    defer { EVP_CIPHER_CTX_free(context) }
    var plaintext = [UInt8](repeating: 0, count: ciphertext.count + tagByteCount)
    var tag = tag
    var length: Int32 = 0
    var last = [UInt8](repeating: 0, count: tagByteCount)
    var lastLength: Int32 = 0
    let isStarted = key.withBytes {
      EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nil, $0, nonce) == 1
    }
    guard isStarted,
      EVP_DecryptUpdate(context, nil, &length, data, Int32(data.count)) == 1,
      EVP_DecryptUpdate(context, &plaintext, &length, ciphertext, Int32(ciphertext.count)) == 1,
      dbk_gcm_set_tag(context, Int32(tagByteCount), &tag) == 1,
      EVP_DecryptFinal_ex(context, &last, &lastLength) == 1
    else { return nil }
    return Array(plaintext.prefix(Int(length)))
  }
}
