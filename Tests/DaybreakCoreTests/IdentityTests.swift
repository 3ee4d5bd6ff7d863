import DaybreakCore
import Testing

@Suite struct IdentityTests {
  @Test(arguments: ["", ".", "..", "a/b", "a b", "é", "cluster", "a.", ".a", "a\0"])
  func `refuses tenant names that could leave their folder`(name: String) {
    #expect(TenantName(name) == nil)
  }

  @Test func `derives ids from natural keys without collisions by joining`() {
    #expect(naturalID("a", "bc") != naturalID("ab", "c"))
    #expect(naturalID("a", "bc") == naturalID("a", "bc"))
    #expect(naturalID("tenant").uuidString.split(separator: "-")[2].first == "8")
  }

  @Test func `hashes templates with SHA-256`() {
    #expect(
      Fingerprint(template: "abc").description
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }

  @Test func `takes a pattern for what a tenth of its lines are`() {
    var counts = LevelCounts()
    #expect(counts.typical == .unknown)
    counts[.info] = 999
    counts[.error] = 1
    #expect(counts.typical == .info)
    #expect(counts.mostSevere == .error)
    counts[.warn] = 110
    #expect(counts.typical == .warn)
    counts[.fatal] = 200
    #expect(counts.typical == .fatal)
  }

  @Test func `shows what would act on a terminal or hide in a page`() {
    #expect(displayText("a\u{1b}[31mb") == "a\\u{1b}[31mb")
    #expect(displayText("x\u{202e}y") == "x\\u{202e}y")
    #expect(displayText([0x61, 0xFF, 0x00]) == "a\u{FFFD}\\u{0}")
    #expect(displayText(Array("abcdef".utf8), byteLimit: 3) == "abc…")
    #expect(displayText("é 漢字 🚀\n\tok") == "é 漢字 🚀\n\tok")
  }
}
