import Catalogs
import DaybreakCore
import Foundation
import Postgres
import TestSupport
import Testing

/// Envelopes and the keys that open them.
@Suite struct EnvelopeTests {
  let place = Envelope.Place(
    table: "loglytics.live_log_connections", column: "connection_config",
    row: "11111111-2222-3333-4444-555555555555")

  func key(_ byte: UInt8) throws -> EncryptionKey {
    try EncryptionKey(String(repeating: hex([byte]), count: 32), place: "test")
  }

  @Test func `an envelope that another program made by the documented form opens`() throws {
    // By Python's cryptography: key 00 01 … 1f, nonce 00 01 … 0b.
    let key = try EncryptionKey(hex((0..<32).map { UInt8($0) }), place: "test")
    #expect(key.id == "f30fdcdce0f99878")
    let envelope = try Envelope(
      json: """
        {"alg": "AES-256-GCM", "nonce": "AAECAwQFBgcICQoL", "key": "f30fdcdce0f99878",
        "ct": "PCCkfqKMrXWve7XuxMRJT/7gZu1snztw3qjIFAtvyimP"}
        """, row: place.row)
    #expect(
      try String(decoding: envelope.open(at: place, with: [key]), as: UTF8.self)
        == #"{"region":"eu-1"}"#)
  }

  @Test(arguments: [0, 1, 16, 1_000_000])
  func `what is sealed opens as it was`(count: Int) throws {
    var generator = SystemRandomNumberGenerator()
    let plaintext = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let sealed = Envelope(sealing: plaintext, for: place, with: try key(1), using: &generator)
    let read = try Envelope(json: sealed.json, row: place.row)
    #expect(try read.open(at: place, with: [key(1)]) == plaintext)
    let again = Envelope(sealing: plaintext, for: place, with: try key(1), using: &generator)
    #expect(again.json != sealed.json)
  }

  @Test func `a wrong key is named, and the right one too`() throws {
    var generator = SystemRandomNumberGenerator()
    let sealed = Envelope(sealing: [1, 2, 3], for: place, with: try key(1), using: &generator)
    let error = #expect(throws: AccessError.self) {
      _ = try sealed.open(at: place, with: [key(2)])
    }
    #expect(error?.summary.contains(try key(1).id) == true)
    #expect(error?.summary.contains(try key(2).id) == true)
  }

  @Test func `an envelope opens in its row alone, and not when a bit was changed`() throws {
    var generator = SystemRandomNumberGenerator()
    let key = try key(1)
    let sealed = Envelope(
      sealing: Array("secret".utf8), for: place, with: key, using: &generator)
    for other in [
      Envelope.Place(table: place.table, column: place.column, row: UUID().uuidString),
      Envelope.Place(table: place.table, column: "other", row: place.row),
      Envelope.Place(table: "x", column: place.column, row: place.row),
    ] {
      #expect(throws: AccessError.self) { _ = try sealed.open(at: other, with: [key]) }
    }
    let start = try #require(sealed.json.range(of: #""ct":""#)).upperBound
    var changed = sealed.json
    changed.replaceSubrange(start...start, with: changed[start] == "A" ? "B" : "A")
    let read = try Envelope(json: changed, row: place.row)
    #expect(throws: AccessError.self) { _ = try read.open(at: place, with: [key]) }
  }

  @Test(arguments: [
    "", "{}", "[]", "null", #"{"alg":"AES-128-GCM","nonce":"AAECAwQFBgcICQoL","ct":"AAAA"}"#,
    #"{"alg":"AES-256-GCM","nonce":"AAEC","ct":"PCCkfqKMrXWve7XuxMRJT/7gZu1snztw3qjIFAtvyimP"}"#,
    #"{"alg":"AES-256-GCM","nonce":"AAECAwQFBgcICQoL","ct":"AAAA"}"#,
  ])
  func `what is no envelope is refused`(json: String) {
    #expect(throws: AccessError.self) { _ = try Envelope(json: json, row: "x") }
  }

  @Test(arguments: ["", "abc", String(repeating: "0", count: 63), "AAECAwQFBgcICQoL"])
  func `what is no key is refused and not repeated`(text: String) {
    let error = #expect(throws: AccessError.self) {
      _ = try EncryptionKey(text, place: "the variable")
    }
    #expect(text.isEmpty || error?.description.contains(text) == false)
  }

  @Test func `a key's file must be its owner's alone`() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "key-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data((String(repeating: "ab", count: 32) + "\n").utf8).write(to: file)
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: file.path)
    let error = #expect(throws: AccessError.self) { _ = try EncryptionKey(file: file.path) }
    #expect(error?.remedy == "chmod 600 FILE")
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
    #expect(try EncryptionKey(file: file.path).id == key(0xAB).id)
    #expect(throws: AccessError.self) { _ = try EncryptionKey(file: file.path + ".missing") }
  }
}

/// Envelopes in Loglytics' table, and their rotation.
@Suite(.enabled(if: TestDatabase.isAvailable)) struct RotationTests {
  /// A project of each of two users, with connections.
  func prepared(_ count: Int, _ key: EncryptionKey) throws -> (
    ScratchCatalog, [(String, CatalogTenant)]
  ) {
    let scratch = try ScratchCatalog("loglytics")
    let session = try scratch.session()
    let tenants = try CatalogTenants(session)
    let users = try ["ann@acme.test", "bob@globex.test"].map { name in
      CatalogTenant(id: try tenants.create(name), name: name)
    }
    var rows: [(String, CatalogTenant)] = []
    let connection = try Connection(scratch.administrator)
    let column = try SealedColumn(session)
    for user in users {
      let project = UUID().uuidString.lowercased()
      try connection.execute(
        named: "a project",
        "INSERT INTO loglytics.projects (id, user_id, name) VALUES ($1::uuid, $2::uuid, 'p')",
        [.text(project), .text(user.id)])
      for number in 0..<count {
        let row = UUID().uuidString.lowercased()
        try connection.execute(
          named: "a connection",
          """
          INSERT INTO loglytics.live_log_connections (id, project_id, user_id, connection_name,
            cloud_provider, connection_config)
          VALUES ($1::uuid, $2::uuid, $3::uuid, 'c', 'aws', jsonb_build_object('alg', 'AES-256-GCM',
            'nonce', 'AAECAwQFBgcICQoL', 'ct', 'PCCkfqKMrXWve7XuxMRJT/7gZu1snztw3qjIFAtvyimP'))
          """, [.text(row), .text(project), .text(user.id)])
        try column.seal(Array("{\"n\":\(number)}".utf8), row: row, tenant: user, with: key)
        rows.append((row, user))
      }
    }
    return (scratch, rows)
  }

  func key(_ byte: UInt8) throws -> EncryptionKey {
    try EncryptionKey(String(repeating: hex([byte]), count: 32), place: "test")
  }

  @Test func `a rotation seals every tenant's rows anew, in batches`() throws {
    let (old, new) = (try key(1), try key(2))
    let (scratch, rows) = try prepared(5, old)
    let column = try SealedColumn(scratch.session())
    let trial = try column.rotate(from: old, to: new, batch: 2, isDryRun: true)
    #expect(trial.sealed == 10)
    #expect(try column.rotate(from: old, to: new, batch: 2, isDryRun: false).sealed == 10)
    for (row, user) in rows {
      #expect(throws: AccessError.self) { _ = try column.open(row: row, tenant: user, with: [old]) }
      #expect(try !column.open(row: row, tenant: user, with: [new]).isEmpty)
    }
    let again = try column.rotate(from: old, to: new, batch: 2, isDryRun: false)
    #expect(again.sealed == 0)
    #expect(again.failures.isEmpty)
  }

  @Test func `a rotation that was interrupted goes on, and the wrong key changes nothing`() throws {
    let (old, new) = (try key(1), try key(2))
    let (scratch, rows) = try prepared(2, old)
    let column = try SealedColumn(scratch.session())
    let before = try scratch.value(
      "SELECT string_agg(connection_config::text, ' ' ORDER BY id) FROM loglytics.live_log_connections"
    )
    let wrong = try column.rotate(from: key(3), to: new, batch: 10, isDryRun: false)
    #expect(wrong.sealed == 0)
    #expect(wrong.failures.count == 4)
    #expect(
      try scratch.value(
        "SELECT string_agg(connection_config::text, ' ' ORDER BY id) FROM loglytics.live_log_connections"
      ) == before)
    // As after a batch that was committed before the process ended.
    let (row, user) = rows[0]
    try column.seal(Array("{}".utf8), row: row, tenant: user, with: new)
    #expect(try column.rotate(from: old, to: new, batch: 10, isDryRun: false).sealed == 3)
  }

  @Test func `another tenant's row is neither read nor written`() throws {
    let key = try key(1)
    let (scratch, rows) = try prepared(1, key)
    let column = try SealedColumn(scratch.session())
    let (row, _) = rows[0]
    let (_, bob) = rows[1]
    #expect(throws: AccessError.rowUnknown(table: "live_log_connections", row: row)) {
      _ = try column.open(row: row, tenant: bob, with: [key])
    }
    #expect(throws: AccessError.rowUnknown(table: "live_log_connections", row: row)) {
      try column.seal([1], row: row, tenant: bob, with: key)
    }
  }
}
