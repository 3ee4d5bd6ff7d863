import Catalogs
import DaybreakCore
import Foundation
import Postgres
import TestSupport
import Testing

/// One person's data in ANZx: given out, and erased.
@Suite(.enabled(if: TestDatabase.isAvailable)) struct ComplianceTests {
  /// Somebody with conversations, in the example data.
  func person(_ scratch: ScratchCatalog) throws -> String {
    try #require(
      try scratch.value(
        """
        SELECT c.user_id FROM anzx.conversations AS c JOIN anzx.audit_logs AS a USING (user_id)
        WHERE c.user_id IS NOT NULL GROUP BY c.user_id ORDER BY count(*) DESC, c.user_id LIMIT 1
        """))
  }

  @Test func `an export has everything of one person and nobody else`() throws {
    let scratch = try ScratchCatalog("anzx", isSeeded: true)
    let data = try PersonalData(scratch.session())
    let id = try person(scratch)
    let json = try data.export(try data.find(id, in: nil))
    let parsed = try #require(
      try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    #expect((parsed["user"] as? [String: Any])?["id"] as? String == id)
    let conversations = try #require(parsed["conversations"] as? [[String: Any]])
    #expect(
      String(conversations.count)
        == (try scratch.value("SELECT count(*) FROM anzx.conversations WHERE user_id = '\(id)'")))
    let others = try #require(
      try scratch.value(
        "SELECT string_agg(id::text, ' ') FROM anzx.users WHERE id <> '\(id)'"))
    for other in others.split(separator: " ") { #expect(!json.contains(other)) }
  }

  @Test func `a dry run counts, an erasure erases and is audited`() throws {
    let scratch = try ScratchCatalog("anzx", isSeeded: true)
    let data = try PersonalData(scratch.session())
    let id = try person(scratch)
    let person = try data.find(id, in: nil)
    let all = "SELECT count(*) FROM anzx.messages"
    let before = try scratch.value(all)
    let counted = try data.erase(person, isDryRun: true)
    #expect(try scratch.value(all) == before)
    struct Lost: Error {}
    #expect(throws: Lost.self) {
      _ = try data.erase(person, isDryRun: false) { _ in throw Lost() }
    }
    #expect(try scratch.value(all) == before)
    var kept = ""
    #expect(try data.erase(person, isDryRun: false) { kept = $0 } == counted)
    #expect(kept.contains(id))
    #expect(try scratch.value("SELECT count(*) FROM anzx.users WHERE id = '\(id)'") == "0")
    #expect(
      try scratch.value(
        "SELECT count(*) FROM anzx.audit_logs WHERE action = 'user_erased' AND resource_id = '\(id)'"
      ) == "1")
    #expect(throws: AccessError.personUnknown(catalog: "anzx")) {
      _ = try data.find(id, in: nil)
    }
  }

  @Test func `a person is not found in another organization, nor by no id at all`() throws {
    let scratch = try ScratchCatalog("anzx", isSeeded: true)
    let session = try scratch.session()
    let data = try PersonalData(session)
    let person = try data.find(try person(scratch), in: nil)
    let other = try #require(
      try CatalogTenants(session).list().first { $0.id != person.organization })
    #expect(throws: AccessError.personUnknown(catalog: "anzx")) {
      _ = try data.find(person.id, in: other)
    }
    #expect(throws: AccessError.personUnknown(catalog: "anzx")) {
      _ = try data.find("' OR true --", in: nil)
    }
  }

  @Test func `consent is counted by organization`() throws {
    let scratch = try ScratchCatalog("anzx", isSeeded: true)
    let session = try scratch.session()
    let data = try PersonalData(session)
    let reports = try CatalogTenants(session).list().compactMap { try data.consent(of: $0) }
    #expect(!reports.isEmpty)
    for report in reports {
      #expect(report.people == report.privacyGiven + report.privacyWithdrawn + report.privacyNever)
    }
  }
}
