internal import DaybreakCore

/// Why a mail cannot be written.
package enum NotificationError: DiagnosedError, Equatable {
  /// A setting that is no mail address.
  case invalidAddress(setting: String, reason: String)
  /// No recipients at all.
  case noRecipients
  /// The message is larger than mail clients show whole.
  case tooLarge(byteCount: Int, byteLimit: Int)

  package var summary: String {
    switch self {
    case .invalidAddress(let setting, let reason): "\(setting): \(reason)"
    case .noRecipients: "the mail has no recipients"
    case .tooLarge(let count, let limit): "the mail has \(count) bytes, \(limit) are allowed"
    }
  }

  package var remedy: String? {
    switch self {
    case .invalidAddress: "write it as sre@example.org or \"Night shift <sre@example.org>\""
    case .noRecipients: "name at least one address in the job"
    case .tooLarge: "send the text alone, cut to fit"
    }
  }
}
