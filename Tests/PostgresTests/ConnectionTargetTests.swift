import Postgres
import Testing

@Suite struct ConnectionTargetTests {
  @Test func `an address is read as libpq reads it`() throws {
    let target = try ConnectionTarget(
      "postgres://sre:p%40ss@db.example:6543/logs?application_name=x&connect_timeout=3")
    #expect(target.host == "db.example")
    #expect(target.databaseName == "logs")
    #expect(target.user == "sre")
    #expect(target["password"] == "p@ss")
    #expect(target["port"] == "6543")
  }

  @Test func `a conninfo string is read too`() throws {
    let target = try ConnectionTarget("host=/run/pg dbname='my logs' user=sre")
    #expect(target.host == "/run/pg")
    #expect(target.databaseName == "my logs")
  }

  @Test func `no description shows the password`() throws {
    let target = try ConnectionTarget("postgres://sre:hunter2@db/logs")
    var dumped = ""
    dump(target, to: &dumped)
    #expect(target.description == "database logs at db as sre")
    #expect(!dumped.contains("hunter2"))
    #expect(!String(reflecting: target).contains("hunter2"))
  }

  @Test(arguments: [
    "postgres://sre:hunter2@[db/logs", "passwort=hunter2", "host=db password='hunter2",
  ])
  func `a broken address is refused without repeating it`(text: String) {
    let error = #expect(throws: PostgresError.self) { try ConnectionTarget(text) }
    #expect(error?.description.contains("hunter2") == false)
  }

  @Test func `conninfo quotes what needs it`() throws {
    let target = ConnectionTarget(parameters: ["dbname": #"it's \ here"#, "user": "a b"])
    #expect(try ConnectionTarget(target.conninfo) == target)
  }

  @Test(arguments: [("a", #""a""#), (#"a"b"#, #""a""b""#), ("", #""""#), (#"""#, #""""""#)])
  func `identifiers are quoted`(name: String, quoted: String) {
    #expect(quotedIdentifier(name) == quoted)
  }
}
