internal import DaybreakCore

/// Makes values and lines from a seed.
struct SecretMaker {
  private(set) var random: SeededRandom

  init(seed: UInt64) { random = SeededRandom(seed: seed) }

  static let digits = "0123456789"
  static let lower = "abcdefghijklmnopqrstuvwxyz"
  static let hex = "0123456789abcdef"
  static let upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
  static let alphanumeric = lower + upper + digits
  static let base64URL = alphanumeric + "-_"
  static let base64 = alphanumeric + "+/"

  mutating func number(_ range: ClosedRange<Int>) -> Int { random.within(range) }

  mutating func pick<T>(_ choices: [T]) -> T { choices[random.below(choices.count)] }

  /// Characters of an alphabet, drawn one by one.
  mutating func text(_ alphabet: String, _ count: Int) -> String {
    let characters = Array(alphabet)
    return String((0..<count).map { _ in characters[random.below(characters.count)] })
  }

  /// A word that people use in names.
  mutating func word() -> String {
    pick([
      "orders", "billing", "gateway", "checkout", "search", "mailer", "ledger", "catalog", "worker",
      "session", "inventory", "reports", "auth", "frontend", "scheduler",
    ])
  }

  /// A password as people choose them: no spaces, and none of the characters that end a value.
  mutating func password() -> String {
    switch number(0...3) {
    case 0: pick(["hunter", "Winter", "dragon", "qwerty", "S0mmer"]) + "\(number(1...9999))"
    case 1:
      text(Self.alphanumeric, 1) + text(Self.alphanumeric + "!#$%*+-.^_~", number(9...22)) + "7"
    case 2: "\(pick(["correct", "blue", "tiny"]))-\(pick(["horse", "whale", "fox"]))-\(word())"
    default: text(Self.base64URL, number(12...24)) + "1a"
    }
  }

  /// Digits that end in the check digit of Luhn.
  mutating func luhn(_ prefix: String, _ count: Int) -> String {
    var digits = (prefix + text(Self.digits, count - 1 - prefix.count)).compactMap(
      \.wholeNumberValue)
    var sum = 0
    for (place, digit) in digits.reversed().enumerated() {
      let doubled = digit * (place % 2 == 0 ? 2 : 1)
      sum += doubled > 9 ? doubled - 9 : doubled
    }
    digits.append((10 - sum % 10) % 10)
    return digits.map(String.init).joined()
  }

  /// A log line around a text.
  mutating func line(_ text: String) -> String {
    let time =
      "2026-03-\(number(10...28))T\(number(10...23)):\(number(10...59)):\(number(10...59)).\(number(100...999))Z"
    switch number(0...4) {
    case 0: return "\(time) ERROR [\(word())] \(text)"
    case 1: return "\(time) \(word())[\(number(100...9999))]: \(text) (attempt \(number(1...5)))"
    case 2: return "level=warn ts=\(time) caller=\(word()).go:\(number(10...900)) msg=retry \(text)"
    case 3: return "\(text)"
    default: return "Mar \(number(10...28)) host-\(number(1...40)) \(word()): \(text); giving up"
    }
  }
}
