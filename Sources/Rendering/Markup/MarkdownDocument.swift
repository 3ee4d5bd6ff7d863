internal import CMarkdown
import Foundation

/// A parsed Markdown text (CommonMark, by libcmark) that turns into HTML in which nothing of the
/// text can act: raw HTML shows as text, images become their words.
struct MarkdownDocument: ~Copyable {
  private let root: OpaquePointer

  /// Parses a text.
  ///
  /// - Throws: `RenderingError.markdown` without memory.
  init(_ text: String) throws(RenderingError) {
    var text = text
    let node = text.withUTF8 { utf8 in
      utf8.withMemoryRebound(to: CChar.self) {
        cmark_parse_document($0.baseAddress, $0.count, CMARK_OPT_DEFAULT | CMARK_OPT_VALIDATE_UTF8)
      }
    }
    guard let node else { throw .markdown }
    root = node
  }

  deinit { cmark_node_free(root) }

  /// The text as XHTML.
  ///
  /// Links stay; `javascript:` and its like lose their target.
  ///
  /// - Parameter bars: draws a paragraph that holds nothing but a code span of block elements (`▁` to `█`),
  ///   which is how text shows a series; nil leaves it as it is.
  /// - Returns: markup without active parts.
  /// - Throws: `RenderingError.markdown` without memory.
  func html(bars: ((String) -> HTML)? = nil) throws(RenderingError) -> HTML {
    for node in nodes() { disarm(node) }
    if let bars { for node in nodes() { drawBars(node, bars) } }
    guard let rendered = cmark_render_html(root, CMARK_OPT_DEFAULT | CMARK_OPT_SAFE) else {
      throw .markdown
    }
    defer { free(rendered) }
    return HTML(trusted: String(cString: rendered))
  }

  /// All nodes in order, taken before any is changed, as an iterator does not outlive changes.
  private func nodes() -> [OpaquePointer] {
    guard let iterator = cmark_iter_new(root) else { return [] }
    defer { cmark_iter_free(iterator) }
    var nodes: [OpaquePointer] = []
    while true {
      let event = cmark_iter_next(iterator)
      if event == CMARK_EVENT_DONE { return nodes }
      if event == CMARK_EVENT_EXIT, let node = cmark_iter_get_node(iterator) { nodes.append(node) }
      if event == CMARK_EVENT_ENTER, let node = cmark_iter_get_node(iterator),
        cmark_node_first_child(node) == nil, isLeaf(node)
      {
        nodes.append(node)
      }
    }
  }

  /// Whether libcmark's iterator gives a node no exit event (cmark(3), "Iterator").
  private func isLeaf(_ node: OpaquePointer) -> Bool {
    let leaves = [
      CMARK_NODE_HTML_BLOCK, CMARK_NODE_THEMATIC_BREAK, CMARK_NODE_CODE_BLOCK, CMARK_NODE_TEXT,
      CMARK_NODE_SOFTBREAK, CMARK_NODE_LINEBREAK, CMARK_NODE_CODE, CMARK_NODE_HTML_INLINE,
    ]
    return leaves.contains(cmark_node_get_type(node))
  }

  private func disarm(_ node: OpaquePointer) {
    switch cmark_node_get_type(node) {
    case CMARK_NODE_HTML_INLINE: replace(node, by: CMARK_NODE_TEXT)
    case CMARK_NODE_HTML_BLOCK: replaceBlock(node)
    case CMARK_NODE_IMAGE: spellOut(node)
    default: break
    }
  }

  /// Puts a node of another kind with the same text in the place of one.
  private func replace(_ node: OpaquePointer, by kind: cmark_node_type) {
    guard let copy = cmark_node_new(kind) else { return }
    cmark_node_set_literal(copy, cmark_node_get_literal(node))
    if cmark_node_replace(node, copy) == 1 { cmark_node_free(node) } else { cmark_node_free(copy) }
  }

  /// Puts a paragraph in the place of a block of raw HTML.
  private func replaceBlock(_ node: OpaquePointer) {
    guard let paragraph = cmark_node_new(CMARK_NODE_PARAGRAPH),
      let text = cmark_node_new(CMARK_NODE_TEXT)
    else { return }
    cmark_node_set_literal(text, cmark_node_get_literal(node))
    cmark_node_append_child(paragraph, text)
    if cmark_node_replace(node, paragraph) == 1 {
      cmark_node_free(node)
    } else {
      cmark_node_free(paragraph)
    }
  }

  /// Lifts an image's children out of it, and writes its target behind them.
  private func spellOut(_ node: OpaquePointer) {
    let target = cmark_node_get_url(node).map { String(cString: $0) } ?? ""
    while let child = cmark_node_first_child(node) { cmark_node_insert_before(node, child) }
    if !target.isEmpty, let text = cmark_node_new(CMARK_NODE_TEXT) {
      cmark_node_set_literal(text, " (\(target))")
      if cmark_node_insert_before(node, text) == 0 { cmark_node_free(text) }
    }
    cmark_node_free(node)
  }

  private func drawBars(_ node: OpaquePointer, _ draw: (String) -> HTML) {
    guard cmark_node_get_type(node) == CMARK_NODE_PARAGRAPH,
      let child = cmark_node_first_child(node), cmark_node_next(child) == nil,
      cmark_node_get_type(child) == CMARK_NODE_CODE, let literal = cmark_node_get_literal(child)
    else { return }
    let text = String(cString: literal)
    let isSeries = text.unicodeScalars.allSatisfy {
      (0x2581...0x2588).contains($0.value) || $0 == "·"
    }
    guard isSeries, let block = cmark_node_new(CMARK_NODE_CUSTOM_BLOCK) else { return }
    cmark_node_set_on_enter(block, draw(text).source)
    if cmark_node_replace(node, block) == 1 {
      cmark_node_free(node)
    } else {
      cmark_node_free(block)
    }
  }
}
