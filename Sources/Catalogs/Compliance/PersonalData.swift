import DaybreakCore
import Postgres

/// What a catalog holds of one person: given out, and erased.
package struct PersonalData {
  private let session: CatalogSession
  private let duty: CatalogDefinition.Compliance

  /// One line of what an erasure does.
  package struct Erasure: Hashable, Sendable {
    package var table: String
    /// `delete` or `anonymise`.
    package var action: String
    package var rows: Int
  }

  /// A person: whose rows these are, and the organization that they belong to.
  package struct Person: Hashable, Sendable {
    package var id: String
    /// Nil for somebody who signed up and is in no organization.
    package var organization: String?
  }

  /// The persons of the session's catalog.
  ///
  /// - Throws: `AccessError.notOffered` when it has no such duty.
  package init(_ session: CatalogSession) throws {
    guard let duty = session.catalog.definition.compliance else {
      throw AccessError.notOffered(
        catalog: session.catalog.name, what: "export of one person's data")
    }
    self.session = session
    self.duty = duty
  }

  /// Finds a person.
  ///
  /// - Parameters:
  ///   - id: the person's id.
  ///   - organization: where to look; nil to look it up, which takes the right to act as the owner.
  /// - Returns: the person.
  /// - Throws: `AccessError.personUnknown`, `roleDenied`; `PostgresError`.
  package func find(_ id: String, in organization: CatalogTenant?) throws -> Person {
    let column = quotedIdentifier(duty.tenantColumn)
    let sql = """
      SELECT \(column)::text AS organization
      FROM \(quotedIdentifier(schema: session.catalog.schema, duty.person)) WHERE id::text = lower($1)
      """
    let ask = { (connection: Connection) throws -> Rows in
      try connection.query(named: "organization of a person", sql, [.text(id)])
    }
    let rows =
      if let organization {
        try session.withTenant(organization.id, readOnly: true, ask)
      } else {
        try session.transaction(
          as: session.catalog.definition.roles.owner, readOnly: true, ask)
      }
    guard let row = rows.first else {
      throw AccessError.personUnknown(catalog: session.catalog.name)
    }
    return Person(id: id.lowercased(), organization: try row.optionalString("organization"))
  }

  /// Everything that is stored of a person, as JSON.
  ///
  /// - Throws: `AccessError.personUnknown`; `PostgresError`.
  package func export(_ person: Person) throws -> String {
    try transaction(for: person, readOnly: true) { try export(person, $0) }
  }

  /// Erases a person, and records that; a dry run only counts.
  ///
  /// - Parameters:
  ///   - person: whom.
  ///   - isDryRun: whether to count alone.
  ///   - keep: takes what is erased, as JSON, before it is; when it throws, nothing is erased.
  /// - Returns: what was done, table by table.
  /// - Throws: what `keep` throws; `AccessError.personUnknown`, `PostgresError`.
  package func erase(
    _ person: Person, isDryRun: Bool, keep: ((String) throws -> Void)? = nil
  ) throws -> [Erasure] {
    try transaction(for: person, readOnly: false) { connection in
      if let keep { try keep(try export(person, connection)) }
      return try connection.query(
        named: "erase a person",
        "SELECT table_name, action, affected FROM \(duty.erase)($1::uuid, $2)",
        [.text(person.id), .bool(isDryRun)]
      ).map {
        Erasure(
          table: try $0.string("table_name"), action: try $0.string("action"),
          rows: try $0.int("affected"))
      }
    }
  }

  /// How an organization stands with its people's consent; nil when it has no people.
  package func consent(of organization: CatalogTenant) throws -> Consent? {
    try session.withTenant(organization.id, readOnly: true) { connection in
      try connection.query(
        named: "consent of an organization",
        """
        SELECT people, privacy_given, privacy_withdrawn, privacy_never, marketing_given,
          marketing_without_privacy, oldest_consent FROM \(duty.consent)
        WHERE \(quotedIdentifier(duty.tenantColumn))::text = $1
        """, [.text(organization.id)]
      ).first.map { try Consent(organization.name, $0) }
    }
  }

  private func export(_ person: Person, _ connection: Connection) throws -> String {
    let json = try connection.query(
      named: "export a person's data", "SELECT jsonb_pretty(\(duty.export)($1::uuid)) AS data",
      [.text(person.id)]
    ).only().optionalString("data")
    guard let json else { throw AccessError.personUnknown(catalog: session.catalog.name) }
    return json
  }

  private func transaction<Result>(
    for person: Person, readOnly: Bool, _ body: (Connection) throws -> Result
  ) throws -> Result {
    if let organization = person.organization {
      return try session.withTenant(organization, readOnly: readOnly, body)
    }
    return try session.transaction(as: session.catalog.definition.roles.service, readOnly: readOnly)
    {
      try $0.execute(
        named: "set the person", "SELECT set_config($1, $2, true)",
        [.text(duty.personSetting), .text(person.id)])
      return try body($0)
    }
  }
}
