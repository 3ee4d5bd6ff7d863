/// Keys and tokens that carry the prefix of their maker, as the makers publish them (GitHub
/// "Token formats", AWS IAM "Understanding unique ID prefixes", Slack "Token types", Stripe "API
/// keys", and gitleaks' rule set for the lengths).
struct KeyFormat: Sendable {
  let prefix: StaticString
  let lengths: ClosedRange<Int>
  let isMember: @Sendable (UInt8) -> Bool
  let kind: SecretKind
  /// The first three bytes.
  let start: UInt32

  init(
    _ prefix: StaticString, _ lengths: ClosedRange<Int>, _ kind: SecretKind = .apiKey,
    of isMember: @escaping @Sendable (UInt8) -> Bool = isBase64URL
  ) {
    self.prefix = prefix
    self.lengths = lengths
    self.isMember = isMember
    self.kind = kind
    start = KeyFormat.start(
      prefix.utf8Start[0], prefix.utf8Start[1], prefix.utf8Start[2])
  }

  /// Three bytes in one number, to compare at once.
  static func start(_ first: UInt8, _ second: UInt8, _ third: UInt8) -> UInt32 {
    UInt32(first) << 16 | UInt32(second) << 8 | UInt32(third)
  }
}

@Sendable private func isAlphanumeric(_ byte: UInt8) -> Bool { isDigit(byte) || isLetter(byte) }
@Sendable private func isUpperAlphanumeric(_ byte: UInt8) -> Bool {
  isDigit(byte) || (0x41...0x5A).contains(byte)
}
@Sendable private func isToken68Byte(_ byte: UInt8) -> Bool { isToken68(byte) }

let keyFormats: [KeyFormat] = [
  KeyFormat("AKIA", 16...16, of: isUpperAlphanumeric),
  KeyFormat("ASIA", 16...16, of: isUpperAlphanumeric),
  KeyFormat("ABIA", 16...16, of: isUpperAlphanumeric),
  KeyFormat("ACCA", 16...16, of: isUpperAlphanumeric),
  KeyFormat("GOOG1E", 50...60, of: isUpperAlphanumeric), KeyFormat("AIza", 35...35),
  KeyFormat("GOCSPX-", 24...40),
  KeyFormat("ya29.", 20...2048, .token),
  KeyFormat("ghp_", 36...255, .token, of: isAlphanumeric),
  KeyFormat("gho_", 36...255, .token, of: isAlphanumeric),
  KeyFormat("ghu_", 36...255, .token, of: isAlphanumeric),
  KeyFormat("ghs_", 36...255, .token, of: isAlphanumeric),
  KeyFormat("ghr_", 36...255, .token, of: isAlphanumeric),
  KeyFormat("github_pat_", 22...255, .token), KeyFormat("glpat-", 20...255, .token),
  KeyFormat("xoxa-", 10...255, .token), KeyFormat("xoxb-", 10...255, .token),
  KeyFormat("xoxe-", 10...255, .token), KeyFormat("xoxo-", 10...255, .token),
  KeyFormat("xoxp-", 10...255, .token), KeyFormat("xoxr-", 10...255, .token),
  KeyFormat("xoxs-", 10...255, .token), KeyFormat("xapp-", 20...255, .token),
  KeyFormat("sk_live_", 16...255), KeyFormat("sk_test_", 16...255),
  KeyFormat("rk_live_", 16...255), KeyFormat("rk_test_", 16...255),
  KeyFormat("whsec_", 24...255, of: isToken68Byte),
  KeyFormat("sk-ant-", 20...255), KeyFormat("sk-proj-", 20...255),
  KeyFormat("sk-", 32...255, of: isAlphanumeric), KeyFormat("hf_", 30...64, of: isAlphanumeric),
  KeyFormat("npm_", 36...36, of: isAlphanumeric), KeyFormat("pypi-AgEI", 50...512),
  KeyFormat("SG.", 60...80, of: isToken68Byte), KeyFormat("dop_v1_", 64...64, of: isAlphanumeric),
  KeyFormat("shpat_", 32...32, of: isAlphanumeric), KeyFormat("glsa_", 32...64),
  KeyFormat("hvs.", 24...255, .token), KeyFormat("hvb.", 24...255, .token),
  KeyFormat("AGE-SECRET-KEY-1", 58...58),
  KeyFormat("xoxe.xoxp-", 20...255, .token), KeyFormat("xoxe.xoxb-", 20...255, .token),
  KeyFormat("glptt-", 20...64, .token), KeyFormat("glrt-", 20...64, .token),
  KeyFormat("gldt-", 20...64, .token), KeyFormat("glcbt-", 20...64, .token),
  KeyFormat("sk-svcacct-", 20...255), KeyFormat("doo_v1_", 64...64, of: isAlphanumeric),
  KeyFormat("dor_v1_", 64...64, of: isAlphanumeric),
  KeyFormat("dapi", 32...34, of: isHexDigit), KeyFormat("sq0csp-", 40...48),
  KeyFormat("sq0atp-", 20...32), KeyFormat("lin_api_", 32...64, of: isAlphanumeric),
  KeyFormat("PMAK-", 59...59), KeyFormat("HRKU-", 36...64),
  KeyFormat("shpss_", 32...32, of: isAlphanumeric),
  KeyFormat("shpca_", 32...32, of: isAlphanumeric),
  KeyFormat("shppa_", 32...32, of: isAlphanumeric), KeyFormat("pscale_tkn_", 32...64),
  KeyFormat("dckr_pat_", 27...27), KeyFormat("ATATT3", 50...255, of: isToken68Byte),
  KeyFormat("NRAK-", 27...27, of: isUpperAlphanumeric),
  KeyFormat("sntrys_", 40...512, of: isToken68Byte),
  KeyFormat("sbp_", 40...40, of: isHexDigit), KeyFormat("rubygems_", 48...48, of: isHexDigit),
  KeyFormat("glc_", 32...512, of: isToken68Byte), KeyFormat("dp.pt.", 40...44, of: isAlphanumeric),
]

extension SecretScanner {
  /// A JSON Web Token: base64url segments joined by dots of which the first decodes to `{"`
  /// (RFC 7515 §7.1, RFC 7516 §7.1).
  func jsonWebToken(at index: Int) -> FoundSecret? {
    guard has("eyJ", at: index) else { return nil }
    var end = end(from: index, while: isBase64URL)
    guard end - index >= 10, byte(end) == UInt8(ascii: "."), end + 1 < bytes.count else {
      return nil
    }
    let payload = end + 1
    var segments = 1
    while segments < 5, byte(end) == UInt8(ascii: ".") {
      let next = self.end(from: end + 1, while: isBase64URL)
      // The end of a sentence is no segment, but the empty signature of `alg: none` is.
      if next == end + 1 && segments != 2 { break }
      end = next
      segments += 1
    }
    guard segments == 5 || segments >= 3 && has("eyJ", at: payload) else { return nil }
    return FoundSecret(kind: .jsonWebToken, range: index..<end)
  }

  /// A key with its maker's prefix.
  func prefixedKey(at index: Int) -> FoundSecret? {
    guard index + 3 <= bytes.count else { return nil }
    let start = KeyFormat.start(bytes[index], bytes[index + 1], bytes[index + 2])
    for format in keyFormats where format.start == start && has(format.prefix, at: index) {
      let start = index + format.prefix.utf8CodeUnitCount
      let end = end(from: start, while: format.isMember)
      guard format.lengths.contains(end - start), !isWordByte(byte(end)) else { continue }
      // Words joined by dashes are no key.
      guard bytes[start..<end].contains(where: { isDigit($0) || isUpperAlphanumeric($0) }) else {
        continue
      }
      return FoundSecret(kind: format.kind, range: index..<end)
    }
    return nil
  }

  /// A refresh token of Google's OAuth (https://developers.google.com/identity/protocols/oauth2).
  func googleRefreshToken(at index: Int) -> FoundSecret? {
    guard has("1//0", at: index) else { return nil }
    let end = end(from: index + 4, while: isBase64URL)
    return end - index >= 40 ? FoundSecret(kind: .token, range: index..<end) : nil
  }

  /// A Telegram bot's token: its number, a colon and 35 characters
  /// (https://core.telegram.org/bots/api, "Authorizing your bot").
  func telegramToken(at index: Int) -> FoundSecret? {
    let colon = end(from: index, while: isDigit)
    guard (8...10).contains(colon - index), has(":AA", at: colon) else { return nil }
    let end = end(from: colon + 1, while: isBase64URL)
    return end - colon == 36 ? FoundSecret(kind: .token, range: index..<end) : nil
  }

  /// The secret path of a Slack webhook.
  func slackWebhook(at index: Int) -> FoundSecret? {
    let host: StaticString = "hooks.slack.com/services/"
    guard has(host, at: index) else { return nil }
    let start = index + host.utf8CodeUnitCount
    let end = end(from: start) { isAlphanumeric($0) || $0 == UInt8(ascii: "/") }
    return end - start >= 20 ? FoundSecret(kind: .token, range: start..<end) : nil
  }

  /// What follows `Bearer` or `Basic`.
  func schemeCredentials(at index: Int) -> FoundSecret? {
    let isBearer = has("bearer ", at: index, ignoringCase: true)
    guard isBearer || has("basic ", at: index, ignoringCase: true) else { return nil }
    let start = index + (isBearer ? 7 : 6)
    let end = end(from: start, while: isToken68)
    if isBearer {
      if let known = jsonWebToken(at: start) ?? prefixedKey(at: start) { return known }
      return looksRandom(start..<end) ? FoundSecret(kind: .token, range: start..<end) : nil
    }
    guard end - start >= 4, let plain = decodeBase64(bytes[start..<end]),
      plain.contains(UInt8(ascii: ":"))
    else { return nil }
    return FoundSecret(kind: .basicCredentials, range: start..<end)
  }

  /// A PEM or PGP private key (RFC 7468 §10), to its end mark or the end of the text.
  func privateKey(at index: Int) -> FoundSecret? {
    guard has("-----BEGIN ", at: index) else { return nil }
    let labelEnd = end(from: index + 11) { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "\n") }
    let label = bytes[(index + 11)..<labelEnd]
    guard String(decoding: label, as: UTF8.self).contains("PRIVATE KEY") else { return nil }
    var end = labelEnd
    while end < bytes.count {
      if has("-----END ", at: end) {
        let tail = self.end(from: end + 9) { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "\n") }
        end = min(bytes.count, has("-----", at: tail) ? tail + 5 : tail)
        break
      }
      end += 1
    }
    return FoundSecret(kind: .privateKey, range: index..<end)
  }

  /// Whether a run of bytes looks drawn at random: 16 bytes or more with a digit, or 8 or more with
  /// digits and letters mixed.
  func looksRandom(_ range: Range<Int>) -> Bool {
    let digits = bytes[range].count(where: isDigit)
    let letters = bytes[range].count(where: isLetter)
    if range.count >= 32 { return digits > 0 || letters == range.count }
    if range.count >= 16 { return digits > 0 }
    return range.count >= 8 && digits > 0 && letters > 0
  }
}

/// Decodes base64 (RFC 4648 §4), padding optional; nil when a byte is no part of its alphabet.
private func decodeBase64(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> [UInt8]? {
  var output: [UInt8] = []
  var bits: UInt32 = 0
  var count = 0
  for byte in text where byte != UInt8(ascii: "=") {
    let value: UInt8
    switch byte {
    case 0x41...0x5A: value = byte - 0x41
    case 0x61...0x7A: value = byte - 0x61 + 26
    case 0x30...0x39: value = byte - 0x30 + 52
    case UInt8(ascii: "+"), UInt8(ascii: "-"): value = 62
    case UInt8(ascii: "/"), UInt8(ascii: "_"): value = 63
    default: return nil
    }
    bits = bits << 6 | UInt32(value)
    count += 6
    if count >= 8 {
      count -= 8
      output.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
    }
  }
  return output
}
