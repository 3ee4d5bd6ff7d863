internal import DaybreakCore

/// A mailbox (RFC 5322 §3.4): an address and, as it may be, whose it is.
///
/// The address is a dot-atom in ASCII at a host name, which is what job files hold; quoted local parts,
/// address literals and internationalised addresses are refused with words.
package struct MailAddress: Hashable, Sendable {
  /// The words before the address; empty when there are none.
  package let name: String
  /// `local@host`.
  package let address: String

  /// The host after the `@`.
  package var domain: String { String(address[address.index(after: atSign)...]) }

  /// Reads `local@host` or `Name <local@host>`.
  ///
  /// - Parameters:
  ///   - text: the mailbox as a person writes it.
  ///   - setting: where it stands, for the error: `notify.email.from`.
  /// - Throws: `NotificationError.invalidAddress`.
  package init(_ text: String, setting: String) throws(NotificationError) {
    func refused(_ reason: String) -> NotificationError {
      .invalidAddress(setting: setting, reason: reason)
    }
    guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
      throw refused("an address holds no line breaks or control characters")
    }
    let (name, address) = MailAddress.split(text)
    guard address.utf8.allSatisfy({ $0 < 0x80 }) else {
      throw refused("only addresses in ASCII can be used")
    }
    guard MailAddress.isAddress(address) else {
      throw refused("`\(displayText(text))` is no mail address")
    }
    self.name = displayText(name)
    self.address = address
  }

  private var atSign: String.Index { address.lastIndex(of: "@") ?? address.startIndex }

  /// Parts a name from an address in angle brackets.
  private static func split(_ text: String) -> (name: String, address: String) {
    let trimmed = Substring(text).trimmingSpaces
    guard trimmed.hasSuffix(">"), let bracket = trimmed.lastIndex(of: "<") else {
      return ("", String(trimmed))
    }
    var name = trimmed[..<bracket].trimmingSpaces
    if name.count >= 2, name.hasPrefix("\""), name.hasSuffix("\"") {
      name = name.dropFirst().dropLast()
    }
    return (String(name), String(trimmed[trimmed.index(after: bracket)...].dropLast()))
  }

  private static func isAddress(_ text: String) -> Bool {
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count == 2, text.utf8.count <= 254, parts[0].utf8.count <= 64 else { return false }
    let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
    return isDotAtom(parts[0])
      && labels.allSatisfy { label in
        (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
          && label.utf8.allSatisfy { isAlphanumeric($0) || $0 == 0x2D }
      }
  }

  private static func isDotAtom(_ text: Substring) -> Bool {
    text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { atom in
      !atom.isEmpty && atom.utf8.allSatisfy(isAtomByte)
    }
  }
}

extension Substring {
  /// Without spaces at both ends.
  fileprivate var trimmingSpaces: Substring {
    var rest = self
    while rest.hasPrefix(" ") { rest.removeFirst() }
    while rest.hasSuffix(" ") { rest.removeLast() }
    return rest
  }
}

func isAlphanumeric(_ byte: UInt8) -> Bool {
  (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
}

/// Tells whether a byte may stand in an atom (RFC 5322 §3.2.3, `atext`).
func isAtomByte(_ byte: UInt8) -> Bool {
  isAlphanumeric(byte) || Array("!#$%&'*+-/=?^_`{|}~".utf8).contains(byte)
}
