import DaybreakCore
import Foundation
import TestSupport
import Testing

@testable import Rendering

/// Debian's browser; the tests that need it say when it is absent.
private let chromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
  .first { FileManager.default.isExecutableFile(atPath: $0) }

@Suite(.enabled(if: chromium != nil, "there is no Chromium here"))
struct BrowserTests {
  /// What a real browser makes of a page.
  private struct Probe: Decodable {
    let elements: Int
    let hit: Bool
    let title: String
    let handlers: Int
    let text: String
  }

  @Test func `shows every payload as text in a real browser, and runs none`() throws {
    try withSampleTree { folder, renderer in
      let report = HostileReport.everything()
      try renderer.writeDay(report)
      for page in ["index.html", "all/index.html"] {
        let file = folder.appending(path: "acme/2026-03-12/\(page)")
        let html = try String(contentsOf: file, encoding: .utf8)
        let outline = PageOutline(html)
        let probe = try probe(html, in: folder)
        #expect(!probe.hit)
        #expect(probe.handlers == 0)
        #expect(probe.title.hasPrefix("acme, 12 Mar"))
        #expect(probe.elements == outline.elementCount)
        let text = squeezed(probe.text)
        for payload in HostilePayloads.all where !readable(payload).isEmpty {
          #expect(text.contains(readable(payload)), "\(payload.debugDescription)")
        }
      }
    }
  }

  /// Opens a page without its policy, so that anything active would run, with a script of ours that
  /// writes down what it finds.
  private func probe(_ html: String, in folder: URL) throws -> Probe {
    let policy = try Regex("<meta http-equiv=\"Content-Security-Policy\"[^>]*>")
    #expect(html.contains(policy))
    let script = """
      <pre id="probe"></pre><script id="probe-script">
      window.alert = window.confirm = window.prompt = () => { window.hit = 1 };
      addEventListener('load', () => setTimeout(() => {
        const all = [...document.querySelectorAll('*')];
        const pre = document.getElementById('probe');
        const own = document.getElementById('probe-script');
        const found = {
          elements: all.length - 2, hit: !!window.hit, title: document.title,
          handlers: all.filter(e => [...e.attributes].some(a => /^on/i.test(a.name)
            || /^\\s*javascript:/i.test(a.value)) || (e !== own && /^script$/i.test(e.localName))).length,
          text: [...document.body.childNodes].filter(n => n !== own && n !== pre)
            .map(n => n.textContent).join('')
        };
        pre.textContent = btoa(unescape(encodeURIComponent(JSON.stringify(found))));
      }, 200));
      </script></body>
      """
    // The page's own meta element is counted out, so the probe counts it in by a neutral one.
    let open = html.replacing(policy, with: "<meta name=\"policy\" content=\"none\" />")
      .replacing("</body>", with: script)
    let file = folder.appending(path: "probe-\(UUID().uuidString).html")
    try Data(open.utf8).write(to: file)
    let output = try dump(file, profile: folder.appending(path: "profile"))
    let match = try #require(output.firstMatch(of: /<pre id="probe">([^<]+)<\/pre>/))
    let json = try #require(Data(base64Encoded: String(match.1)))
    return try JSONDecoder().decode(Probe.self, from: json)
  }

  private func dump(_ file: URL, profile: URL) throws -> String {
    let page = try output(
      of: chromium ?? "",
      "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
      "--disable-background-networking", "--user-data-dir=\(profile.path)",
      "--virtual-time-budget=3000", "--dump-dom", file.absoluteString)
    return String(decoding: page, as: UTF8.self)
  }
}
