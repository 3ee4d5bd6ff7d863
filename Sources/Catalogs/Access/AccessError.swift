import DaybreakCore

/// Why a key, a tenant, an envelope or a person could not be had.
///
/// Never holds a key, a secret or what an envelope holds.
package enum AccessError: DiagnosedError, Equatable {
  /// The database has no schema of the catalog; `isOriginal` when it is one that the system itself made.
  case schemaMissing(catalog: String, target: String, isOriginal: Bool)
  /// The login may not act as a role.
  case roleDenied(role: String, login: String, isMissing: Bool)
  /// A role that row-level security does not bind.
  case roleUnbound(role: String)
  /// The catalog has no such part.
  case notOffered(catalog: String, what: String)
  case tenantUnknown(catalog: String, name: String)
  case tenantAmbiguous(catalog: String, name: String)
  case tenantExists(catalog: String, name: String, isDeleted: Bool)
  /// A tenant that cannot be renamed or deleted, or not by whom it was asked.
  case tenantFixed(name: String, reason: String, remedy: String)
  case keyUnknown(catalog: String)
  case keyAmbiguous(count: Int)
  case keyNameTaken(tenant: String, name: String)
  /// What was read as a key is none.
  case keyUnreadable(reason: String)
  /// An encryption key that cannot be used: where it was looked for, and why.
  case encryptionKey(place: String, reason: String, remedy: String)
  /// An envelope that is no envelope, or does not open.
  case envelope(row: String, reason: String, remedy: String?)
  case rowUnknown(table: String, row: String)
  case personUnknown(catalog: String)

  package var summary: String {
    switch self {
    case .schemaMissing(let catalog, let target, false):
      "\(target) has no schema `\(catalog)`"
    case .schemaMissing(let catalog, let target, true):
      "\(target) was made by \(catalog) itself: Daybreak reads it and changes nothing in it"
    case .roleDenied(let role, _, true): "this server has no role \(role)"
    case .roleDenied(let role, let login, false): "\(displayText(login)) may not act as \(role)"
    case .roleUnbound(let role):
      "\(role) is a superuser or bypasses row-level security, which keeps tenants apart"
    case .notOffered(let catalog, let what): "\(catalog) has no \(what)"
    case .tenantUnknown(let catalog, let name): "\(catalog) has no tenant `\(displayText(name))`"
    case .tenantAmbiguous(let catalog, let name):
      "\(catalog) has several tenants `\(displayText(name))`"
    case .tenantExists(let catalog, let name, let isDeleted):
      "\(catalog) has a tenant `\(displayText(name))` already\(isDeleted ? ", a deleted one" : "")"
    case .tenantFixed(let name, let reason, _): "`\(displayText(name))`: \(reason)"
    case .keyUnknown(let catalog): "\(catalog) has no such key that is in force"
    case .keyAmbiguous(let count): "\(count) keys have that name"
    case .keyNameTaken(let tenant, let name):
      "`\(displayText(tenant))` has a key `\(displayText(name))` already"
    case .keyUnreadable(let reason): "what was read is no key: \(reason)"
    case .encryptionKey(let place, let reason, _): "\(displayText(place)): \(reason)"
    case .envelope(let row, let reason, _): "envelope of row \(displayText(row)): \(reason)"
    case .rowUnknown(let table, let row):
      "\(table) has no row \(displayText(row)) that this tenant may see"
    case .personUnknown(let catalog): "\(catalog) has no such person"
    }
  }

  package var remedy: String? {
    switch self {
    case .schemaMissing(let catalog, _, _):
      "name another database with --database, or make the schema: daybreak db init --catalog \(catalog)"
    case .roleDenied(let role, _, true):
      "daybreak db init makes the roles; or as an administrator: CREATE ROLE \(role)"
    case .roleDenied(let role, let login, false):
      "as an administrator: GRANT \(role) TO \"\(displayText(login).replacing("\"", with: "\"\""))\""
    case .roleUnbound(let role): "ALTER ROLE \(role) NOSUPERUSER NOBYPASSRLS"
    case .notOffered, .keyUnreadable, .keyNameTaken: nil
    case .tenantUnknown(let catalog, _): "see: daybreak tenants list --catalog \(catalog)"
    case .tenantAmbiguous: "give the id in place of the name"
    case .tenantExists(_, _, true): "see: daybreak tenants restore"
    case .tenantExists(_, _, false): nil
    case .tenantFixed(_, _, let remedy), .encryptionKey(_, _, let remedy): remedy
    case .keyUnknown(let catalog): "see: daybreak keys list --catalog \(catalog)"
    case .keyAmbiguous: "give the id in place of the name"
    case .envelope(_, _, let remedy): remedy
    case .rowUnknown: "name a tenant with rights on it by --tenant"
    case .personUnknown: "give the id of a person, or name the organization by --tenant"
    }
  }
}
