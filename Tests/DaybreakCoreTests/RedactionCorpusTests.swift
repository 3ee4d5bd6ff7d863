import DaybreakCore
import SecretCorpus
import Testing

/// The redactor against generated lines: the figures that it must keep.
@Suite struct RedactionCorpusTests {
  static let corpus = SecretCorpus(seed: 20_260_312)

  @Test func `The corpus has at least three hundred of each`() {
    #expect(Self.corpus.planted.count >= 300)
    #expect(Self.corpus.lookAlikes.count >= 300)
  }

  @Test func `Every planted secret is in its line`() {
    #expect(Self.corpus.planted.allSatisfy { $0.line.contains($0.secret) })
  }

  @Test func `At least 99 of 100 planted secrets are taken out`() {
    let score = Self.corpus.score(RedactionOptions())
    #expect(score.recall >= 0.99, "missed: \(score.missed)")
  }

  @Test func `At most 2 of 100 look-alikes are changed`() {
    let score = Self.corpus.score(RedactionOptions())
    #expect(score.falsePositiveRate <= 0.02, "taken: \(score.wronglyTaken)")
  }

  @Test(arguments: [
    ("AU", "tfn 123 456 782 filed"), ("AU", "TFN: 123456782"), ("BR", "cpf 529.982.247-25 ok"),
    ("CA", "sin 046 454 286 ok"), ("DE", "IdNr 86095742719 ok"), ("ES", "dni 12345678Z ok"),
    ("ES", "nie X1234567L ok"), ("FR", "nir 1 84 12 76 451 089 46 ok"),
    ("GB", "nino AB 12 34 56 C ok"), ("GB", "AB123456C"), ("IN", "aadhaar 2341 2341 2346 ok"),
    ("NL", "bsn=111222333 ok"), ("SE", "pnr 811218-9876 ok"), ("US", "ssn 123-45-6789 ok"),
  ])
  func `Personal numbers go where their country is asked for`(code: String, text: String) throws {
    let country = try #require(NationalNumber(rawValue: code))
    var asked = Redactor(RedactionOptions(nationalNumbers: [country]))
    #expect(asked.redact(text).contains("<national-id:1>"))
    var others = Redactor(RedactionOptions())
    #expect(others.redact(text) == text)
  }

  @Test(arguments: [
    "123 456 783", "529.982.247-26", "86095742718", "12345678A", "X1234567M", "AB123456E",
    "GB123456A", "2341 2341 2347", "111222333", "811218-9875", "000-45-6789", "666-45-6789",
    "123-45-6789-1", "2026-03-12", "1-84-12", "123-456-7890",
  ])
  func `Numbers with a wrong check digit or form stay`(text: String) {
    var redactor = Redactor(
      RedactionOptions(nationalNumbers: Set(NationalNumber.allCases)))
    #expect(redactor.redact(text) == text)
  }

  @Test(arguments: [
    ("EMP-######", "by EMP-001234, late", "by <employee:1>, late"),
    ("cust_*", "of cust_9f-A_x.", "of <employee:1>."),
    ("@@##", "room AB12 is AB123", "room <employee:1> is AB123"),
    (#"a\*b"#, "a*b axb", "<employee:1> axb"),
  ])
  func `Patterns of a user's own are taken out`(pattern: String, text: String, redacted: String)
    throws
  {
    let custom = try #require(RedactionPattern(name: "employee", text: pattern))
    var redactor = Redactor(RedactionOptions(customPatterns: [custom]))
    #expect(redactor.redact(text) == redacted)
    #expect(redactor.redact(redacted) == redacted)
  }

  @Test(arguments: [("", "x"), ("Upper", "x"), ("a1", "x"), ("ok", "*"), ("ok", ""), ("ok", "-x")])
  func `A pattern that cannot be used is refused`(name: String, text: String) {
    #expect(RedactionPattern(name: name, text: text) == nil)
  }

  @Test(arguments: [
    ("password: a=b", "password: <password:1>"), ("password= a1=b", "password= <password:1>"),
    ("password= user=app", "password= user=app"),
    ("password = correct=horse", "password = <password:1>"),
  ])
  func `An equals sign ends no value but an empty one`(text: String, redacted: String) {
    var redactor = Redactor()
    #expect(redactor.redact(text) == redacted)
  }
}
