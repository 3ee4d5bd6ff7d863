/// Texts with a secret, and what must become of them.
///
/// Keys are put together from two halves, so that
/// scanners that look for leaked keys in repositories stay quiet.
let plantedSecrets: [(String, String)] = [
  (
    "user alice@example.com logged in",
    "user <email:1> logged in"
  ),
  (
    "<bob.smith+tag@mail.example.co.uk>",
    "<<email:1>>"
  ),
  (
    "mailto:carol@example.org",
    "mailto:<email:1>"
  ),
  (
    "{\"email\":\"dave@example.io\"}",
    "{\"email\":\"<email:1>\"}"
  ),
  (
    "to=eve%40example.net&x=1",
    "to=<email:1>&x=1"
  ),
  (
    "cc: o'neil@example.ie.",
    "cc: <email:1>."
  ),
  (
    "jürgen@müller.de schrieb",
    "<email:1> schrieb"
  ),
  (
    "12345@qq.com",
    "<email:1>"
  ),
  (
    "x_y-z@sub-domain.example.museum;",
    "<email:1>;"
  ),
  (
    "a@b.co",
    "<email:1>"
  ),
  (
    "jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjMifQ.c2lnbmF0dXJl end",
    "jwt <jwt:1> end"
  ),
  (
    "Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjMifQ.c2lnbmF0dXJl",
    "Authorization: Bearer <jwt:1>"
  ),
  (
    "token=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjMifQ.c2lnbmF0dXJl",
    "token=<jwt:1>"
  ),
  (
    "unsigned eyJhbGciOiJub25lIn0.eyJzdWIiOiIxMjMifQ.",
    "unsigned <jwt:1>"
  ),
  (
    "jwe eyJhbGciOiJSU0EtT0FFUCJ9.OKOawDo13gRp2ojaHV7LFpZc.48V1_ALb6US04U3b.5eym8TW_c8SuK0lt.XFBoMYUZodetZdvT",
    "jwe <jwt:1>"
  ),
  (
    "key A" + "KIAIOSFODNN7EXAMPLE used",
    "key <api-key:1> used"
  ),
  (
    "A" + "SIAIOSFODNN7EXAMPLE",
    "<api-key:1>"
  ),
  (
    "aws_access_key_id=A" + "KIAIOSFODNN7EXAMPLE",
    "aws_access_key_id=<api-key:1>"
  ),
  (
    "key=A" + "IzaSyA1234567890abcdefghijklmnopqrstuv",
    "key=<api-key:1>"
  ),
  (
    "G" + "OCSPX-abcdefghijklmnopqrstuvwx1234",
    "<api-key:1>"
  ),
  (
    "y" + "a29.a0AfH6SMBx1234567890abcdef",
    "<token:1>"
  ),
  (
    "g" + "hp_abcdefghijklmnopqrstuvwxyz0123456789",
    "<token:1>"
  ),
  (
    "clone with g" + "ho_abcdefghijklmnopqrstuvwxyz0123456789 failed",
    "clone with <token:1> failed"
  ),
  (
    "g" + "hs_abcdefghijklmnopqrstuvwxyz0123456789",
    "<token:1>"
  ),
  (
    "g" + "ithub_pat_11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz",
    "<token:1>"
  ),
  (
    "g" + "lpat-abcdefghij1234567890",
    "<token:1>"
  ),
  (
    "x" + "oxb-123456789012-abcdefGHIJKL",
    "<token:1>"
  ),
  (
    "x" + "oxp-123456789012-123456789012-abc",
    "<token:1>"
  ),
  (
    "x" + "app-1-A0123456789-1234567890-abcdef",
    "<token:1>"
  ),
  (
    "post https://hooks.slack.com/services/T" + "00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
    "post https://hooks.slack.com/services/<token:1>"
  ),
  (
    "stripe s" + "k_live_4eC39HqLyjWDarjtT1zdp7dc",
    "stripe <api-key:1>"
  ),
  (
    "r" + "k_live_4eC39HqLyjWDarjtT1zdp7dc",
    "<api-key:1>"
  ),
  (
    "s" + "k-ant-api03-abcdefghijklmnop1234",
    "<api-key:1>"
  ),
  (
    "s" + "k-proj-abcdefghijklmnop1234567",
    "<api-key:1>"
  ),
  (
    "h" + "f_abcdefghijklmnopqrstuvwxyzABCDEFGH",
    "<api-key:1>"
  ),
  (
    "n" + "pm_abcdefghijklmnopqrstuvwxyz0123456789",
    "<api-key:1>"
  ),
  (
    "h" + "vs.CAESIJ1234567890abcdefghijklmnop",
    "<token:1>"
  ),
  (
    "authorization: bearer abc123def456ghi789",
    "authorization: bearer <token:1>"
  ),
  (
    "-H 'Authorization: Bearer 2YotnFZFEjr1zCsicMWpAA'",
    "-H 'Authorization: Bearer <token:1>'"
  ),
  (
    "Proxy-Authorization: Basic YWxhZGRpbjpvcGVuc2VzYW1l",
    "Proxy-Authorization: Basic <basic-auth:1>"
  ),
  (
    "-----BEGIN RSA PRIVATE K" + "EY-----\nMIIEow\nabc=\n-----END RSA PRIVATE K" + "EY----- ok",
    "<private-key:1> ok"
  ),
  (
    "-----BEGIN PRIVATE K" + "EY-----\\nMIIEow\\n-----END PRIVATE K" + "EY-----\\n",
    "<private-key:1>\\n"
  ),
  (
    "-----BEGIN OPENSSH PRIVATE K" + "EY-----\nb3BlbnNza",
    "<private-key:1>"
  ),
  (
    "-----BEGIN PGP PRIVATE K" + "EY BLOCK-----\nlQOY\n-----END PGP PRIVATE K" + "EY BLOCK-----",
    "<private-key:1>"
  ),
  (
    "postgres://app:s3cret@db:5432/shop",
    "postgres://app:<password:1>@db:5432/shop"
  ),
  (
    "redis://:hunter2@cache:6379/0",
    "redis://:<password:1>@cache:6379/0"
  ),
  (
    "amqp://guest:gu@est@mq.internal/",
    "amqp://guest:<password:1>@mq.internal/"
  ),
  (
    "\"url\":\"https://bob:pw@example.com/x\"",
    "\"url\":\"https://bob:<password:1>@example.com/x\""
  ),
  (
    "https://0123456789abcdef0123456789abcdef@sentry.example/1",
    "https://<token:1>@sentry.example/1"
  ),
  (
    "password=hunter2",
    "password=<password:1>"
  ),
  (
    "PASSWORD=Hunter2 user=x",
    "PASSWORD=<password:1> user=x"
  ),
  (
    "db_password = correct-horse",
    "db_password = <password:1>"
  ),
  (
    "password: hunter2",
    "password: <password:1>"
  ),
  (
    "spring.datasource.password=pa55w0rd!",
    "spring.datasource.password=<password:1>"
  ),
  (
    "{\"password\":\"hunter2\",\"n\":1}",
    "{\"password\":\"<password:1>\",\"n\":1}"
  ),
  (
    "{\"userPassword\" : \"a \\\"b\\\" c\"}",
    "{\"userPassword\" : \"<password:1>\"}"
  ),
  (
    "\"{\\\"password\\\":\\\"hunter2\\\"}\"",
    "\"{\\\"password\\\":\\\"<password:1>\\\"}\""
  ),
  (
    "passwd='hunter 2', x",
    "passwd='<password:1>', x"
  ),
  (
    "GET /login?user=a&pwd=hunter2&x=1",
    "GET /login?user=a&pwd=<password:1>&x=1"
  ),
  (
    "mysqldump --password hunter2 shop",
    "mysqldump --password <password:1> shop"
  ),
  (
    "mysqldump --password=hunter2 shop",
    "mysqldump --password=<password:1> shop"
  ),
  (
    "<Password>hunter2</Password>",
    "<Password><password:1></Password>"
  ),
  (
    "aws_secret_access_key=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "aws_secret_access_key=<password:1>"
  ),
  (
    "client_secret=abc-def-ghi",
    "client_secret=<password:1>"
  ),
  (
    "api_key=0123456789abcdef",
    "api_key=<secret:1>"
  ),
  (
    "X-Api-Key: 0123456789abcdef",
    "X-Api-Key: <secret:1>"
  ),
  (
    "{\"access_token\":\"2YotnFZFEjr1zCsicMWpAA\"}",
    "{\"access_token\":\"<secret:1>\"}"
  ),
  (
    "refresh_token=tGzv3JOkF0XG5Qx2TlKWIA",
    "refresh_token=<secret:1>"
  ),
  (
    "token: 9f86d081884c7d65",
    "token: <secret:1>"
  ),
  (
    "AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
    "AccountKey=<secret:1>"
  ),
  (
    "otp=123456",
    "otp=<secret:1>"
  ),
  (
    "card cvv=123 ok",
    "card cvv=<password:1> ok"
  ),
  (
    "Cookie: session=abc; theme=dark",
    "Cookie: <cookie:1>"
  ),
  (
    "Set-Cookie: sid=abc123; HttpOnly",
    "Set-Cookie: <cookie:1>"
  ),
  (
    "JSESSIONID=1A530637289A03B07199A44E8D531427",
    "JSESSIONID=<secret:1>"
  ),
  (
    "X-Amz-Signature=fe5f80f77d5fa3beca038a248ff027d0445342fe2855ddc963176630326f1024",
    "X-Amz-Signature=<secret:1>"
  ),
  (
    "card 4111111111111111 declined",
    "card <card:1> declined"
  ),
  (
    "4111 1111 1111 1111",
    "<card:1>"
  ),
  (
    "5555-5555-5555-4444,",
    "<card:1>,"
  ),
  (
    "amex 3782 822463 10005",
    "amex <card:1>"
  ),
  (
    "378282246310005",
    "<card:1>"
  ),
  (
    "{\"pan\":\"6011111111111117\"}",
    "{\"pan\":\"<card:1>\"}"
  ),
  (
    "jcb 3530111333300000.",
    "jcb <card:1>."
  ),
  (
    "30569309025904",
    "<card:1>"
  ),
]

/// Texts that hold no secret, however much they look like it.
let lookAlikes: [String] = [
  "unexpected token: }",
  "unexpected token '<', expected identifier",
  "tokens=4096 max_tokens=512",
  "token bucket empty, retry in 5s",
  "password reset requested for user 42",
  "invalid password: too short",
  "wrong password for user bob",
  "password=",
  "password=null",
  "password=******",
  "password=[REDACTED]",
  "password=<redacted>",
  "password=${DB_PASSWORD}",
  "{\"password\":\"\"}",
  "{\"password\":null,\"x\":1}",
  "password_length=12",
  "passwordless=true",
  "secret_name=db-creds",
  "bypass=1 compass=north",
  "pwd=/var/lib/app",
  "PWD=/root",
  "token=EOF",
  "token=none",
  "api_key_id=7",
  "csrf token mismatch",
  "bearer token missing",
  "Bearer authentication required",
  "basic auth enabled",
  "Basic health check passed",
  "Authorization: Bearer",
  "Authorization: Negotiate",
  "lodash@4.17.21",
  "left-pad@1.3.0-beta.rc",
  "java.lang.Object@1b6d3586",
  "icon@2x.png",
  "user@1000.service",
  "getty@tty1.service failed",
  "postgresql@15-main.service: Succeeded",
  "root@localhost",
  "@Override",
  "image@sha256:0123456789abcdef",
  "git@github.com:acme/shop.git",
  "ssh://git@git.example.com/acme/shop",
  "a @ b",
  "foo@",
  "@example.com",
  "2 items @ 3.50 each",
  "ts=1763679600123456789",
  "id 1234567890123456",
  "trace 4111111111111112",
  "4111 1111 1111 1112",
  "0000000000000000",
  "tel +49 4111 1111111",
  "uuid 4b2a1111-1111-4111-8111-111111111111",
  "v4111.1111.1111.1111",
  "size=4111111111111111222",
  "https://example.com:8443/a",
  "http://user@example.com/",
  "redis://cache:6379/0",
  "jdbc:postgresql://db:5432/shop?user=app",
  "postgres://app:@db/shop",
  "postgres://app:***@db/shop",
  "a://b",
  "eyJ is how JSON starts in base64",
  "eyJhbGciOi.not",
  "conveyJunk.and.more",
  "AKIA is a prefix",
  "AKIAshort",
  "XAKIAIOSFODNN7EXAMPLE1",
  "ghp_short",
  "sk-learn is scikit-learn",
  "sk-something-that-is-a-plain-slug",
  "xoxb-",
  "task_live_migration",
  "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
  "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----",
  "10:20:30 started",
  "10.0.0.1 - - [12/Mar/2026:02:10:09 +0100]",
  "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
  "sha256=e3b0c44298fc1c149afbf4c8996fb924",
  "cookie jar full",
  "signature mismatch for request 42",
  "sort key: name, partition key: id",
  "monkey=banana",
  "",
  " ",
  "=:@>%40",
]
