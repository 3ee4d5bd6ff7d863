extension SecretMaker {
  /// Makes a text without a secret.
  typealias MakeLookAlike = @Sendable (inout SecretMaker) -> String

  static let lookAlikes: [(kind: String, make: MakeLookAlike)] = identifiers + words + places

  private static let identifiers: [(kind: String, make: MakeLookAlike)] = [
    (
      "UUID",
      { m in
        "request \(m.text(hex, 8))-\(m.text(hex, 4))-4\(m.text(hex, 3))-a\(m.text(hex, 3))-\(m.text(hex, 12)) done"
      }
    ),
    ("commit", { m in "deployed commit \(m.text(hex, 40)) to \(m.word())" }),
    ("digest", { m in "pulled \(m.word())@sha256:\(m.text(hex, 64))" }),
    ("trace", { m in "trace_id=\(m.text(hex, 32)) span_id=\(m.text(hex, 16)) sampled" }),
    ("pointer", { m in "fault at 0x\(m.text(hex, 16)) ip 0x\(m.text(hex, 12))" }),
    ("epoch", { m in "ts=17\(m.text(digits, 17)) lag=\(m.number(1...999))" }),
    ("order number", { m in "order \(m.text("123456789", 1))\(m.text(digits, 15)) shipped" }),
    ("block", { m in "PacketResponder 1 for block blk_-\(m.text(digits, 18)) terminating" }),
    ("etag", { m in "If-None-Match: \"\(m.text(hex, 32))\" gave 304" }),
    (
      "pod",
      { m in "pod \(m.word())-\(m.text(lower + digits, 9))-\(m.text(lower + digits, 5)) evicted" }
    ),
    ("ARN", { m in "arn:aws:iam::\(m.text(digits, 12)):role/\(m.word()) assumed" }),
    (
      "MAC",
      { m in "dhcp lease for \(m.text(hex, 2)):\(m.text(hex, 2)):\(m.text(hex, 2)):aa:0b:1c" }
    ),
    (
      "phone",
      { m in "sms to +49 \(m.number(100...999)) \(m.number(1_000_000...9_999_999)) queued" }
    ),
    ("Java object", { m in "leaked java.util.concurrent.FutureTask@\(m.text(hex, 8))" }),
    (
      "version",
      { m in
        "package \(m.word())@\(m.number(0...9)).\(m.number(0...40)).\(m.number(0...9)) installed"
      }
    ),
    (
      "short id",
      { m in "job id=\(m.text(alphanumeric, 10)) key=\(m.word())/\(m.text(digits, 5)) done" }
    ),
    ("checksum", { m in "sha256=\(m.text(hex, 64)) size=\(m.number(1...99_999)) verified" }),
    (
      "base64 payload",
      { m in "frame data:image/png;base64,iVBORw0KGgo\(m.text(base64, 60)) dropped" }
    ),
  ]

  private static let words: [(kind: String, make: MakeLookAlike)] = [
    (
      "token count",
      { m in "tokens=\(m.number(10...9000)) max_tokens=\(m.number(10...9000)) model=small" }
    ),
    (
      "token word",
      { m in "unexpected token: \(m.pick(["}", "';'", "EOF", "<"])) at line \(m.number(1...900))" }
    ),
    (
      "password word",
      { m in
        m.pick([
          "password reset requested for user \(m.number(1...999))", "invalid password: too short",
          "wrong password for user \(m.word())",
          "password authentication failed for user \"\(m.word())\"",
        ])
      }
    ),
    (
      "empty password",
      { m in
        m.pick([
          "password=", "password=null", #""password":"""#, "password: none", "passwd=undefined",
        ]) + " user=\(m.word())"
      }
    ),
    (
      "masked password",
      { m in
        m.pick([
          "password=******", "password=[REDACTED]", "password=<redacted>", "secret=xxxxxxxx",
          "api_key=****",
        ]) + " ok"
      }
    ),
    (
      "reference",
      { m in
        m.pick([
          "password=${DB_PASSWORD}", "token=$TOKEN", "secret={{ .Values.secret }}", "password=%s",
        ]) + " from \(m.word())"
      }
    ),
    ("secret name", { m in "secret_name=\(m.word())-creds not found in namespace prod" }),
    (
      "bearer word",
      { m in
        m.pick([
          "bearer token missing", "Bearer authentication required", "basic auth enabled",
          "Basic health check passed",
        ]) + " on \(m.word())"
      }
    ),
    (
      "scheme",
      { m in
        m.pick([
          "Authorization: Negotiate", "WWW-Authenticate: Bearer realm=\"\(m.word())\"",
          "auth scheme Digest refused",
        ])
      }
    ),
    (
      "key word",
      { m in "sort key: name, partition key: id, monkey=banana, hotkey=ctrl-\(m.text(lower, 1))" }
    ),
    (
      "masked card",
      { m in "card ending \(m.text(digits, 4)), pan=************\(m.text(digits, 4))" }
    ),
    (
      "library",
      { m in
        m.pick([
          "scikit sk-learn", "sk-something-that-is-a-plain-slug", "xoxb- prefix missing",
          "ghp_short", "task_live_migration", "hf_model missing",
        ]) + " \(m.number(1...9))"
      }
    ),
    (
      "cookie word",
      { m in "cookie jar full, cookies=\(m.number(1...40)) session=\(m.pick(["open", "closed"]))" }
    ),
    (
      "signature word",
      { m in "signature mismatch for request \(m.number(1...999)), signature=invalid" }
    ),
  ]

  private static let places: [(kind: String, make: MakeLookAlike)] = [
    (
      "unit",
      { m in "user@\(m.number(1000...1999)).service and getty@tty\(m.number(1...6)).service started"
      }
    ),
    ("image name", { m in "GET /assets/\(m.word())@2x.png 200" }),
    ("git remote", { m in "fetch git@github.com:acme/\(m.word()).git" }),
    (
      "plain URL",
      { m in "GET https://\(m.word()).example.com:8443/v1/\(m.word())?page=\(m.number(1...90))" }
    ),
    ("user in a URL", { m in "connect http://\(m.word())@proxy.example.com/ ok" }),
    (
      "no password in a URL",
      { m in
        m.pick(["postgres://app:@db/shop", "postgres://app:***@db/shop", "redis://cache:6379/0"])
          + " ok"
      }
    ),
    ("path", { m in "pwd=/srv/\(m.word()) PWD=/root OLDPWD=/tmp" }),
    (
      "address",
      { m in
        "peer 10.\(m.number(0...255)).\(m.number(0...255)).\(m.number(1...254)):\(m.number(1024...65535)) closed"
      }
    ),
    (
      "time",
      { m in
        "took \(m.number(10...23)):\(m.number(10...59)):\(m.number(10...59)).\(m.text(digits, 6)) for \(m.number(1...9)) rows"
      }
    ),
    (
      "certificate",
      { m in "-----BEGIN CERTIFICATE-----\n\(m.text(base64, 64))\n-----END CERTIFICATE----- loaded"
      }
    ),
    (
      "at sign", { m in "\(m.number(2...9)) items @ \(m.number(1...90)).\(m.text(digits, 2)) each" }
    ),
    (
      "fraction",
      { m in "ratio=0.\(m.text(digits, 16)) p99=\(m.number(1...9)).\(m.text(digits, 15))" }
    ),
    (
      "decimal",
      { m in
        "lat=\(m.number(10...80)).\(m.text(digits, 13)) lon=-\(m.number(10...80)).\(m.text(digits, 13))"
      }
    ),
    (
      "class",
      { m in
        "at com.example.\(m.word()).TokenService.refresh(TokenService.java:\(m.number(10...900)))"
      }
    ),
  ]
}
