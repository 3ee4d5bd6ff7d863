import DaybreakCore
import Foundation
import Postgres
import Spawning
import TestSupport
import Testing

/// Tenants, keys, envelopes and persons, by the program as people run it.
@Suite(.enabled(if: TestDatabase.isAvailable)) struct KeysTests {
  let scratch: ScratchDirectory

  init() throws { scratch = try ScratchDirectory() }

  /// A database with a catalog's schema, as the migrator of the program's own files makes it.
  func database(_ catalog: String, isSeeded: Bool = false) throws -> ConnectionTarget {
    let folder = Fixtures.root.appending(path: "migrations/\(catalog)")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      .filter { $0.hasSuffix(".sql") }
      .map { name in
        MigrationFile(
          path: "migrations/\(catalog)/\(name)",
          text: try String(contentsOf: folder.appending(path: name), encoding: .utf8))
      }
    let migrator = try Migrator(catalog: catalog, schema: catalog, files: files)
    return try TestCatalog.make(catalog, migrator, isSeeded: isSeeded)
  }

  func run(
    _ words: String, _ more: [String], _ catalog: String, _ target: ConnectionTarget,
    environment: [String: String] = [:]
  ) throws -> DaybreakProcess.Outcome {
    var variables = environment
    variables["\(catalog.uppercased())_DATABASE_URL"] = target.conninfo
    return try DaybreakProcess.run(
      words.split(separator: " ").map(String.init) + ["--catalog", catalog] + more,
      in: scratch.url, environment: variables)
  }

  func run(
    _ words: String, _ catalog: String, _ target: ConnectionTarget,
    environment: [String: String] = [:]
  ) throws -> DaybreakProcess.Outcome {
    try run(words, [], catalog, target, environment: environment)
  }

  @Test func `a key is made, shown once, used, listed and revoked`() throws {
    let target = try database("loghunter")
    #expect(try run("tenants create", ["acme"], "loghunter", target).status == 0)
    let made = try run(
      "keys create --tenant acme --name ci --scopes read:logs --expires 30d", "loghunter", target)
    #expect(made.status == 0, "\(made.errors)")
    let key = made.output.trimmingCharacters(in: .newlines)
    let secret = try #require(key.split(separator: "_").last).description
    #expect(key.wholeMatch(of: /dbk_[0-9a-f]{32}_[0-9a-f]{64}/) != nil)
    #expect(!made.errors.contains(secret))
    let variables = ["DAYBREAK_API_KEY": key]
    let accepted = try run("keys verify --json", "loghunter", target, environment: variables)
    #expect(accepted.status == 0, "\(accepted.errors)")
    #expect(accepted.output.contains("read:logs"))
    let scope = try run(
      "keys verify --scope write:logs", "loghunter", target, environment: variables)
    #expect(scope.status == 1)
    let list = try run("keys list", "loghunter", target)
    #expect(list.output.contains("in force"))
    #expect(!list.output.contains(secret))
    let prefix = String(key.dropLast(65))
    #expect(try run("keys revoke", [prefix], "loghunter", target).status == 0)
    let refused = try run("keys verify", "loghunter", target, environment: variables)
    #expect(refused.status == 1)
    #expect(refused.output == "not accepted\n")
  }

  @Test func `a key in a file is its owner's alone, and no file is overwritten`() throws {
    let target = try database("netra")
    #expect(try run("tenants create", ["ann@acme.test"], "netra", target).status == 0)
    let words = "keys create --tenant ann@acme.test --name ci --out ci.key"
    let made = try run(words, "netra", target)
    #expect(made.status == 0, "\(made.errors)")
    #expect(made.output.isEmpty)
    let file = scratch.url.appending(path: "ci.key")
    let facts = try FileManager.default.attributesOfItem(atPath: file.path)
    #expect(facts[.posixPermissions] as? Int == 0o600)
    let text = try String(contentsOf: file, encoding: .utf8)
    let again = try run(words.replacing("--name ci", with: "--name cd"), "netra", target)
    #expect(again.status == 2)
    #expect(try String(contentsOf: file, encoding: .utf8) == text)
    let list = try run("keys list --json", "netra", target)
    let keys = try JSONSerialization.jsonObject(with: Data(list.output.utf8)) as? [[String: Any]]
    #expect(keys?.count == 1)
  }

  @Test func `wrong databases and logins are told what to do`() throws {
    let empty = try TestDatabase.make()
    let missing = try run("keys list", "netra", empty)
    #expect(missing.status == 4)
    #expect(missing.errors.contains("daybreak db init --catalog netra"), "\(missing.errors)")
    let weak = try TestCatalog.login(try database("loghunter"), as: [])
    let refused = try run("keys list", "loghunter", weak)
    #expect(refused.status == 4)
    #expect(refused.errors.contains("GRANT daybreak_owner TO"), "\(refused.errors)")
    let none = try run("keys list", "xray", empty)
    #expect(none.errors.contains("db init"), "\(none.errors)")
  }

  @Test func `hostile names reach no terminal as they are`() throws {
    let target = try database("loghunter")
    let hostile = "<b>\u{1B}]0;x\u{07}\u{202E}"
    try Connection(target).execute(
      named: "a hostile tenant", "INSERT INTO loghunter.tenants (name) VALUES ($1)",
      [.text(hostile)])
    for words in ["tenants list", "tenants list --json"] {
      let outcome = try run(words, "loghunter", target)
      #expect(outcome.status == 0, "\(outcome.errors)")
      for hidden in ["\u{1B}", "\u{07}", "\u{202E}"] {
        #expect(!outcome.output.unicodeScalars.contains(hidden.unicodeScalars.first!))
      }
    }
    let json = try run("tenants list --json", "loghunter", target).output
    let tenants = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [[String: Any]]
    #expect(tenants?.first?["name"] as? String == hostile)
    let refused = try run("tenants create", [hostile], "loghunter", target)
    #expect(refused.status == 2)
    #expect(!refused.errors.contains("\u{1B}"))
  }

  @Test func `tenants of the store are listed, deleted and restored`() throws {
    let target = try TestDatabase.make()
    let variables = ["DAYBREAK_DATABASE_URL": target.conninfo]
    func tenants(_ words: [String]) throws -> DaybreakProcess.Outcome {
      try DaybreakProcess.run(["tenants"] + words, in: scratch.url, environment: variables)
    }
    #expect(try tenants(["create", "acme", "--loki-org", "acme-prod"]).status == 0)
    #expect(try tenants([]).output.contains("acme  active"))
    #expect(try tenants(["delete", "acme"]).status == 0)
    #expect(try tenants(["--json"]).output.contains("\"state\" : \"deleted\""))
    try scratch.write("2026-03-12T02:00:00Z ERROR x\n", to: "a.log")
    try scratch.write(
      "name: a\ntenant: acme\nsources: [{ log_files: { path: a.log } }]\n", to: "job.yaml")
    let refused = try DaybreakProcess.run(
      ["run", "job.yaml", "--date", "2026-03-12"], in: scratch.url, environment: variables)
    #expect(refused.status == 4)
    #expect(refused.errors.contains("daybreak tenants restore acme"), "\(refused.errors)")
    #expect(try tenants(["restore", "acme"]).status == 0)
    #expect(try tenants(["list"]).output.contains("acme  active"))
    #expect(try tenants(["rename", "acme", "globex"]).status == 4)
  }

  @Test func `settings are encrypted, shown, and rotated to another key`() throws {
    let target = try database("loglytics", isSeeded: true)
    let row = try Connection(target).query(
      named: "a connection",
      """
      SELECT c.id::text AS id, u.email::text AS email FROM loglytics.live_log_connections AS c
      JOIN loglytics.users AS u ON u.id = c.user_id ORDER BY c.id LIMIT 1
      """
    )[0]
    let (id, email) = (try row.string("id"), try row.string("email"))
    let (old, new) = (String(repeating: "0a", count: 32), String(repeating: "0b", count: 32))
    try scratch.write(#"{"secret": "s3"}"#, to: "settings.json")
    var sealing = ChildCommand(
      [
        "/bin/sh", "-c", #"exec "$0" "$@" <settings.json"#, DaybreakProcess.binary.path, "keys",
        "encrypt", "--catalog", "loglytics", "--tenant", email, "--row", id,
      ],
      environment: [
        "PATH": "/usr/bin:/bin", "LOGLYTICS_DATABASE_URL": target.conninfo,
        "DAYBREAK_ENCRYPTION_KEY": old,
      ])
    sealing.directory = scratch.url.path
    #expect(try ChildProcess(sealing).wait() == .exited(0))
    // The example data's envelopes were sealed by nobody: they are counted, and stay.
    let keys = ["DAYBREAK_OLD_ENCRYPTION_KEY": old, "DAYBREAK_ENCRYPTION_KEY": new]
    let rotated = try run("keys rotate-encryption", "loglytics", target, environment: keys)
    #expect(rotated.status == 3, "\(rotated.errors)")
    #expect(rotated.output.contains(": 1 sealed"), "\(rotated.output)")
    #expect(!(rotated.output + rotated.errors).contains("s3"))
    let shown = try run(
      "keys decrypt", ["--tenant", email, "--row", id], "loglytics", target,
      environment: ["DAYBREAK_ENCRYPTION_KEY": new])
    #expect(shown.output == "{\"secret\": \"s3\"}\n", "\(shown.errors)")
    let wrong = try run(
      "keys decrypt", ["--tenant", email, "--row", id], "loglytics", target,
      environment: ["DAYBREAK_ENCRYPTION_KEY": old])
    #expect(wrong.status == 4)
    #expect(wrong.errors.contains("sealed with the key"), "\(wrong.errors)")
    #expect(!wrong.errors.contains(old))
  }

  @Test func `erasing wants to be told twice, and keeps what was exported`() throws {
    let target = try database("anzx", isSeeded: true)
    let user = try Connection(target).query(
      named: "a person", "SELECT user_id::text AS id FROM anzx.conversations ORDER BY 1 LIMIT 1"
    )[0].string("id")
    let asked = try run("export --erase", ["--user", user], "anzx", target)
    #expect(asked.status == 2)
    #expect(asked.errors.contains("--yes"), "\(asked.errors)")
    let counted = try run("export --erase --dry-run --json", ["--user", user], "anzx", target)
    #expect(counted.status == 0, "\(counted.errors)")
    let erased = try run(
      "export --erase --yes --json --out person.json", ["--user", user], "anzx", target)
    #expect(erased.status == 0, "\(erased.errors)")
    #expect(erased.output == counted.output)
    let data = try Data(contentsOf: scratch.url.appending(path: "person.json"))
    let person = try JSONSerialization.jsonObject(with: data) as? [String: Any]
    #expect((person?["user"] as? [String: Any])?["id"] as? String == user)
    #expect(try run("export", ["--user", user], "anzx", target).status == 4)
    #expect(try run("export --consent", "anzx", target).output.contains("ORGANIZATION"))
  }
}
