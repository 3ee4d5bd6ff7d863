extension SecretMaker {
  /// Makes a text with a secret, and says which part of it is.
  typealias Make = @Sendable (inout SecretMaker) -> (text: String, secret: String)

  static let secrets: [(kind: String, make: Make)] = vendorKeys + credentials + personal

  /// Keys with a vendor's prefix.
  private static let vendorKeys: [(kind: String, make: Make)] = [
    (
      "AWS access key",
      { m in
        let key = m.pick(["AK" + "IA", "AS" + "IA"]) + m.text(upper + "234567", 16)
        return ("using key \(key) in eu-west-1", key)
      }
    ),
    (
      "AWS secret key",
      { m in
        let key = m.text(base64, 39) + "7"
        return ("aws_secret_access_key=\(key)", key)
      }
    ),
    (
      "Google API key",
      { m in
        let key = "AI" + "za" + m.text(base64URL, 34) + "4"
        return ("GET /maps/api/geocode/json?key=\(key)&address=x", key)
      }
    ),
    (
      "Google OAuth token",
      { m in
        let key = "ya" + "29." + m.text(base64URL, 120) + "9"
        return ("oauth2 refresh gave \(key)", key)
      }
    ),
    (
      "GitHub token",
      { m in
        let key =
          "g" + m.pick(["hp", "ho", "hu", "hs", "hr"]) + "_" + m.text(alphanumeric, 35) + "5"
        return ("fatal: could not read from https://github.com with \(key)", key)
      }
    ),
    (
      "GitHub fine-grained token",
      { m in
        let key = "github" + "_pat_" + m.text(alphanumeric, 22) + "_" + m.text(alphanumeric, 59)
        return ("env GH_PAT \(key)", key)
      }
    ),
    (
      "GitLab token",
      { m in
        let key = "gl" + "pat-" + m.text(base64URL, 19) + "3"
        return ("curl -H \"PRIVATE-TOKEN: \(key)\"", key)
      }
    ),
    (
      "Slack token",
      { m in
        let key =
          "xo" + m.pick(["xb", "xp", "xa"]) + "-\(m.number(100_000_000_000...999_999_999_999))-"
          + m.text(alphanumeric, 24)
        return ("slack said invalid_auth for \(key)", key)
      }
    ),
    (
      "Slack webhook",
      { m in
        let path =
          "T\(m.text(upper + digits, 8))/B\(m.text(upper + digits, 8))/\(m.text(alphanumeric, 24))"
        return ("POST https://hooks.slack.com/services/\(path) 404", path)
      }
    ),
    (
      "Stripe key",
      { m in
        let key =
          m.pick(["s", "r"]) + "k_" + m.pick(["live", "test"]) + "_" + m.text(alphanumeric, 23)
          + "2"
        return ("No such customer; request used \(key)", key)
      }
    ),
    (
      "OpenAI key",
      { m in
        let key = "s" + "k-proj-" + m.text(base64URL, 47) + "8"
        return ("Incorrect API key provided: \(key).", key)
      }
    ),
    (
      "Anthropic key",
      { m in
        let key = "s" + "k-ant-api03-" + m.text(base64URL, 92) + "AA"
        return ("x-api-key: \(key)", key)
      }
    ),
    (
      "npm token",
      { m in
        let key = "np" + "m_" + m.text(alphanumeric, 35) + "6"
        return ("//registry.npmjs.org/:_authToken=\(key)", key)
      }
    ),
    (
      "PyPI token",
      { m in
        let key = "py" + "pi-AgEI" + m.text(base64URL, 150) + "1"
        return ("twine upload with \(key)", key)
      }
    ),
    (
      "SendGrid key",
      { m in
        let key = "S" + "G." + m.text(base64URL, 22) + "." + m.text(base64URL, 42) + "4"
        return ("sendgrid 401 for \(key)", key)
      }
    ),
    (
      "Telegram bot token",
      { m in
        let key = "\(m.number(100_000_000...999_999_999)):A" + "A" + m.text(base64URL, 32) + "x"
        return ("getUpdates of bot \(key) failed", key)
      }
    ),
    (
      "Vault token",
      { m in
        let key = "hv" + "s." + m.text(base64URL, 89) + "7"
        return ("vault login \(key)", key)
      }
    ),
    (
      "Hugging Face token",
      { m in
        let key = "h" + "f_" + m.text(alphanumeric, 33) + "K"
        return ("401 from hub with \(key)", key)
      }
    ),
    (
      "DigitalOcean token",
      { m in
        let key = "do" + "p_v1_" + m.text(hex, 63) + "3"
        return ("doctl auth init -t \(key)", key)
      }
    ),
    (
      "Shopify token",
      { m in
        let key = "shp" + "at_" + m.text(hex, 31) + "a"
        return ("shop refused \(key)", key)
      }
    ),
    (
      "Azure account key",
      { m in
        let key = m.text(base64, 86) + "=="
        return (
          "DefaultEndpointsProtocol=https;AccountName=logs;AccountKey=\(key);EndpointSuffix=x", key
        )
      }
    ),
    (
      "Azure SAS signature",
      { m in
        let key = m.text(alphanumeric, 43) + "%3D"
        return ("PUT https://logs.blob.core.windows.net/c/b?sv=2024-11-04&sp=rw&sig=\(key)", key)
      }
    ),
  ]

  /// Passwords, tokens and keys by where they stand.
  private static let credentials: [(kind: String, make: Make)] = [
    (
      "JSON Web Token",
      { m in
        let token =
          "ey" + "JhbGciOiJIUzI1NiJ9." + "ey" + "J" + m.text(base64URL, m.number(40...180)) + "."
          + m.text(base64URL, 43)
        return (
          m.pick(["jwt expired: \(token)", "Authorization: Bearer \(token)", "?jwt=\(token)&x=1"]),
          token
        )
      }
    ),
    (
      "bearer token",
      { m in
        let token = m.text(base64URL, m.number(23...39)) + "4"
        return (
          m.pick(["Authorization: Bearer \(token)", "\"authorization\":\"bearer \(token)\""]), token
        )
      }
    ),
    (
      "basic credentials",
      { m in
        // `user:` in base64 is `dXNlcjo`; the rest may be anything.
        let value = "dXNlcjo" + m.text(alphanumeric, 12) + "="
        return ("Proxy-Authorization: Basic \(value)", value)
      }
    ),
    (
      "password in a URL",
      { m in
        let password = m.password().replacing("#", with: "x").replacing("%", with: "x")
        let scheme = m.pick([
          "postgres", "mysql", "redis", "amqp", "mongodb+srv", "https", "ftp", "smtp",
        ])
        return (
          "cannot reach \(scheme)://app:\(password)@db-\(m.number(1...9)).internal:5432/\(m.word())",
          ":\(password)@"
        )
      }
    ),
    (
      "password=",
      { m in
        let password = m.password()
        let key = m.pick([
          "password", "passwd", "pwd", "db_password", "DB_PASS", "spring.datasource.password",
        ])
        return ("config \(key)=\(password) loaded", "=\(password)")
      }
    ),
    (
      "password in JSON",
      { m in
        let password = m.password()
        let key = m.pick(["password", "userPassword", "client_secret", "passphrase"])
        return (#"{"user":"ann","\#(key)":"\#(password)","n":1}"#, password)
      }
    ),
    (
      "password in YAML",
      { m in
        let password = m.password()
        return ("\(m.pick(["password", "adminPassword", "secret_key"])): \(password)", password)
      }
    ),
    (
      "password option",
      { m in
        let password = m.password()
        return ("exec mysqldump --password\(m.pick([" ", "="]))\(password) shop", password)
      }
    ),
    (
      "password in XML",
      { m in
        let password = m.password()
        return ("<auth><user>ann</user><password>\(password)</password></auth>", password)
      }
    ),
    (
      "token=",
      { m in
        let token = m.text(alphanumeric, m.number(19...40)) + "3"
        let key = m.pick([
          "token", "access_token", "refresh_token", "api_key", "apikey", "secret", "X-Auth-Token",
        ])
        return ("GET /v1/\(m.word())?\(key)=\(token)&limit=10", token)
      }
    ),
    (
      "token header",
      { m in
        let token = m.text(hex, 32)
        return ("\(m.pick(["X-Api-Key", "X-Auth-Token", "X-Csrf-Token"])): \(token)", token)
      }
    ),
    (
      "session cookie",
      { m in
        let value = m.text(alphanumeric, 32)
        return (
          m.pick(["Cookie: sid=\(value); theme=dark", "Set-Cookie: session=\(value); Path=/"]),
          value
        )
      }
    ),
    (
      "JSESSIONID",
      { m in
        let value = m.text("0123456789ABCDEF", 32)
        return ("GET /app;JSESSIONID=\(value)", value)
      }
    ),
    (
      "private key",
      { m in
        let label = m.pick(["RSA ", "EC ", "OPENSSH ", ""]) + "PRIVATE K" + "EY"
        let body = (0..<3).map { _ in m.text(base64, 64) }.joined(separator: "\n")
        return ("loaded -----BEGIN \(label)-----\n\(body)\n-----END \(label)----- from disk", body)
      }
    ),
    (
      "one-time code",
      { m in
        let code = m.text(digits, 6)
        return ("sms sent, otp=\(code) to=handset", "=\(code)")
      }
    ),
  ]

  /// What belongs to people.
  private static let personal: [(kind: String, make: Make)] = [
    (
      "e-mail address",
      { m in
        let name = m.pick(["ann", "bob.smith", "carol+x", "d_e", "o'neil", "jürgen", "x1"])
        let host = m.pick([
          "example.com", "mail.example.co.uk", "sub.example.org", "example.museum",
        ])
        let mail = "\(name)\(m.number(1...99))@\(host)"
        return (
          m.pick([
            "login of \(mail) failed", "to=<\(mail)>", #"{"email":"\#(mail)"}"#, "mailto:\(mail)",
          ]), mail
        )
      }
    ),
    (
      "e-mail in a URL",
      { m in
        let mail = "\(m.word())%40example.org"
        return ("GET /unsubscribe?to=\(mail)&list=3", mail)
      }
    ),
    (
      "card number",
      { m in
        let number = m.pick([
          m.luhn("4", 16), m.luhn("55", 16), m.luhn("37", 15), m.luhn("6011", 16),
          m.luhn("2221", 16),
        ])
        return (
          m.pick(["charge of card \(number) declined", #""pan":"\#(number)""#, "pan=\(number)"]),
          number
        )
      }
    ),
    (
      "card number in groups",
      { m in
        let digits = Array(m.luhn(m.pick(["4", "51", "6011"]), 16))
        let separator = m.pick([" ", "-"])
        let number = stride(from: 0, to: 16, by: 4).map { String(digits[$0..<$0 + 4]) }
          .joined(separator: separator)
        return ("customer wrote \(number) into the comment", number)
      }
    ),
  ]
}
