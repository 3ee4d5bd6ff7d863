import DaybreakCore
import Postgres

/// A column of envelopes: read and written for one row, and sealed anew with another key.
package struct SealedColumn {
  private let session: CatalogSession
  private let definition: CatalogDefinition.TableColumn
  private let table: String

  /// What a rotation did.
  package struct Rotation: Sendable {
    /// Envelopes sealed anew; in a dry run, those that would be.
    package var sealed = 0
    /// Rows whose envelope could not be opened, and why.
    package var failures: [AccessError] = []
    /// Rows that took part, so that one that several tenants see counts once.
    fileprivate var seen: Set<String> = []
  }

  /// The column of envelopes of the session's catalog.
  ///
  /// - Throws: `AccessError.notOffered` when it has none.
  package init(_ session: CatalogSession) throws {
    guard let definition = session.catalog.definition.envelopes.first else {
      throw AccessError.notOffered(catalog: session.catalog.name, what: "encrypted settings")
    }
    self.session = session
    self.definition = definition
    table = quotedIdentifier(schema: session.catalog.schema, definition.table)
  }

  /// `schema.table.column`, for messages.
  package var name: String {
    "\(session.catalog.schema).\(definition.table).\(definition.column)"
  }

  /// Opens a row's envelope.
  ///
  /// - Throws: `AccessError.rowUnknown`, `envelope`; `PostgresError`.
  package func open(
    row: String, tenant: CatalogTenant, with keys: [EncryptionKey]
  ) throws -> [UInt8] {
    let json = try session.withTenant(tenant.id, readOnly: true) { connection in
      try connection.query(
        named: "an envelope",
        "SELECT \(column)::text AS envelope FROM \(table) WHERE id::text = lower($1)",
        [.text(row)]
      ).first?.string("envelope")
    }
    guard let json else { throw AccessError.rowUnknown(table: definition.table, row: row) }
    return try Envelope(json: json, row: row).open(at: place(row), with: keys)
  }

  /// Seals something as a row's envelope, in place of what is there.
  ///
  /// - Throws: `AccessError.rowUnknown`; `PostgresError`.
  package func seal(
    _ plaintext: [UInt8], row: String, tenant: CatalogTenant, with key: EncryptionKey
  ) throws {
    var generator = SystemRandomNumberGenerator()
    let envelope = Envelope(sealing: plaintext, for: place(row), with: key, using: &generator)
    let count = try session.withTenant(tenant.id) { connection in
      try write(envelope, row: row, connection)
    }
    guard count == 1 else { throw AccessError.rowUnknown(table: definition.table, row: row) }
  }

  /// Seals every envelope anew with another key, some rows a transaction: what is interrupted goes on from
  /// where it was, since an envelope says which key sealed it.
  ///
  /// - Parameters:
  ///   - old: the key in use so far.
  ///   - new: the key from now on.
  ///   - batch: how many rows a transaction.
  ///   - isDryRun: whether to open envelopes and change none.
  /// - Returns: how many were sealed, and which could not be opened.
  /// - Throws: `AccessError.roleDenied`; `PostgresError`: finished batches stay.
  package func rotate(
    from old: EncryptionKey, to new: EncryptionKey, batch: Int, isDryRun: Bool
  ) throws -> Rotation {
    var rotation = Rotation()
    for tenant in try CatalogTenants(session).list() {
      var last = "00000000-0000-0000-0000-000000000000"
      var isMore = true
      while isMore {
        isMore = try session.withTenant(tenant.id, readOnly: isDryRun) { connection in
          let rows = try rows(after: last, without: new, limit: batch, isDryRun, connection)
          for row in rows {
            let id = try row.string("id")
            last = id
            guard rotation.seen.insert(id).inserted else { continue }
            try rotate(
              id, try row.string("envelope"), from: old, to: new, isDryRun, connection, &rotation)
          }
          return rows.count == batch
        }
      }
    }
    return rotation
  }

  private var column: String { quotedIdentifier(definition.column) }

  private func place(_ row: String) -> Envelope.Place {
    Envelope.Place(
      table: "\(session.catalog.schema).\(definition.table)", column: definition.column,
      row: row.lowercased())
  }

  private func rows(
    after last: String, without key: EncryptionKey, limit: Int, _ isDryRun: Bool,
    _ connection: Connection
  ) throws -> Rows {
    try connection.query(
      named: "envelopes of another key",
      """
      SELECT id::text AS id, \(column)::text AS envelope FROM \(table)
      WHERE id > $1::uuid AND \(column) ->> 'key' IS DISTINCT FROM $2
      ORDER BY \(table).id LIMIT $3 \(isDryRun ? "" : "FOR UPDATE")
      """, [.text(last), .text(key.id), .int64(Int64(limit))])
  }

  private func rotate(
    _ row: String, _ json: String, from old: EncryptionKey, to new: EncryptionKey,
    _ isDryRun: Bool, _ connection: Connection, _ rotation: inout Rotation
  ) throws {
    let envelope: Envelope
    do throws(AccessError) {
      let plaintext = try Envelope(json: json, row: row).open(at: place(row), with: [old])
      var generator = SystemRandomNumberGenerator()
      envelope = Envelope(sealing: plaintext, for: place(row), with: new, using: &generator)
    } catch {
      rotation.failures.append(error)
      return
    }
    if !isDryRun {
      guard try write(envelope, row: row, connection) == 1 else {
        throw AccessError.rowUnknown(table: definition.table, row: row)
      }
    }
    rotation.sealed += 1
  }

  private func write(_ envelope: Envelope, row: String, _ connection: Connection) throws -> Int {
    try connection.execute(
      named: "write an envelope",
      "UPDATE \(table) SET \(column) = $2::jsonb WHERE id::text = lower($1)",
      [.text(row), .text(envelope.json)])
  }
}
