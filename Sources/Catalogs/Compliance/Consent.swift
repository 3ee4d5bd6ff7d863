package import DaybreakCore
import Postgres

/// How many people of an organization agreed to what.
package struct Consent: Hashable, Sendable {
  package var organization: String
  package var people: Int
  package var privacyGiven: Int
  package var privacyWithdrawn: Int
  package var privacyNever: Int
  package var marketingGiven: Int
  /// Who agreed to marketing and not to the processing that it needs.
  package var marketingWithoutPrivacy: Int
  /// When the oldest consent in force was given; nil when there is none.
  package var oldestConsent: Timestamp?

  init(_ organization: String, _ row: Row) throws {
    self.organization = organization
    people = try row.int("people")
    privacyGiven = try row.int("privacy_given")
    privacyWithdrawn = try row.int("privacy_withdrawn")
    privacyNever = try row.int("privacy_never")
    marketingGiven = try row.int("marketing_given")
    marketingWithoutPrivacy = try row.int("marketing_without_privacy")
    oldestConsent = try row.optionalTimestamp("oldest_consent")
  }
}
