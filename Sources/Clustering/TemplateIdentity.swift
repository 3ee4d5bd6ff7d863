/// The form in which patterns are compared.
enum TemplateIdentity {
  /// Appends a pattern.
  static func append(
    _ masked: UnsafeBufferPointer<UInt8>, _ units: [TemplateUnit], to key: inout [UInt8]
  ) {
    for (place, unit) in units.enumerated() {
      append(masked, unit, isEdge: place == 0 || place == units.count - 1, to: &key)
    }
  }

  /// Appends a unit: a variable as `<*>`, a run of blanks as one, and none at the edge of a line.
  static func append(
    _ masked: UnsafeBufferPointer<UInt8>, _ unit: TemplateUnit, isEdge: Bool,
    to key: inout [UInt8]
  ) {
    let bytes = UnsafeBufferPointer(rebasing: masked[Int(unit.start)..<Int(unit.end)])
    switch unit.kind {
    case .word: key.append(contentsOf: bytes)
    case .variable: key += [placeholderMark, Placeholder.value.rawValue]
    case .separator: appendSeparator(bytes, isEdge: isEdge, to: &key)
    }
  }

  private static func appendSeparator(
    _ bytes: UnsafeBufferPointer<UInt8>, isEdge: Bool, to key: inout [UInt8]
  ) {
    var isBlankRun = false
    for byte in bytes {
      if byte == 0x20 || byte == 0x09 {
        isBlankRun = true
        continue
      }
      if isBlankRun, !(isEdge && key.isEmpty) { key.append(0x20) }
      isBlankRun = false
      key.append(byte)
    }
    if isBlankRun, !isEdge { key.append(0x20) }
  }
}
