/// Log lines that would like to be something else.
enum HostilePayloads {
  /// A payload that is nothing but words, to compare with.
  static let harmless = "plain words of a plain line"

  static let all: [String] = html + svg + markdown + terminal + templates + structure

  private static let html = [
    "<script>window.hit=1;document.title='hit'</script>",
    "<SCRIPT SRC=//evil.test/x.js></SCRIPT>",
    "</script><script>window.hit=1</script>",
    "<img src=x onerror=\"window.hit=1\">",
    "<svg onload=window.hit=1>",
    "</style><script>window.hit=1</script>",
    "</title><script>window.hit=1</script>",
    "</pre></code></li></ol></main><h1>owned</h1>",
    "<a href=\"javascript:window.hit=1\">click</a>",
    "\" onmouseover=\"window.hit=1\" x=\"",
    "' onfocus='window.hit=1' autofocus='",
    "`onmouseover=window.hit=1`",
    "<iframe srcdoc=\"&lt;script&gt;parent.hit=1&lt;/script&gt;\"></iframe>",
    "<base href=\"//evil.test/\">",
    "<meta http-equiv=\"refresh\" content=\"0;url=//evil.test\">",
    "<form action=//evil.test><input name=q></form>",
    "<details open ontoggle=window.hit=1>",
    "<video><source onerror=window.hit=1></video>",
    "<math><mtext></mtext><script>window.hit=1</script></math>",
    "<table><tr><td>cell</td></tr></table>",
    "<b><i>unclosed tags <u>everywhere",
    "<!-- a comment that does not end",
    "<![CDATA[ <script>window.hit=1</script> ]]>",
    "]]><script>window.hit=1</script>",
    "&lt;script&gt;window.hit=1&lt;/script&gt;",
    "&#60;script&#62; &amp;amp; &nbsp; &unknown; &",
    "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>&e;",
    "+ADw-script+AD4-window.hit=1+ADw-/script+AD4-",
  ]

  private static let svg = [
    "</svg><script>window.hit=1</script>",
    "</desc></title></svg><foreignObject><script>window.hit=1</script></foreignObject>",
    "<svg><script href=\"data:text/javascript,window.hit=1\"/></svg>",
    "<use href=\"data:image/svg+xml,<svg onload='window.hit=1'/>#x\"/>",
    "<animate onbegin=window.hit=1 attributeName=x dur=1s>",
  ]

  private static let markdown = [
    "**bold** *emphasis* _under_ __strong__ ~~gone~~",
    "[click](javascript:window.hit=1)",
    "![image](https://evil.test/track.png)",
    "[ref]: https://evil.test \"title\"",
    "[ref][ref] [ref]",
    "<https://evil.test/auto>",
    "https://evil.test/bare and www.evil.test",
    "kim@evil.test wrote",
    "# heading",
    "heading\n=======\nand\n-------",
    "> quote",
    "- item\n- item",
    "1. one\n2. two",
    "```\nfence\n```",
    "`code` ``more`` ```most```",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "***\n---\n___",
    "    indented code",
    "line with two spaces  \nand a break\\",
    "\\*escaped\\* \\",
    "a ` single tick and a trailing `",
    "- [ ] task [x]",
    "footnote[^1]\n\n[^1]: text",
    ":smile: @team #12",
  ]

  private static let terminal = [
    "\u{1B}[31mred\u{1B}[0m \u{1B}]0;title\u{07}",
    "\u{1B}[2J\u{1B}[H cleared",
    "\u{9B}31m C1 introducer",
    "backspace \u{08}\u{08}\u{08} bell \u{07} delete \u{7F}",
    "carriage\rreturn",
    "right to left \u{202E}gnp.exe\u{202C}",
    "isolate \u{2066}x\u{2069} mark \u{200F} join \u{200D}\u{200B}\u{FEFF}",
    "line\u{2028}separator\u{2029}paragraph\u{85}next",
    "null \u{0} byte",
    "noncharacters " + hidden([0xFFFE, 0xFDD0, 0x1FFFF]) + " and a tag " + hidden([0xE0041]),
  ]

  /// Scalars that a literal cannot spell.
  private static func hidden(_ values: [UInt32]) -> String {
    String(String.UnicodeScalarView(values.compactMap(Unicode.Scalar.init)))
  }

  private static let templates = [
    "{{mustache}}", "{{{tripled}}}", "{{>partial}}", "{{#section}}x{{/section}}",
    "{{/patterns}}{{^none}}", "{{=<% %>=}}<%tag%>", "{{! comment }}", "{{.}}", "{{",
    "{{> head.html}}", "${7*7} #{7*7} <%= 7*7 %> {% x %}",
  ]

  private static let structure = [
    "{\"json\": \"breaking\", \\\"x\\\": [}",
    "\",\"verdict\":\"Nothing new",
    "'; DROP TABLE clusters; --",
    "Subject: x\nBcc: all@evil.test",
    String(repeating: "A", count: 5000),
    String(repeating: "<num>", count: 400),
    "combining " + String(repeating: "\u{0301}", count: 300),
    "../../etc/passwd",
    "%00%0a%3cscript%3e",
    "   ",
    "<num> <script> <b> <*>",
    "emoji 👩‍👩‍👧 and 日本語 and عربى",
  ]
}
