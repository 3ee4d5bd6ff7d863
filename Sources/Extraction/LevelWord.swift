package import DaybreakCore

/// Reads the words and numbers by which log formats name a level.
package enum LevelWord {
  /// Reads a level field: a word in any case, a letter, or a number.
  ///
  /// - Parameter text: the value of a level label or field, such as `warning`, `W` or `40`.
  /// - Returns: its level; nil for an empty value, `unknown` or anything else.
  package static func level(_ text: String) -> Level? {
    Array(text.utf8).withUnsafeBytes { level($0) }
  }

  /// Reads a level field: a word in any case, a letter, or a number.
  ///
  /// - Parameter bytes: the value of a level label or field, such as `warning`, `W` or `40`.
  /// - Returns: its level; nil for an empty value, `unknown` or anything else.
  package static func level(_ bytes: UnsafeRawBufferPointer) -> Level? {
    var trimmed = bytes
    while let first = trimmed.first, first == 0x20 {
      trimmed = UnsafeRawBufferPointer(rebasing: trimmed.dropFirst())
    }
    while let last = trimmed.last, last == 0x20 {
      trimmed = UnsafeRawBufferPointer(rebasing: trimmed.dropLast())
    }
    guard let first = trimmed.first else { return nil }
    if first &- 0x30 < 10 { return level(number: trimmed) }
    if trimmed.count == 1 { return level(letter: first) }
    return word(trimmed)
  }

  /// Reads a whole word in any case; nil for single letters, numbers and everything else.
  ///
  /// The word is packed into one integer in lower case, so that no comparison loops.
  @inline(__always)
  static func word(_ bytes: UnsafeRawBufferPointer) -> Level? {
    guard (2...11).contains(bytes.count) else { return nil }
    var packed: UInt64 = 0
    var rest: UInt64 = 0
    for offset in 0..<bytes.count {
      let lower = UInt64(bytes[offset] | 0x20)
      if offset < 8 { packed = packed << 8 | lower } else { rest = rest << 8 | lower }
    }
    return rest == 0 ? short(packed) : long(packed, rest)
  }

  /// Reads a whole word of two to eight letters, of which eight bytes can be read.
  @inline(__always)
  static func shortWord(_ base: UnsafeRawPointer, count: Int) -> Level? {
    let bytes = UInt64(bigEndian: base.loadUnaligned(as: UInt64.self)) | 0x2020_2020_2020_2020
    return short(bytes >> UInt64(8 * (8 - count)))
  }

  /// Reads the letters of klog, glog and Android.
  static func level(letter: UInt8) -> Level? {
    switch letter | 0x20 {
    case UInt8(ascii: "t"), UInt8(ascii: "v"): .trace
    case UInt8(ascii: "d"): .debug
    case UInt8(ascii: "i"), UInt8(ascii: "n"): .info
    case UInt8(ascii: "w"): .warn
    case UInt8(ascii: "e"): .error
    case UInt8(ascii: "c"), UInt8(ascii: "a"): .critical
    case UInt8(ascii: "f"), UInt8(ascii: "p"): .fatal
    default: nil
    }
  }

  /// Reads numbers where only one scheme has them: 0–7 are syslog's severities (RFC 5424 §6.2.1),
  /// 10–60 pino's and Bunyan's.
  private static func level(number bytes: UnsafeRawBufferPointer) -> Level? {
    guard bytes.count <= 2 else { return nil }
    var number = 0
    for byte in bytes {
      guard byte &- 0x30 < 10 else { return nil }
      number = number * 10 + Int(byte &- 0x30)
    }
    return if bytes.count == 1 { level(syslogSeverity: number) } else { level(pino: number) }
  }

  /// Reads a syslog severity; nil above 7.
  static func level(syslogSeverity severity: Int) -> Level? {
    switch severity {
    case 0: .fatal
    case 1, 2: .critical
    case 3: .error
    case 4: .warn
    case 5, 6: .info
    case 7: .debug
    default: nil
    }
  }

  /// Reads OpenTelemetry's severity number, 1 to 24 in steps of four.
  static func level(openTelemetry number: Int) -> Level? {
    switch number {
    case 1...4: .trace
    case 5...8: .debug
    case 9...12: .info
    case 13...16: .warn
    case 17...20: .error
    case 21...24: .fatal
    default: nil
    }
  }

  private static func level(pino number: Int) -> Level? {
    switch number {
    case 10: .trace
    case 20: .debug
    case 30: .info
    case 40: .warn
    case 50: .error
    case 60: .fatal
    default: nil
    }
  }

  /// Words of two to eight letters.
  private static func short(_ packed: UInt64) -> Level? {
    switch packed {
    case pack("trace"), pack("trc"), pack("finer"), pack("finest"), pack("verbose"), pack("vrb"),
      pack("vrbs"), pack("silly"):
      .trace
    case pack("debug"), pack("dbg"), pack("debg"), pack("dbug"), pack("fine"), pack("config"),
      pack("debug1"), pack("debug2"), pack("debug3"), pack("debug4"), pack("debug5"):
      .debug
    case pack("info"), pack("inf"), pack("notice"), pack("note"), pack("ntc"), pack("ok"),
      pack("success"), pack("log"), pack("inform"):
      .info
    case pack("warn"), pack("warning"), pack("wrn"), pack("warnings"): .warn
    case pack("error"), pack("err"), pack("eror"), pack("severe"), pack("failure"), pack("errors"):
      .error
    case pack("critical"), pack("crit"), pack("crt"), pack("alert"), pack("alrt"), pack("dpanic"):
      .critical
    case pack("fatal"), pack("ftl"), pack("fata"), pack("panic"), pack("pnc"), pack("emerg"),
      pack("emrg"):
      .fatal
    default: nil
    }
  }

  /// Words of nine to eleven letters.
  private static func long(_ packed: UInt64, _ rest: UInt64) -> Level? {
    switch (packed, rest) {
    case (pack("informat"), pack("ion")): .info
    case (pack("emergenc"), pack("y")): .fatal
    default: nil
    }
  }

  @inline(__always)
  private static func pack(_ word: StaticString) -> UInt64 {
    var packed: UInt64 = 0
    for offset in 0..<word.utf8CodeUnitCount {
      packed = packed << 8 | UInt64(word.utf8Start[offset])
    }
    return packed
  }
}
