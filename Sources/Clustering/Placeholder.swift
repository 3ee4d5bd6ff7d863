/// The kinds of variable parts that a template names.
///
/// The raw value is the byte behind the mark in masked bytes (`MaskedBytes`) and is part of the fold
/// file's format: values are never changed, only added.
package enum Placeholder: UInt8, CaseIterable, Sendable {
  /// A number: sign, thousands, fraction and exponent included, or a dotted version.
  case number = 1
  /// An IPv4 or IPv6 address without its port.
  case address = 2
  /// Hexadecimal digits, with or without `0x`.
  case hexadecimal = 3
  /// A UUID in its canonical form.
  case uuid = 4
  /// A rooted file or request path.
  case path = 5
  /// A URL with everything that belongs to it.
  case url = 6
  /// A date, a time of day or both.
  case time = 7
  /// A length of time with its unit: `12ms`, `1h3m`, `0.2 s`.
  case duration = 8
  /// A number of bytes with its unit: `4KB`, `3.4 MiB`.
  case size = 9
  /// An e-mail address.
  case email = 10
  /// What stands between quotation marks; may be empty.
  case string = 11
  /// A hardware address of six bytes.
  case mac = 12
  /// Base64 or another dense encoding.
  case base64 = 13
  /// A word that mixes letters and digits without a plain order.
  case identifier = 14
  /// `true` or `false`.
  case boolean = 15
  /// One value without blanks: a value behind `key=`, or a position that refining found variable.
  case value = 16
  /// Any text, blanks and newlines included; may be empty.
  case text = 17
  /// One word that a full table masked (see `Coarsening`); prints as `<*>` does.
  case word = 18
  /// The name of a host, without its port.
  case host = 19

  /// The name between `<` and `>` in a template's text.
  package var name: String {
    switch self {
    case .number: "num"
    case .address: "ip"
    case .hexadecimal: "hex"
    case .uuid: "uuid"
    case .path: "path"
    case .url: "url"
    case .time: "time"
    case .duration: "dur"
    case .size: "size"
    case .email: "email"
    case .string: "str"
    case .mac: "mac"
    case .base64: "b64"
    case .identifier: "id"
    case .boolean: "bool"
    case .value, .word: "*"
    case .text: "text"
    case .host: "host"
    }
  }

  /// The placeholder as a template shows it: `<num>`.
  package var spelling: String { "<\(name)>" }

  /// The narrowest kind that covers both: the same, or one that takes any value.
  func joined(with other: Placeholder) -> Placeholder {
    if self == other { return self }
    if self == .text || other == .text { return .text }
    // Where one line has a name and another the address, it is the place of a host.
    if Set([self, other]) == [.address, .host] { return .host }
    // A quoted string may hold blanks or nothing, which `<*>` does not match.
    if self == .string || other == .string { return .string }
    // Times, durations and sizes may hold a blank.
    let spaced: Set<Placeholder> = [.time, .duration, .size]
    return spaced.contains(self) || spaced.contains(other) ? .text : .value
  }
}
