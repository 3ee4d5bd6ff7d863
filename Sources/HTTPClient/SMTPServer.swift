internal import CCurl
internal import DaybreakCore
internal import Glibc

/// Whether mail travels encrypted to the server.
package enum SMTPSecurity: String, Sendable, CaseIterable {
  /// Never.
  case none
  /// When the server offers STARTTLS; whoever sits in between can take the offer away.
  case starttls
  /// Always, or not at all.
  case required
}

/// Who we are to a mail server.
package struct SMTPCredentials: Sendable {
  package let user: String
  let password: String

  /// Makes credentials of parts that are at hand.
  package init(user: String, password: String) {
    self.user = user
    self.password = password
  }

  /// Takes the password from an environment variable.
  ///
  /// - Parameters:
  ///   - user: the user's name.
  ///   - variable: the variable that holds the password.
  ///   - environment: all variables.
  /// - Throws: `SMTPError.misconfigured` when there is none.
  package init(
    user: String, passwordVariable variable: String, environment: [String: String]
  ) throws(SMTPError) {
    guard let password = environment[variable], !password.isEmpty else {
      throw .misconfigured(
        server: "e-mail", reason: "the environment variable \(variable) holds no password")
    }
    self.init(user: user, password: password)
  }

  /// Takes the password from a file that nobody but its owner can read; one newline at its end is
  /// not part of it.
  ///
  /// - Parameters:
  ///   - user: the user's name.
  ///   - path: the file.
  /// - Throws: `SMTPError.misconfigured` when it is missing, empty or open to others.
  package init(user: String, passwordFile path: String) throws(SMTPError) {
    self.init(user: user, password: try secret(inFile: path))
  }
}

extension SMTPCredentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable
{
  package var description: String { "\(user) (password hidden)" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: ["user": user]) }
}

/// Reads a password from a file; see `readSecret(file:)`.
private func secret(inFile path: String) throws(SMTPError) -> String {
  do {
    return try readSecret(file: path)
  } catch {
    throw .misconfigured(
      server: "e-mail", reason: "password file \(displayText(path)): \(error.reason)")
  }
}

/// A mail server and how to talk to it.
package struct SMTPServer: Sendable {
  /// `smtp://host:port` (STARTTLS as `security` says) or `smtps://host:port` (TLS from the start).
  package var url: String
  /// Nil: `required`, but `none` to this machine.
  package var security: SMTPSecurity?
  package var credentials: SMTPCredentials?
  /// A PEM file of certificate authorities in place of the system's.
  package var certificateAuthorities: String?
  /// To resolve, connect and be greeted.
  package var connectTimeout: Duration
  /// For the whole conversation.
  package var totalTimeout: Duration
  /// The name that we greet with; nil for the machine's.
  package var clientName: String?

  package init(
    url: String, security: SMTPSecurity? = nil, credentials: SMTPCredentials? = nil,
    certificateAuthorities: String? = nil, connectTimeout: Duration = .seconds(15),
    totalTimeout: Duration = .seconds(60), clientName: String? = nil
  ) {
    self.url = url
    self.security = security
    self.credentials = credentials
    self.certificateAuthorities = certificateAuthorities
    self.connectTimeout = connectTimeout
    self.totalTimeout = totalTimeout
    self.clientName = clientName
  }

  /// Scheme, host and port, without user and password: what errors show.
  package var label: String { ParsedURL(url)?.origin ?? "(malformed URL)" }

  /// The address, once every setting has been found to make sense.
  ///
  /// - Returns: the URL's parts and the security to use.
  /// - Throws: `SMTPError.misconfigured`.
  func checked() throws(SMTPError) -> (address: ParsedURL, security: SMTPSecurity) {
    guard let address = ParsedURL(url), ["smtp", "smtps"].contains(address.scheme) else {
      throw .misconfigured(server: label, reason: "the URL is not smtp://host:port or smtps://…")
    }
    guard !url.contains("@") else {
      let reason = "the URL holds a user; name user and password (variable or file) on their own"
      throw .misconfigured(server: label, reason: reason)
    }
    if let clientName, !clientName.utf8.allSatisfy(isHostNameByte) {
      throw .misconfigured(server: label, reason: "the client name is no host name")
    }
    let security = security ?? (address.isLoopback ? .none : .required)
    let isEncrypted = address.scheme == "smtps" || security == .required
    guard credentials == nil || isEncrypted || address.isLoopback else {
      let reason = "a password would cross the network in clear; use `required`"
      throw .misconfigured(server: label, reason: reason)
    }
    return (address, security)
  }
}

private func isHostNameByte(_ byte: UInt8) -> Bool {
  switch byte {
  case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E: true
  default: false
  }
}
