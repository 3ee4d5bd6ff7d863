/// What a redactor takes out.
package struct RedactionOptions: Hashable, Sendable {
  /// Whether IPv4 and IPv6 addresses go too; off by default, since they often are the clue.
  package var hidesAddresses: Bool
  /// The countries whose personal numbers go too; none by default, since many a number of a log has
  /// the same form.
  package var nationalNumbers: Set<NationalNumber>
  /// Further patterns, such as those of customer numbers.
  package var customPatterns: [RedactionPattern]

  package init(
    hidesAddresses: Bool = false, nationalNumbers: Set<NationalNumber> = [],
    customPatterns: [RedactionPattern] = []
  ) {
    self.hidesAddresses = hidesAddresses
    self.nationalNumbers = nationalNumbers
    self.customPatterns = customPatterns
  }
}

/// Takes secrets and personal data out of text.
///
/// Found are: e-mail addresses, JSON Web Tokens, keys and tokens that carry their maker's prefix
/// (AWS, Google, GitHub, GitLab, Slack, Stripe and others), bearer and basic credentials, private
/// keys, passwords in URLs, values of keys whose name says "password", "secret", "token" and the like
/// (`key=value`, JSON, YAML, XML, command-line options), cookies, and card numbers that pass the Luhn
/// check; addresses, personal numbers of countries and patterns of the user's own if asked. What looks
/// like none of these stays: this is a net for accidents, not a proof.
///
/// Placeholders are consistent within one redactor: the same e-mail address is `<email:1>` in every
/// text that it redacts, so that a reader still sees what belongs together. Use a new redactor for
/// each text set (the samples of one night) and give it the texts in a fixed order. Redacting twice
/// changes nothing.
package struct Redactor: Sendable {
  private let options: RedactionOptions
  /// The number of each value met, by kind and value.
  private var numbers: [String: Int] = [:]
  private var counters: [String: Int] = [:]

  package init(_ options: RedactionOptions = RedactionOptions()) { self.options = options }

  /// Redacts one text.
  ///
  /// - Parameter text: anything.
  /// - Returns: the text with `<kind:number>` in place of what was found.
  /// - Complexity: O(*n*) for ordinary text; each find looks back and ahead over its own length.
  package mutating func redact(_ text: String) -> String {
    var text = text
    let redacted = text.withUTF8 { redact($0) }
    return redacted.map { String(decoding: $0, as: UTF8.self) } ?? text
  }

  /// Redacts the bytes of one text.
  ///
  /// - Parameter bytes: UTF-8; borrowed until the call returns.
  /// - Returns: the redacted bytes; nil when there is nothing to hide.
  /// - Complexity: as `redact(_:)` for text.
  package mutating func redact(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    let scanner = SecretScanner(bytes: bytes, options: options)
    var output: [UInt8] = []
    var copied = 0
    while let found = scanner.nextSecret(from: copied) {
      output += bytes[copied..<found.range.lowerBound]
      output += placeholder(found.kind, value: bytes[found.range]).utf8
      copied = found.range.upperBound
    }
    guard copied > 0 else { return nil }
    output += bytes[copied...]
    return output
  }

  /// Keeps the numbers of placeholders that a text holds already from being given to other values.
  ///
  /// - Parameter text: what another redactor has redacted.
  package mutating func reserve(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      let scanner = SecretScanner(bytes: bytes, options: options)
      var index = 0
      while index < bytes.count {
        guard let end = scanner.placeholderEnd(at: index) else {
          index += 1
          continue
        }
        let parts = String(decoding: bytes[(index + 1)..<(end - 1)], as: UTF8.self)
          .split(separator: ":")
        if parts.count == 2, let number = Int(parts[1]) {
          let kind = String(parts[0])
          counters[kind] = max(counters[kind] ?? 0, min(number, 1_000_000_000))
        }
        index = end
      }
    }
  }

  private mutating func placeholder(_ kind: SecretKind, value: Slice<UnsafeBufferPointer<UInt8>>)
    -> String
  {
    let text = String(decoding: value, as: UTF8.self)
    let key = kind.rawValue + ":" + (kind == .email ? text.lowercased() : text)
    let number = numbers[key] ?? (counters[kind.rawValue, default: 0] + 1)
    if numbers[key] == nil {
      numbers[key] = number
      counters[kind.rawValue] = number
    }
    return "<\(kind.rawValue):\(number)>"
  }
}

/// The kinds of things that are taken out; the raw value shows in placeholders.
struct SecretKind: Hashable {
  var rawValue: String

  static let address = SecretKind(rawValue: "ip")
  static let apiKey = SecretKind(rawValue: "api-key")
  static let basicCredentials = SecretKind(rawValue: "basic-auth")
  static let card = SecretKind(rawValue: "card")
  static let cookie = SecretKind(rawValue: "cookie")
  static let email = SecretKind(rawValue: "email")
  static let jsonWebToken = SecretKind(rawValue: "jwt")
  static let nationalNumber = SecretKind(rawValue: "national-id")
  static let password = SecretKind(rawValue: "password")
  static let privateKey = SecretKind(rawValue: "private-key")
  static let secret = SecretKind(rawValue: "secret")
  static let token = SecretKind(rawValue: "token")

  /// Those that need no pattern of a user's own.
  static let builtin: Set<SecretKind> = [
    address, apiKey, basicCredentials, card, cookie, email, jsonWebToken, nationalNumber, password,
    privateKey, secret, token,
  ]
}

/// Something found, and where.
struct FoundSecret {
  var kind: SecretKind
  var range: Range<Int>
}

/// Looks for secrets around one place of a text.
struct SecretScanner {
  let bytes: UnsafeBufferPointer<UInt8>
  let options: RedactionOptions

  /// The end of a placeholder that an earlier pass left at `index`; nil when there is none.
  func placeholderEnd(at index: Int) -> Int? {
    guard bytes[index] == UInt8(ascii: "<") else { return nil }
    let colon = end(from: index + 1) { isLetter($0) || $0 == UInt8(ascii: "-") }
    let end = end(from: colon + 1, while: isDigit)
    guard byte(colon) == UInt8(ascii: ":"), end > colon + 1, byte(end) == UInt8(ascii: ">"),
      isKind(String(decoding: bytes[(index + 1)..<colon], as: UTF8.self))
    else { return nil }
    return end + 1
  }

  private func isKind(_ name: String) -> Bool {
    SecretKind.builtin.contains(SecretKind(rawValue: name))
      || options.customPatterns.contains { $0.name == name }
  }

  // MARK: Bytes

  /// The byte at a place; 0 outside the text.
  func byte(_ index: Int) -> UInt8 { index >= 0 && index < bytes.count ? bytes[index] : 0 }

  /// Whether no word reaches into `index` from before.
  func isTokenStart(_ index: Int) -> Bool {
    !isWordByte(byte(index - 1))
      && !(byte(index - 1) == UInt8(ascii: "-") && isWordByte(byte(index - 2)))
  }

  /// Whether `text` (ASCII) stands at `index`; in any case if asked.
  func has(_ text: StaticString, at index: Int, ignoringCase: Bool = false) -> Bool {
    guard index >= 0, index + text.utf8CodeUnitCount <= bytes.count else { return false }
    return (0..<text.utf8CodeUnitCount).allSatisfy { offset in
      let wanted = text.utf8Start[offset]
      let found = bytes[index + offset]
      return found == wanted || ignoringCase && lowercased(found) == lowercased(wanted)
    }
  }

  /// The end of the run of bytes from `index` that satisfy a test.
  func end(from index: Int, while isMember: (UInt8) -> Bool) -> Int {
    var end = index
    while end < bytes.count, isMember(bytes[end]) { end += 1 }
    return end
  }
}

func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte & 0xDF) }
func isWordByte(_ byte: UInt8) -> Bool {
  isDigit(byte) || isLetter(byte) || byte == UInt8(ascii: "_") || byte >= 0x80
}
func lowercased(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }

/// The alphabet of base64url (RFC 4648 §5).
func isBase64URL(_ byte: UInt8) -> Bool {
  isDigit(byte) || isLetter(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
}

/// The alphabet of `token68` (RFC 9110 §11.2), which bearer tokens and basic credentials use.
func isToken68(_ byte: UInt8) -> Bool {
  isBase64URL(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "~")
    || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "/") || byte == UInt8(ascii: "=")
}
