/// The second tenant: a billing office with three services and no incident.
let globexServices: [DemoService] = [
  DemoService(
    tenant: "globex", namespace: "billing", name: "invoices", format: .json, file: nil,
    kinds: [
      LineKind(
        .info, .daily(1500), "invoice issued",
        fields: #""invoice":{100000-999999},"amount":{money},"currency":"{EUR|USD}""#,
        origin: "invoices/issue"),
      LineKind(
        .info, .nightly(count: 260, minute: 240, spread: 5), "dunning letter written",
        fields: #""invoice":{100000-999999},"stage":{1-3}"#, origin: "invoices/dunning"),
      LineKind(
        .warn, .daily(130), "tax number could not be verified yet",
        fields: #""customer":{10000-99999}"#, origin: "invoices/tax"),
      LineKind(
        .error, .daily(45), "archive refused document, will retry",
        fields: #""invoice":{100000-999999},"status":409"#, origin: "invoices/archive"),
    ]),
  DemoService(
    tenant: "globex", namespace: "billing", name: "ledger", format: .logfmt, file: nil,
    kinds: [
      LineKind(
        .info, .daily(1700), "entry posted",
        fields: "entry={100000-999999} account={1000-9999} took={1-20}ms"),
      LineKind(
        .warn, .daily(150), "rounding difference booked",
        fields: "entry={100000-999999} cents={1-4}"),
      LineKind(
        .error, .daily(44), "bank statement line matches no invoice",
        fields: "statement={1000-9999} line={10-99}"),
    ]),
  DemoService(
    tenant: "globex", namespace: "billing", name: "scheduler", format: .goLog, file: nil,
    kinds: [
      LineKind(.info, .steady(720), "job {10-99} finished in {1-50} s", origin: "runner.go:77"),
      LineKind(
        .warn, .steady(110), "WARN job {10-99} ran past its slot by {1-9} s", origin: "runner.go:84"
      ),
      LineKind(
        .error, .steady(48), "ERROR job {10-99} failed and is tried again", origin: "runner.go:93"),
    ]),
]
