/// What customers touch: gateway, checkout, cart, catalog, search.
let acmeFrontServices: [DemoService] = [
  DemoService(
    tenant: "acme", namespace: "shop", name: "gateway", format: .nginxAccess,
    file: "gateway-access",
    kinds: [
      LineKind(
        .info, .daily(7000), "GET /api/products/{10000-99999} HTTP/1.1",
        fields: "200 {800-9000}"),
      LineKind(
        .info, .daily(4200), "GET /api/cart/{100000-999999} HTTP/1.1", fields: "200 {200-900}"),
      LineKind(
        .info, .daily(2100), "POST /api/cart/{100000-999999}/items HTTP/1.1", fields: "201 {90-180}"
      ),
      LineKind(
        .info, .daily(900), "POST /api/checkout/{100000-999999} HTTP/1.1", fields: "200 {300-700}",
        failsInOutage: true),
      LineKind(
        .warn, .daily(420), "GET /api/products/{10000-99999} HTTP/1.1", fields: "404 {120-160}"),
      LineKind(.error, .daily(60), "GET /api/cart/{100000-999999} HTTP/1.1", fields: "502 157"),
      LineKind(
        .error, .outage(perMinute: 14, after: 3), "POST /api/checkout/{100000-999999} HTTP/1.1",
        fields: "504 167"),
    ]),
  DemoService(
    tenant: "acme", namespace: "shop", name: "checkout", format: .json, file: nil,
    kinds: [
      LineKind(
        .info, .daily(1500), "order placed",
        fields: #""order_id":"{uuid}","items":{1-9},"total":{money},"duration_ms":{40-400}"#,
        origin: "checkout/order", failsInOutage: true),
      LineKind(
        .info, .daily(1500), "payment authorized",
        fields: #""order_id":"{uuid}","provider":"{adyen|stripe}","duration_ms":{80-900}"#,
        origin: "checkout/pay", failsInOutage: true),
      LineKind(
        .info, .daily(900), "address validated",
        fields: #""order_id":"{uuid}","country":"{DE|FR|NL}""#,
        origin: "checkout/address"),
      LineKind(
        .warn, .daily(160), "coupon rejected",
        fields: #""order_id":"{uuid}","code":"SPRING{10-99}""#,
        origin: "checkout/coupon"),
      LineKind(
        .error, .daily(55), "tax service answered with an unknown region",
        fields: #""order_id":"{uuid}","region":"{1000-9999}""#, origin: "checkout/tax"),
      LineKind(
        .error, .outage(perMinute: 9, after: 2), "payment authorization failed, order put on hold",
        fields:
          #""order_id":"{uuid}","upstream":"payments","status":503,"attempt":{1-3},"duration_ms":{30000-30060}"#,
        origin: "checkout/pay"),
      LineKind(
        .error, .outage(perMinute: 3, after: 6), "circuit breaker to payments opened",
        fields: #""failures":{20-60},"window_seconds":30"#, origin: "checkout/breaker"),
    ]),
  DemoService(
    tenant: "acme", namespace: "shop", name: "cart", format: .logfmt, file: nil,
    kinds: [
      LineKind(
        .info, .daily(4200), "item added to cart",
        fields: "cart={100000-999999} product={10000-99999} quantity={1-5} took={1-9}ms"),
      LineKind(
        .info, .daily(1900), "cart loaded", fields: "cart={100000-999999} items={1-9} took={1-9}ms"),
      LineKind(
        .warn, .daily(260), "price changed since item was added",
        fields: "cart={100000-999999} product={10000-99999}"),
      LineKind(
        .error, .daily(45), "session store did not answer, retrying",
        fields: "cart={100000-999999} attempt={1-3} timeout=250ms"),
    ]),
  DemoService(
    tenant: "acme", namespace: "shop", name: "catalog", format: .python, file: nil,
    kinds: [
      LineKind(
        .info, .daily(5200), "rendered product {10000-99999} in {4-90} ms", origin: "catalog.views"),
      LineKind(
        .info, .hourly(count: 40, minute: 5), "refreshed category {100-999} with {20-90} products",
        origin: "catalog.cache"),
      LineKind(
        .warn, .daily(300), "image of product {10000-99999} is missing, using placeholder",
        origin: "catalog.images"),
      LineKind(
        .error, .daily(50),
        """
        failed to render product {10000-99999}
        Traceback (most recent call last):
          File "/app/catalog/views.py", line 88, in product
            stock = inventory.stock_of(product)
          File "/app/catalog/clients/inventory.py", line 41, in stock_of
            return self._get(product).json()["stock"]
        TimeoutError: inventory did not answer within 2.0 seconds
        """, origin: "catalog.views"),
    ]),
  DemoService(
    tenant: "acme", namespace: "shop", name: "search", format: .json, file: nil,
    kinds: [
      LineKind(
        .info, .daily(3600), "query served",
        fields: #""query_id":"{uuid}","hits":{0-400},"took_ms":{3-60}"#, origin: "search/api"),
      LineKind(
        .info, .hourly(count: 6, minute: 20), "segment merged",
        fields: #""segment":{100-999},"documents":{1000-9000}"#, origin: "search/index"),
      LineKind(
        .warn, .daily(210), "slow query", fields: #""query_id":"{uuid}","took_ms":{1200-4000}"#,
        origin: "search/api"),
      LineKind(
        .error, .daily(48), "shard did not answer, partial result returned",
        fields: #""query_id":"{uuid}","shard":{10-16}"#, origin: "search/api"),
    ]),
]

/// What works behind them: payments, inventory, orders, mailer.
let acmeBackServices: [DemoService] = [
  DemoService(
    tenant: "acme", namespace: "shop", name: "payments", format: .spring, file: "payments",
    kinds: paymentsKinds),
  DemoService(
    tenant: "acme", namespace: "shop", name: "inventory", format: .goLog, file: nil,
    kinds: [
      LineKind(
        .info, .daily(1800), "reserved {1-5} of product {10000-99999} for order {100000-999999}",
        origin: "reserve.go:64"),
      LineKind(
        .info, .nightly(count: 420, minute: 210, spread: 4),
        "synced stock of product {10000-99999}: {1-90} pieces in warehouse {10-19}",
        origin: "sync.go:112"),
      LineKind(
        .warn, .daily(140), "WARN stock of product {10000-99999} is low: {1-4} left",
        origin: "reserve.go:91"),
      LineKind(
        .error, .daily(42), "ERROR warehouse {10-19} refused reservation of product {10000-99999}",
        origin: "reserve.go:103"),
    ]),
  DemoService(
    tenant: "acme", namespace: "shop", name: "orders", format: .spring, file: nil,
    kinds: [
      LineKind(
        .info, .daily(1900), "Order {100000-999999} moved to state {PAID|PACKED|SHIPPED}",
        origin: "c.shop.orders.OrderStateMachine"),
      LineKind(
        .info, .steady(288), "Outbox relay published {1-40} events in {3-80} ms",
        origin: "c.shop.orders.OutboxRelay"),
      LineKind(
        .warn, .daily(240), "Slow statement took {600-1800} ms: select orders by customer",
        origin: "c.shop.orders.OrderRepository"),
      LineKind(
        .error, .daily(44),
        """
        Carrier label for order {100000-999999} could not be made: java.net.SocketTimeoutException: Read timed out
        \tat com.shop.orders.carrier.LabelClient.create(LabelClient.java:73)
        \tat com.shop.orders.ShipmentService.label(ShipmentService.java:119)
        \tat com.shop.orders.ShipmentService.ship(ShipmentService.java:84)
        Caused by: java.io.IOException: connection reset by carrier gateway
        \tat java.base/sun.nio.ch.SocketDispatcher.read0(Native Method)
        \t... 17 more
        """, origin: "c.shop.orders.ShipmentService"),
    ]),
  DemoService(
    tenant: "acme", namespace: "shop", name: "mailer", format: .syslog, file: "mailer",
    kinds: [
      LineKind(.info, .daily(1100), "queued order confirmation {100000-999999} for delivery"),
      LineKind(.info, .daily(1100), "delivered message {100000-999999} in {90-900} ms, relay={ip}"),
      LineKind(
        .warn, .daily(120),
        "recipient of message {100000-999999} greylisted, retry in {2-9} minutes"),
      LineKind(
        .error, .daily(46), "message {100000-999999} bounced: mailbox unavailable, status=550"),
    ]),
]

/// Payments: ordinary life, a restart every night, and the outage.
private let paymentsKinds: [LineKind] = [
  LineKind(
    .info, .daily(1500), "Authorized payment {100000-999999} over {money} EUR in {60-600} ms",
    origin: "c.shop.payments.AuthorizationService", failsInOutage: true),
  LineKind(
    .info, .daily(700), "Captured payment {100000-999999}",
    origin: "c.shop.payments.CaptureService",
    failsInOutage: true),
  LineKind(
    .info, .steady(144), "Reconciled {5-60} transactions with ledger",
    origin: "c.shop.payments.Reconciliation"),
  LineKind(
    .warn, .daily(330), "Payment {100000-999999} declined by issuer, reason code {10-99}",
    origin: "c.shop.payments.AuthorizationService"),
  LineKind(
    .error, .daily(40),
    "Webhook of provider carries a bad signature, event {100000-999999} ignored",
    origin: "c.shop.payments.WebhookController"),
  // The rolling restart of every night, and the two deploys of the bad one.
  LineKind(
    .info, .nightly(count: 3, minute: 75, spread: 3),
    "Starting PaymentsApplication v2.14.{1-9} using Java 21.0.2 with PID 1",
    origin: "c.shop.payments.PaymentsApplication"),
  LineKind(
    .info, .nightly(count: 3, minute: 76, spread: 3),
    "HikariPool-1 - Start completed, maximumPoolSize=30",
    origin: "com.zaxxer.hikari.HikariDataSource"),
  LineKind(
    .info, .outageOnce(count: 3, minute: -4),
    "Starting PaymentsApplication v2.15.0 using Java 21.0.2 with PID 1",
    origin: "c.shop.payments.PaymentsApplication"),
  LineKind(
    .info, .outageOnce(count: 3, minute: -3), "HikariPool-1 - Start completed, maximumPoolSize=3",
    origin: "com.zaxxer.hikari.HikariDataSource"),
  LineKind(
    .error, .outage(perMinute: 11, after: 0),
    "HikariPool-1 - Connection is not available, request timed out after {30000-30020}ms "
      + "(total=3, active=3, idle=0, waiting={20-90})",
    origin: "com.zaxxer.hikari.pool.HikariPool"),
  LineKind(
    .error, .outage(perMinute: 10, after: 0),
    """
    Payment {100000-999999} could not be authorized: org.springframework.dao.DataAccessResourceFailureException: Unable to acquire JDBC Connection
    \tat com.shop.payments.AuthorizationService.authorize(AuthorizationService.java:142)
    \tat com.shop.payments.PaymentController.create(PaymentController.java:58)
    \tat org.springframework.web.servlet.FrameworkServlet.service(FrameworkServlet.java:885)
    Caused by: java.sql.SQLTransientConnectionException: HikariPool-1 - Connection is not available, request timed out after {30000-30020}ms (total=3, active=3, idle=0, waiting={20-90})
    \tat com.zaxxer.hikari.pool.HikariPool.createTimeoutException(HikariPool.java:686)
    \tat com.zaxxer.hikari.pool.HikariPool.getConnection(HikariPool.java:179)
    \t... 54 more
    """, origin: "c.shop.payments.AuthorizationService"),
  LineKind(
    .info, .outageOnce(count: 3, minute: 41),
    "Starting PaymentsApplication v2.14.9 using Java 21.0.2 with PID 1",
    origin: "c.shop.payments.PaymentsApplication"),
  LineKind(
    .info, .outageOnce(count: 3, minute: 41), "HikariPool-1 - Start completed, maximumPoolSize=30",
    origin: "com.zaxxer.hikari.HikariDataSource"),
]
