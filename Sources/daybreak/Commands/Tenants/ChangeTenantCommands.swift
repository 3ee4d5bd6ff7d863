import Catalogs
import DaybreakCore
import Pipeline

/// `daybreak tenants create`.
enum CreateTenantCommand: Command {
  static let syntax = CommandSyntax(
    name: "tenants create", summary: "Enter a tenant.",
    operands: "NAME", operandCount: 1...1,
    options: [
      TenantOptions.catalog, TenantOptions.database,
      .init(
        "loki-org", "ID", "The value of Loki's X-Scope-OrgID; by default the name (the store's)."),
    ],
    notes: [
      "In loglytics and netra a tenant is a user and NAME an e-mail address; the user has no\n"
        + "password until one is set there."
    ],
    examples: [
      ("daybreak tenants create acme", "in the store; a job enters its tenants by itself"),
      ("daybreak tenants create --catalog loghunter acme", "an organization of LogHunter"),
    ])

  static func run(_ arguments: ParsedArguments) async throws -> ExitStatus {
    let word = arguments.operands[0]
    if arguments.value("catalog") != nil {
      let name = try KeyOptions.name(word, of: "a tenant's name")
      let id = try TenantOptions.ofCatalog(arguments) { try $0.create(name) }
      print("entered `\(name)`, \(id)")
      return .done
    }
    let name = try TenantOptions.storeName(word)
    try TenantOptions.ofStore(arguments) {
      try $0.create(name, lokiOrgID: arguments.value("loki-org"))
    }
    print("entered `\(name)`, \(name.id.uuidString.lowercased())")
    return .done
  }
}

/// `daybreak tenants rename`.
enum RenameTenantCommand: Command {
  static let syntax = CommandSyntax(
    name: "tenants rename", summary: "Give a tenant of a catalog another name.",
    operands: "TENANT NAME", operandCount: 2...2,
    options: [TenantOptions.catalog, TenantOptions.database],
    notes: [
      "TENANT is a name or an id. A tenant of the store keeps its name: addresses of its reports\n"
        + "and the ids of its rows are made of it."
    ],
    examples: [
      ("daybreak tenants rename --catalog loghunter acme acme-labs", "keys and rows stay with it")
    ])

  static func run(_ arguments: ParsedArguments) async throws -> ExitStatus {
    let name = try KeyOptions.name(arguments.operands[1], of: "a tenant's name")
    guard arguments.value("catalog") != nil else {
      throw AccessError.tenantFixed(
        name: arguments.operands[0],
        reason: "addresses of reports and ids of rows are made of the name of a store's tenant",
        remedy: "run jobs under the new name; the nights so far stay under the old one")
    }
    try TenantOptions.ofCatalog(arguments) { try $0.rename(arguments.operands[0], to: name) }
    print("renamed to `\(name)`")
    return .done
  }
}

/// `daybreak tenants delete`.
enum DeleteTenantCommand: Command {
  static let syntax = CommandSyntax(
    name: "tenants delete",
    summary: "Mark a tenant as deleted: rows stay, and can be had back.",
    operands: "TENANT", operandCount: 1...1,
    options: [TenantOptions.catalog, TenantOptions.database, TenantOptions.actor],
    notes: [
      "Of a catalog: nobody signs in as it, and its keys open nothing. Of the store: indexes do\n"
        + "not list it, and its jobs are refused."
    ],
    examples: [
      ("daybreak tenants delete --catalog loghunter acme", "`tenants restore` takes it back"),
      (
        "daybreak tenants delete --catalog netra ann@acme.test --as root@acme.test",
        "in Netra a superuser does so"
      ),
    ])

  static func run(_ arguments: ParsedArguments) async throws -> ExitStatus {
    let word = arguments.operands[0]
    if arguments.value("catalog") != nil {
      let tenant = try TenantOptions.ofCatalog(arguments) {
        try $0.delete(word, actor: arguments.value("as"))
      }
      print("deleted `\(oneLine(tenant.name))`, \(tenant.id)")
      return .done
    }
    let name = try TenantOptions.storeName(word)
    try TenantOptions.ofStore(arguments) { try $0.delete(name) }
    print("deleted `\(name)`")
    return .done
  }
}

/// `daybreak tenants restore`.
enum RestoreTenantCommand: Command {
  static let syntax = CommandSyntax(
    name: "tenants restore", summary: "Take the deletion of a tenant back.",
    operands: "TENANT", operandCount: 1...1,
    options: [TenantOptions.catalog, TenantOptions.database, TenantOptions.actor],
    examples: [("daybreak tenants restore --catalog loghunter acme", "its keys open again")])

  static func run(_ arguments: ParsedArguments) async throws -> ExitStatus {
    let word = arguments.operands[0]
    if arguments.value("catalog") != nil {
      let tenant = try TenantOptions.ofCatalog(arguments) {
        try $0.restore(word, actor: arguments.value("as"))
      }
      print("restored `\(oneLine(tenant.name))`, \(tenant.id)")
      return .done
    }
    let name = try TenantOptions.storeName(word)
    try TenantOptions.ofStore(arguments) { try $0.restore(name) }
    print("restored `\(name)`")
    return .done
  }
}
