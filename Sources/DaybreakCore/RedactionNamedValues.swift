/// What the name of a key says of its value.
private enum KeyMeaning {
  /// Any value is secret.
  case password
  /// Values that look random are secret.
  case token
  /// The rest of the line is secret.
  case cookie
}

private let passwordNames = [
  "password", "passwd", "passphrase", "pwd", "pass", "clientsecret", "secretkey", "secretaccesskey",
  "privatekey", "apisecret", "appsecret", "signingkey", "encryptionkey", "cvv", "cvc",
]
private let tokenNames = [
  "token", "secret", "apikey", "accesskey", "authkey", "accountkey", "authorization", "credential",
  "credentials", "signature", "jsessionid", "phpsessid", "otp", "bearer", "sig", "sessionkey",
  "subscriptionkey", "masterkey", "sharedkey", "licensekey",
]

/// The last three letters of every name above, and of `cookie`.
private func mayEndSecretName(_ letters: UInt32) -> Bool {
  func code(_ text: StaticString) -> UInt32 {
    KeyFormat.start(text.utf8Start[0], text.utf8Start[1], text.utf8Start[2])
  }
  switch letters {
  case code("ord"), code("swd"), code("ase"), code("pwd"), code("ass"), code("ret"), code("key"),
    code("cvv"), code("cvc"), code("ken"), code("ial"), code("als"), code("ion"), code("ure"),
    code("nid"), code("sid"), code("otp"), code("rer"), code("sig"), code("kie"):
    return true
  default: return false
  }
}

/// Values that say that there is nothing to hide, or that it is hidden already.
private let harmlessValues: Set<String> = [
  "null", "nil", "none", "true", "false", "undefined", "redacted", "masked", "hidden", "empty",
  "unset", "missing", "required", "invalid", "bearer", "basic", "digest", "negotiate", "ntlm",
  "aws4-hmac-sha256", "expired",
]

extension SecretScanner {
  /// The value behind `key=`, `key:`, `"key":` where the key's name says that it is secret.
  ///
  /// - Parameter separator: where the `=` or `:` is.
  /// - Returns: the value without its quotes; nil when there is nothing to hide.
  func namedValue(after separator: Int) -> FoundSecret? {
    guard let meaning = meaning(ofKeyBefore: separator) else { return nil }
    var start = separator + 1
    if byte(separator) == UInt8(ascii: ":"), byte(start) == UInt8(ascii: "=") { start += 1 }
    let spaces = end(from: start) { $0 == UInt8(ascii: " ") }
    let isSpaced = spaces > start
    guard spaces - start <= 2 else { return nil }
    start = spaces
    if meaning == .cookie {
      let end = end(from: start) { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\"") }
      return end - start >= 4 && byte(start) != UInt8(ascii: "<")
        ? FoundSecret(kind: .cookie, range: start..<end) : nil
    }
    let isEscaped = byte(start) == UInt8(ascii: "\\")
    let quote = byte(isEscaped ? start + 1 : start)
    if quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") || quote == UInt8(ascii: "`") {
      let inner = start + (isEscaped ? 2 : 1)
      return quoted(inner, quote: quote, isEscaped: isEscaped, meaning: meaning)
    }
    return unquoted(
      start, meaning: meaning, isProse: isSpaced && byte(separator) == UInt8(ascii: ":"))
  }

  /// The content of `<password>…</password>`.
  func element(after bracket: Int) -> FoundSecret? {
    guard let meaning = meaning(ofKeyBefore: bracket), meaning != .cookie else { return nil }
    let end = end(from: bracket + 1) { $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: "\n") }
    guard has("</", at: end) else { return nil }
    return secretValue(bracket + 1..<end, meaning: meaning)
  }

  /// The value behind `--password `.
  func optionValue(after space: Int) -> FoundSecret? {
    let key = keyRange(before: space)
    guard key.count >= 5, has("--", at: key.lowerBound), let meaning = meaning(ofKeyBefore: space),
      meaning != .cookie
    else { return nil }
    return unquoted(space + 1, meaning: meaning, isProse: false)
  }

  /// The password of `scheme://user:password@host`, or a long token in the place of the user.
  func password(inURLAt colon: Int) -> FoundSecret? {
    guard has("://", at: colon), isLetter(byte(colon - 1)) || isDigit(byte(colon - 1)) else {
      return nil
    }
    let start = colon + 3
    // RFC 3986 §3.2 ends the authority at these; a quote or a space ends the URL in a log line.
    let end = end(from: start) { byte in
      byte > 0x20 && !#"/?#"'<>`\"#.utf8.contains(byte)
    }
    guard let at = bytes[start..<end].lastIndex(of: UInt8(ascii: "@")) else { return nil }
    guard let mark = bytes[start..<at].firstIndex(of: UInt8(ascii: ":")) else {
      return at - start >= 20 && looksRandom(start..<at)
        ? FoundSecret(kind: .token, range: start..<at) : nil
    }
    let isMasked = bytes[(mark + 1)..<at].allSatisfy {
      $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "x")
    }
    return mark + 1 == at || isMasked
      ? nil : FoundSecret(kind: .password, range: (mark + 1)..<at)
  }

  // MARK: Values

  private func quoted(_ start: Int, quote: UInt8, isEscaped: Bool, meaning: KeyMeaning)
    -> FoundSecret?
  {
    var end = start
    while end < bytes.count, bytes[end] != UInt8(ascii: "\n") {
      if isEscaped {
        if bytes[end] == UInt8(ascii: "\\"), byte(end + 1) == quote { break }
        end += 1
      } else if bytes[end] == quote {
        break
      } else {
        end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1
      }
    }
    return secretValue(start..<min(end, bytes.count), meaning: meaning)
  }

  private func unquoted(_ start: Int, meaning: KeyMeaning, isProse: Bool) -> FoundSecret? {
    let end = end(from: start) { byte in
      byte > 0x20 && !#"&,;"')}]<>"#.utf8.contains(byte)
    }
    if isNextPair(start..<end) { return nil }
    if isProse {
      // `invalid password: too short` is a sentence, `password: hunter2` is a value.
      let isWord = bytes[start..<end].allSatisfy { isLetter($0) || $0 == UInt8(ascii: ".") }
      if isWord && byte(end) == UInt8(ascii: " ") && isLetter(byte(end + 1)) { return nil }
    }
    return secretValue(start..<end, meaning: meaning)
  }

  /// Whether what stands behind `password= ` is the next pair, `user=app`, and the value is empty.
  private func isNextPair(_ range: Range<Int>) -> Bool {
    let isSpaced = byte(range.lowerBound - 1) == UInt8(ascii: " ")
    // Whoever writes `password = x` puts a space on both sides.
    guard isSpaced, byte(range.lowerBound - 2) == UInt8(ascii: "="),
      byte(range.lowerBound - 3) != UInt8(ascii: " "),
      let equals = bytes[range].firstIndex(of: UInt8(ascii: "=")),
      equals > range.lowerBound, equals + 1 < range.upperBound,
      byte(equals + 1) != UInt8(ascii: "=")
    else { return false }
    return bytes[range.lowerBound..<equals].allSatisfy {
      isLetter($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".")
    }
  }

  /// Decides whether a named value is secret, and as what it goes.
  private func secretValue(_ range: Range<Int>, meaning: KeyMeaning) -> FoundSecret? {
    guard !range.isEmpty else { return nil }
    let value = bytes[range]
    let isMask = value.allSatisfy { byte in
      byte == UInt8(ascii: "*") || byte == UInt8(ascii: "x") || byte == UInt8(ascii: ".")
        || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "#")
    }
    // `${DB_PASSWORD}`, `<nil>`, `[REDACTED]`, `{{ .Values.x }}`, `$DB_PASSWORD`, `%s`.
    let isReference = "${<[%".utf8.contains(value.first ?? 0)
    let word = String(decoding: value, as: UTF8.self).lowercased()
    guard !isMask, !isReference, !harmlessValues.contains(word) else { return nil }
    if meaning == .password { return FoundSecret(kind: .password, range: range) }
    if let known = jsonWebToken(at: range.lowerBound) ?? prefixedKey(at: range.lowerBound)
      ?? schemeCredentials(at: range.lowerBound), known.range.upperBound <= range.upperBound
    {
      return known
    }
    let isCode = range.count >= 6 && value.allSatisfy(isDigit)
    return looksRandom(range) || isCode ? FoundSecret(kind: .secret, range: range) : nil
  }

  // MARK: Keys

  /// What the key that ends before a separator means; nil when it is an ordinary key.
  private func meaning(ofKeyBefore separator: Int) -> KeyMeaning? {
    let range = keyRange(before: separator)
    guard range.count >= 3, range.count <= 64 else { return nil }
    var name: [UInt8] = []
    for byte in bytes[range] where isLetter(byte) || isDigit(byte) { name.append(lowercased(byte)) }
    let text = String(decoding: name, as: UTF8.self)
    if text == "cookie" || text == "setcookie" { return .cookie }
    // The shell's variables of these names hold directories.
    if text == "pwd" || text == "oldpwd", byte(separator + 1) == UInt8(ascii: "/") { return nil }
    if text.hasSuffix("pass") || text == "pwd" || text == "otp" || text.hasSuffix("cvc")
      || text.hasSuffix("sig")
    {
      // Short endings must be a word of their own: `bypass=`, `compass=` are none.
      let short = text.hasSuffix("pass") ? 4 : 3
      guard isWordStart(range.upperBound - short, in: range) else { return nil }
    }
    if passwordNames.contains(where: text.hasSuffix) { return .password }
    return tokenNames.contains(where: text.hasSuffix) ? .token : nil
  }

  /// Whether the key before a separator may be one of a secret: a glance that nearly all keys fail.
  func mayNameSecret(before separator: Int) -> Bool {
    var end = separator
    while end > 0, separator - end < 8, !isLetter(bytes[end - 1]) {
      if isDigit(bytes[end - 1]) || bytes[end - 1] < 0x20 { return false }
      end -= 1
    }
    guard end >= 3 else { return false }
    return mayEndSecretName(
      KeyFormat.start(bytes[end - 3] | 0x20, bytes[end - 2] | 0x20, bytes[end - 1] | 0x20))
  }

  private func isWordStart(_ index: Int, in range: Range<Int>) -> Bool {
    guard index > range.lowerBound, isLetter(byte(index - 1)) else { return true }
    let isUpper = (0x41...0x5A).contains(byte(index))
    return isUpper && !(0x41...0x5A).contains(byte(index - 1))
  }

  /// The key that ends before `separator`, quotes and one space left out.
  private func keyRange(before separator: Int) -> Range<Int> {
    var end = separator
    if byte(end - 1) == UInt8(ascii: " "), byte(separator) != UInt8(ascii: " ") { end -= 1 }
    if byte(end - 1) == UInt8(ascii: "\"") || byte(end - 1) == UInt8(ascii: "'") {
      end -= 1
      if byte(end - 1) == UInt8(ascii: "\\") { end -= 1 }
    }
    var start = end
    while start > 0, end - start <= 64,
      isLetter(bytes[start - 1]) || isDigit(bytes[start - 1])
        || "_-.".utf8.contains(bytes[start - 1])
    {
      start -= 1
    }
    return start..<max(start, end)
  }
}
