/// A template with the corrections that published labels have had (Khan et al., "Guidelines for
/// Assessing the Accuracy of Log Message Template Identification Techniques", ICSE 2022): paths,
/// numbers, `true`, `null`, `root` and words that vary in part are one variable each, values that only a
/// mark joins are one, and a run of blanks is one blank.
func corrected(label: String) -> String {
  var text = label.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
  text = split(text, at: " ,!;:=|\"'[](){}").map { isPath($0) ? variable : String($0) }.joined()
  text = split(text, at: " ,!;:=|\"'[](){}.-+@#$%&").map(correctedToken).joined()
  for joint in [".", "", ":", "-", "@", "/", "#"] {
    while let range = range(of: variable + joint + variable, in: text) {
      text.replaceSubrange(range, with: variable)
    }
  }
  return text
}

private let variable = "<*>"

private func correctedToken(_ token: Substring) -> String {
  let standing = ["true", "false", "null", "root", "admin"]
  let isNumber = !token.isEmpty && token.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
  if isNumber || standing.contains(token.lowercased()) { return variable }
  let holdsVariable = range(of: variable, in: String(token)) != nil
  return holdsVariable && !token.contains("/") ? variable : String(token)
}

/// Tells whether a token is `/a/b`.
private func isPath(_ token: Substring) -> Bool {
  guard token.first == "/", token.count > 1 else { return false }
  return token.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    .allSatisfy { !$0.isEmpty }
}

/// Splits a text into delimiters and what lies between them; `<*>` holds none.
private func split(_ text: String, at delimiters: String) -> [Substring] {
  var pieces: [Substring] = []
  var start = text.startIndex
  for index in text.indices where delimiters.contains(text[index]) {
    if start < index { pieces.append(text[start..<index]) }
    pieces.append(text[index...index])
    start = text.index(after: index)
  }
  if start < text.endIndex { pieces.append(text[start...]) }
  return pieces
}

/// Where a text first holds another.
private func range(of part: String, in text: String) -> Range<String.Index>? {
  var start = text.startIndex
  while start < text.endIndex {
    if text[start...].hasPrefix(part) {
      return start..<text.index(start, offsetBy: part.count)
    }
    start = text.index(after: start)
  }
  return nil
}
