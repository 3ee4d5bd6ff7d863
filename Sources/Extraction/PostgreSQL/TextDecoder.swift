import Foundation

/// Turns text of one of PostgreSQL's server encodings into UTF-8, by iconv.
///
/// Bytes that the encoding does not define become U+FFFD; where the C library does not know the
/// encoding, bytes stay as they are.
final class TextDecoder {
  private let converter: iconv_t?
  private var output = [UInt8](repeating: 0, count: 4096)

  /// Makes a decoder; nil stands for text that is UTF-8 already.
  init(encoding: String?) {
    guard let encoding else {
      converter = nil
      return
    }
    let opened = iconv_open("UTF-8", TextDecoder.name(of: encoding))
    // The library's mark of failure is the pointer -1.
    converter = opened == iconv_t(bitPattern: -1) ? nil : opened
  }

  deinit {
    if let converter { iconv_close(converter) }
  }

  /// Lends the text as UTF-8; ASCII and everything that needs no conversion is passed on as it is.
  ///
  /// - Parameter bytes: text as the server stores it.
  /// - Returns: valid until the next call.
  func decode(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    // Every server encoding has ASCII as ASCII (PostgreSQL 15 manual, §24.3.1).
    guard let converter, bytes.contains(where: { $0 >= 0x80 }) else { return bytes }
    // No character takes more bytes in UTF-8 than three for each byte it had.
    let needed = bytes.count * 3 + 3
    if output.count < needed { output = [UInt8](repeating: 0, count: needed) }
    let count = output.withUnsafeMutableBufferPointer { convert(bytes, into: $0, converter) }
    return output.withUnsafeBytes { UnsafeRawBufferPointer(rebasing: $0[..<count]) }
  }

  private func convert(
    _ bytes: UnsafeRawBufferPointer, into output: UnsafeMutableBufferPointer<UInt8>,
    _ converter: iconv_t
  ) -> Int {
    var source = bytes.baseAddress.map {
      UnsafeMutablePointer(mutating: $0.assumingMemoryBound(to: CChar.self))
    }
    var sourceLeft = bytes.count
    let start = output.baseAddress.map { UnsafeMutableRawPointer($0) }
    var target = start?.assumingMemoryBound(to: CChar.self)
    var targetLeft = output.count
    iconv(converter, nil, nil, nil, nil)
    while sourceLeft > 0 {
      if iconv(converter, &source, &sourceLeft, &target, &targetLeft) != -1 { break }
      // An invalid or cut sequence: its first byte is replaced, the rest tried again.
      guard sourceLeft > 0, targetLeft >= 3, let place = target else { break }
      for (offset, byte) in [0xEF, 0xBF, 0xBD].enumerated() {
        place[offset] = CChar(bitPattern: UInt8(byte))
      }
      target = place + 3
      targetLeft -= 3
      source = source.map { $0 + 1 }
      sourceLeft -= 1
    }
    return output.count - targetLeft
  }

  /// The C library's name of an encoding.
  ///
  /// Source: PostgreSQL 15 manual, table 24.3; glibc's `iconv -l`.
  private static func name(of encoding: String) -> String {
    switch encoding {
    case "LATIN2": "ISO-8859-2"
    case "LATIN3": "ISO-8859-3"
    case "LATIN4": "ISO-8859-4"
    case "LATIN5": "ISO-8859-9"
    case "LATIN6": "ISO-8859-10"
    case "LATIN7": "ISO-8859-13"
    case "LATIN8": "ISO-8859-14"
    case "LATIN9": "ISO-8859-15"
    case "LATIN10": "ISO-8859-16"
    case "KOI8R": "KOI8-R"
    case "KOI8U": "KOI8-U"
    case "EUC_JIS_2004": "EUC-JISX0213"
    case _ where encoding.hasPrefix("WIN"): "CP" + encoding.dropFirst(3)
    default: String(encoding.map { $0 == "_" ? "-" : $0 })
    }
  }
}
