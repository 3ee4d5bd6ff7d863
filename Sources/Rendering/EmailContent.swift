/// A mail before it is put into MIME: the same words as Markdown and as HTML.
package struct EmailContent: Hashable, Sendable {
  /// One line, fit for display, not encoded for a header: `[acme] 12 Mar: 2 incidents, 3 new`.
  package let subject: String
  /// The `text/plain` part.
  package let markdown: String
  /// The `text/html` part: a whole document.
  package let html: String

  package init(subject: String, markdown: String, html: String) {
    self.subject = subject
    self.markdown = markdown
    self.html = html
  }
}
