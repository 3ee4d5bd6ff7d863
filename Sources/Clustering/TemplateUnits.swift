/// One part of a pattern as the comparison of patterns sees it.
struct TemplateUnit: Hashable, Sendable {
  enum Kind: UInt8, Sendable {
    /// A constant word.
    case word
    /// Blanks and punctuation.
    case separator
    /// Something that varies, with all that belongs to it.
    case variable
  }

  var kind: Kind
  /// First byte, in the masked bytes.
  var start: Int32
  /// Behind the last byte.
  var end: Int32
}

/// Splits masked bytes into units.
///
/// A word is what stands between the delimiters of Khan et al., "Guidelines for Assessing the Accuracy
/// of Log Message Template Identification Techniques" (ICSE 2022): blanks and
/// `, ! ; : = | " ' [ ] ( ) { } . - + @ # $ % & < >`. A word that holds a placeholder is variable as a
/// whole, and variables that only marks join are one.
struct TemplateUnitReader {
  /// What the units are for.
  enum Form {
    /// To tell whether two patterns are the same event. Besides placeholders these are variable: words
    /// with a digit, the value behind `key=`, the inside of an empty pair of brackets, a unit
    /// behind a number, the context in front (`TemplateContext`); and a row of variables is one.
    case identity
    /// To print a template as published truths write it: only placeholders are variable.
    case plain
  }

  let form: Form
  private(set) var units: [TemplateUnit] = []
  /// Placeholders and words with digits in the last unit while it is variable.
  private var parts = 0
  /// The placeholder that the last unit ends with.
  private var ending: Placeholder?
  private var context = TemplateContext()
  /// The first unit behind the context.
  private var firstOfMessage = 0

  init(form: Form) { self.form = form }

  /// Reads masked bytes into `units`.
  mutating func read(_ masked: UnsafeBufferPointer<UInt8>) {
    units.removeAll(keepingCapacity: true)
    parts = 0
    ending = nil
    firstOfMessage = 0
    if form == .identity { context.read(masked) }
    var contexts = context.parts[...]
    var index = 0
    // Plus signs in front of a word that belong to it.
    var plusSigns = 0
    while index < masked.count {
      let start = index
      if let part = contexts.first, part.lowerBound == start {
        contexts.removeFirst()
        index = part.upperBound
        // The context is no value of the message's: it starts no row.
        units.append(TemplateUnit(kind: .variable, start: Int32(start), end: Int32(index)))
        ending = nil
        firstOfMessage = units.count
      } else if UnitByte.isDelimiter(masked[index]) {
        let limit = contexts.first?.lowerBound ?? masked.count
        while index < limit, UnitByte.isDelimiter(masked[index]) { index += 1 }
        plusSigns = index == contexts.first?.lowerBound ? 0 : leadingPlus(masked, start, index)
        appendSeparator(masked, start, index - plusSigns)
      } else {
        index = readPart(masked, from: start, plusSigns: plusSigns)
        plusSigns = 0
      }
    }
  }

  /// Reads a value or a word with the plus signs in front of it; returns its end.
  private mutating func readPart(
    _ masked: UnsafeBufferPointer<UInt8>, from start: Int, plusSigns: Int
  ) -> Int {
    guard form == .identity else { return readWord(masked, from: start, plusSigns: plusSigns) }
    let valueEnd =
      isValueStart(masked, start)
      ? valueEnd(masked, from: start)
      : quotedWordEnd(masked, from: start) ?? listEnd(masked, from: start)
        ?? indexedNameEnd(masked, from: start) ?? hexDumpEnd(masked, from: start)
    guard let valueEnd else { return readWord(masked, from: start, plusSigns: plusSigns) }
    appendVariable(masked, start - plusSigns, valueEnd, parts: 1, ending: nil)
    return valueEnd
  }

  /// Where a word between apostrophes ends; nil for any other.
  private func quotedWordEnd(_ masked: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    let quote = UInt8(ascii: "'")
    guard start > 0, masked[start - 1] == quote else { return nil }
    var index = start
    while index < masked.count, masked[index].isLetter { index += 1 }
    return index > start && index < masked.count && masked[index] == quote ? index : nil
  }

  /// Where a name with a range of numbers behind it ends: `node[<num>-<num>]`; nil for anything else.
  private func indexedNameEnd(_ masked: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    var index = start
    while index < masked.count, masked[index].isWord { index += 1 }
    guard index < masked.count, masked[index] == UInt8(ascii: "[") else { return nil }
    var hasRange = false
    index += 1
    while index < masked.count, masked[index] != UInt8(ascii: "]") {
      let byte = masked[index]
      let isNumber = byte == placeholderMark || byte.isDigit
      let isMark = byte == UInt8(ascii: "-") || byte == UInt8(ascii: ",")
      guard isNumber || isMark else { return nil }
      hasRange = hasRange || isMark
      index += byte == placeholderMark ? 2 : 1
    }
    return hasRange && index < masked.count ? index + 1 : nil
  }

  /// Where six pairs of hexadecimal digits or more end, with blanks between them: `d0 <num> b6 …`, as a
  /// dump of bytes is masked; nil for fewer.
  private func hexDumpEnd(_ masked: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    var index = start
    var pairs = 0
    var end = start
    while index + 1 < masked.count {
      let isPair =
        masked[index].isHexDigit && masked[index + 1].isHexDigit
        || masked[index] == placeholderMark && masked[index + 1] == Placeholder.number.rawValue
      guard isPair, index + 2 == masked.count || masked[index + 2].isBlank else { break }
      pairs += 1
      end = index + 2
      guard end < masked.count, masked[end] == 0x20 else { break }
      index = end + 1
    }
    return pairs >= 6 ? end : nil
  }

  /// Where a list of words between brackets ends, before its bracket: `[orders, users]`; nil for
  /// anything else.
  private func listEnd(_ masked: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    guard start > 0, UnitByte.opens(masked[start - 1]) else { return nil }
    var index = start
    var commas = 0
    var isInItem = false
    while index < masked.count, !UnitByte.isPair(masked[start - 1], masked[index]) {
      let byte = masked[index]
      if byte == UInt8(ascii: ",") {
        guard isInItem else { return nil }
        commas += 1
        isInItem = false
        if index + 1 < masked.count, masked[index + 1] == 0x20 { index += 1 }
      } else if byte == placeholderMark {
        isInItem = true
        index += 1
      } else {
        guard byte.isWord || byte == UInt8(ascii: "_") || UnitByte.isInner(byte),
          byte != UInt8(ascii: ":")
        else { return nil }
        isInItem = true
      }
      index += 1
    }
    return index < masked.count && commas > 0 && isInItem ? index : nil
  }

  /// Reads a word; returns its end.
  private mutating func readWord(
    _ masked: UnsafeBufferPointer<UInt8>, from start: Int, plusSigns: Int
  ) -> Int {
    var index = start
    var placeholders = 0
    var hasDigit = false
    var last: Placeholder?
    while index < masked.count {
      let byte = masked[index]
      if byte == placeholderMark, index + 1 < masked.count {
        if masked[index + 1] != literalMark {
          placeholders += 1
          last = Placeholder(rawValue: masked[index + 1])
        }
        index += 2
        continue
      }
      if UnitByte.isDelimiter(byte) { break }
      last = nil
      hasDigit = hasDigit || byte.isDigit
      index += 1
    }
    let start = start - plusSigns
    if form == .plain, placeholders > 0, isProtocolBehindPath(masked, start) {
      units.removeLast()
      units[units.count - 1].end = Int32(index)
      ending = last
    } else if placeholders > 0 || (form == .identity && hasDigit) {
      appendVariable(masked, start, index, parts: max(placeholders, 1), ending: last)
    } else if form == .identity, isTail(masked) {
      units.removeLast()
      units[units.count - 1].end = Int32(index)
      ending = nil
    } else if form == .identity, isUnitBehindNumber(masked, start, index) {
      units.removeLast()
      units[units.count - 1].end = Int32(index)
      ending = nil
    } else {
      units.append(TemplateUnit(kind: .word, start: Int32(start), end: Int32(index)))
    }
    return index
  }

  /// Appends a variable, or lengthens the one that only marks separate it from.
  private mutating func appendVariable(
    _ masked: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int, parts: Int,
    ending: Placeholder?
  ) {
    var unit = TemplateUnit(kind: .variable, start: Int32(start), end: Int32(end))
    var total = parts
    if units.count - 2 >= firstOfMessage, units[units.count - 2].kind == .variable,
      isJoint(masked, units[units.count - 1])
    {
      unit.start = units[units.count - 2].start
      units.removeLast(2)
      total += self.parts
    } else if units.count > firstOfMessage, let last = units.last, last.kind == .variable {
      unit.start = last.start
      units.removeLast()
      total += self.parts
    }
    if total >= 2 || form == .identity { takePrefix(masked, &unit, isComposed: total >= 2) }
    units.append(unit)
    self.parts = total
    self.ending = ending
  }

  /// Takes the words that are joined to the front of a value: by hyphens and plus signs to any
  /// (`rack-<num>`, `dfb+<*>` of Base64), by dots to a composed one (`sa.<num>:<num>`).
  private mutating func takePrefix(
    _ masked: UnsafeBufferPointer<UInt8>, _ unit: inout TemplateUnit, isComposed: Bool
  ) {
    while units.count >= 2, units[units.count - 2].kind == .word,
      units[units.count - 1].kind == .separator
    {
      let joint = units[units.count - 1]
      guard
        joint.end - joint.start == 1
          && (masked[Int(joint.start)] == UInt8(ascii: "-")
            || isComposed && masked[Int(joint.start)] == UInt8(ascii: "."))
          || isPlus(masked, joint)
      else { return }
      unit.start = units[units.count - 2].start
      units.removeLast(2)
    }
  }

  /// Tells whether a separator is plus signs alone, as in Base64 (RFC 4648 §4).
  private func isPlus(_ masked: UnsafeBufferPointer<UInt8>, _ unit: TemplateUnit) -> Bool {
    for index in Int(unit.start)..<Int(unit.end) where masked[index] != UnitByte.plus {
      return false
    }
    return true
  }

  /// How many plus signs at the end of a separator start the word behind it: `session=<+GH`.
  private func leadingPlus(
    _ masked: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int
  ) -> Int {
    guard form == .identity, end < masked.count, !UnitByte.isDelimiter(masked[end]) else {
      return 0
    }
    var first = end
    while first > start, masked[first - 1] == UnitByte.plus { first -= 1 }
    return first > start && first < end && !masked[first - 1].isBlank ? end - first : 0
  }

  /// Lengthens a value by what pads it in Base64: plus signs that another mark follows (`<<*>+>`), equals
  /// signs at its end (`<*>= does`); returns where the separator starts.
  private mutating func takePadding(
    _ masked: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int
  ) -> Int {
    guard form == .identity, units.count > firstOfMessage, let last = units.last,
      last.kind == .variable, Int(last.end) == start
    else { return start }
    var index = start
    while index < end, masked[index] == UnitByte.plus { index += 1 }
    guard index < end, !masked[index].isBlank || index == start else {
      return start
    }
    let padding = index
    while index < end, masked[index] == UInt8(ascii: "=") { index += 1 }
    let isEnd = index == masked.count || masked[index].isBlank || UnitByte.endsValue(masked[index])
    if index - padding > 2 || !isEnd { index = padding }
    units[units.count - 1].end = Int32(index)
    return index
  }

  /// Appends blanks and marks; an empty pair of brackets that stands alone holds an empty variable.
  private mutating func appendSeparator(
    _ masked: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int
  ) {
    var first = takePadding(masked, start, end)
    if form == .identity {
      for index in first..<end where isEmptyValue(masked, behind: index, from: start, to: end) {
        units.append(TemplateUnit(kind: .separator, start: Int32(first), end: Int32(index + 1)))
        units.append(
          TemplateUnit(kind: .variable, start: Int32(index + 1), end: Int32(index + 1)))
        parts = 1
        ending = nil
        first = index + 1
      }
    }
    guard first < end else { return }
    units.append(TemplateUnit(kind: .separator, start: Int32(first), end: Int32(end)))
  }

  /// Tells whether nothing stands behind a mark where other lines have a value: inside of a pair of
  /// brackets that stands alone (`()`, `from=<>`), behind the equals sign of a key (`rhost= user=…`), and
  /// in front of a comma that no word touches (`zone , 3 hosts`, `value:,effect`).
  private func isEmptyValue(
    _ masked: UnsafeBufferPointer<UInt8>, behind index: Int, from start: Int, to end: Int
  ) -> Bool {
    let byte = masked[index]
    let next = index + 1 < masked.count ? masked[index + 1] : 0x20
    if byte == UInt8(ascii: "=") {
      let isKey = index == start && index > 0 && masked[index - 1].isWord
      return isKey && (next.isBlank || UnitByte.endsValue(next))
    }
    guard index + 1 < end else { return false }
    if next == UInt8(ascii: ",") {
      return byte == 0x20 || byte == UInt8(ascii: ":") && index == start
    }
    guard UnitByte.isEmptyPair(byte, next) else { return false }
    return index == 0 || masked[index - 1].isBlank || masked[index - 1] == UInt8(ascii: "=")
  }

  /// Tells whether a separator only joins the variables on its sides.
  private func isJoint(_ masked: UnsafeBufferPointer<UInt8>, _ unit: TemplateUnit) -> Bool {
    guard unit.kind == .separator else { return false }
    if form == .plain {
      return unit.end - unit.start == 1 && UnitByte.isJoint(masked[Int(unit.start)])
    }
    for index in Int(unit.start)..<Int(unit.end) where !UnitByte.isRowMark(masked[index]) {
      return false
    }
    return true
  }

  /// Tells whether a value starts here: behind an equals sign with a key directly before it.
  private func isValueStart(_ masked: UnsafeBufferPointer<UInt8>, _ start: Int) -> Bool {
    guard units.count >= 2, let equals = units.last, equals.kind == .separator else { return false }
    return equals.end - equals.start == 1 && masked[start - 1] == UInt8(ascii: "=")
      && units[units.count - 2].kind != .separator
  }

  /// Where a value ends: at a blank or at a mark that closes or lists.
  private func valueEnd(_ masked: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    var index = start
    var open = 0
    while index < masked.count {
      let byte = masked[index]
      if byte == placeholderMark, index + 1 < masked.count {
        index += 2
        continue
      }
      if UnitByte.opens(byte) {
        open += 1
      } else if open > 0, UnitByte.closes(byte) {
        // `WorkSource{<num>}`: the brackets are the value's own.
        open -= 1
      } else if byte.isBlank || UnitByte.endsValue(byte) {
        break
      }
      index += 1
    }
    while index > start + 1, masked[index - 1] == UInt8(ascii: "."),
      masked[index - 2] != placeholderMark
    {
      index -= 1
    }
    return index
  }

  /// Tells whether `HTTP/<num>` stands here behind the path of a request.
  private func isProtocolBehindPath(_ masked: UnsafeBufferPointer<UInt8>, _ start: Int) -> Bool {
    guard units.count >= 2, ending == .path || ending == .url, start + 5 < masked.count,
      units[units.count - 1].kind == .separator, units[units.count - 2].kind == .variable
    else { return false }
    return masked[start..<start + 5].elementsEqual("HTTP/".utf8)
  }

  /// Tells whether a word is joined to the value before it: `<num>-rc`, `<num>.ef`.
  private func isTail(_ masked: UnsafeBufferPointer<UInt8>) -> Bool {
    guard units.count - 2 >= firstOfMessage, let joint = units.last, joint.kind == .separator,
      units[units.count - 2].kind == .variable
    else { return false }
    let mark = masked[Int(joint.start)]
    return joint.end - joint.start == 1 && (mark == UInt8(ascii: "-") || mark == UInt8(ascii: "."))
      || isPlus(masked, joint)
  }

  /// Tells whether a word is the unit of the number before it: `<num> bytes`.
  private func isUnitBehindNumber(
    _ masked: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int
  ) -> Bool {
    guard units.count >= 2, ending == .number, let blank = units.last, blank.kind == .separator,
      blank.end - blank.start == 1, masked[Int(blank.start)] == 0x20,
      units[units.count - 2].kind == .variable
    else { return false }
    return UnitByte.isUnitWord(masked, start, end)
  }
}
