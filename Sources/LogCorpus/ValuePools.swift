/// Names that systems draw theirs from.
enum ValuePools {
  static let words: [String: [String]] = [
    "user": words(
      "mira jonas alice bob carol dave erin frank svc-backup www-data postgres deploy u1042 "
        + "anna.lind k.meyer oracle test guest backup nobody zoe ops_reader"),
    "host": words(
      "web01 web02 db-1 db-2 zeus hera apollo node17 node18 cache-eu-1 gw ip-10-2-3-4 edge7 "
        + "worker-a worker-b storage03 lx0421 athena"),
    "name": words(
      "checkout search static api-v2 billing orders default main users auth_backend images "
        + "frontend reports app1 app2 mail queue-default events session data worker"),
    "part": words(
      "orders index session cache user config report data image backup token invoice profile "
        + "metric router batch queue volume widget theme archive segment"),
    "plainword": words(
      "the disk was full please retry later maintenance of upstream closed by operator bad "
        + "reply from peer while reading body too many open files waiting for lock nothing to do "
        + "unexpected end user data value not allowed here restart kernel"),
    "table": words("orders users events invoices carts audit_log line_items sessions metrics"),
    "topic": words("orders payments audit.events user-clicks metrics dead_letters stock.v2"),
    "iface": words("eth0 eth1 wlan0 enp3s0 wlp2s0 docker0 bond0 br-lan tun0 ens192 lo"),
    "disk": words("/dev/sda /dev/sdb /dev/nvme0n1 /dev/sdc"),
    "disk1": words("sda1 sdb2 nvme0n1p1 dm-0 md127 sdc1"),
    "unit": words(
      "nginx.service docker.service cron.service user@1000.service backup.timer home.mount "
        + "getty@tty1.service apt-daily.service dev-sda1.device ssh.socket"),
    "unitdesc": [
      "Daily apt download activities", "Network Name Resolution", "Session 4 of user mira",
      "Clean up of temporary directories", "OpenBSD Secure Shell server", "Mail Transport Agent",
      "User Manager for UID 1000", "Docker Application Container Engine", "Graphical Interface",
      "Load Kernel Modules", "Backup of /home", "Rotate log files", "Bluetooth service",
    ],
    "ssid": words("HomeNet Cafe-Guest eduroam FRITZ!Box Office_5G Mira's"),
    "ns": words("default kube-system shop monitoring ci team-a"),
    "class": words(
      "RetryPolicy HttpHandler OrderService LoginActivity MainActivity CachePool IndexWriter "
        + "TaskScheduler DiskFilter RamFilter ZoneFilter SessionStore Settings"),
    "thread": words(
      "main http-nio-8080-exec-3 pool-2-thread-7 CompactionExecutor:12 Service-Thread "
        + "Server\\ thread worker-4 GossipStage:1"),
    "javafile": words("Memtable.java StorageService.java GCInspector.java Gossiper.java"),
    "gofile": words("server.go kubelet.go reconciler.go prober.go handler.go pay/client.go"),
    "exc": words(
      "java.io.IOException java.lang.NullPointerException java.net.SocketTimeoutException "
        + "org.example.ShuffleError java.lang.IllegalStateException"),
    "jclass": words(
      "org.example.shop.OrderTest com.acme.pay.ClientIT org.example.util.Dates$Parser"),
    "pkg": words(
      "com.acme.mail org.example.notes com.social.chat net.maps.navi com.game.run3d "
        + "com.system.launcher"),
    "intent": words(
      "want.action.MAIN want.action.VIEW want.action.BATTERY_CHANGED want.kind.LAUNCHER "
        + "com.acme.mail.SYNC want.action.TIME_TICK net.CONNECTIVITY_CHANGE"),
    "tag": words("RadioJob *job*/com.acme.mail/.Sync AudioMix LocationScan display hold:net"),
    "label": words("RadioJob AudioMix LocationScan display DownloadTask"),
    "locale": words("en_US de_DE zh-Hans-CN fr_FR"),
    "gamer": words(
      "Steve xX_Slayer_Xx miner49er Luna NoobMaster Herobrine _ghost_ Tom Kai_2009 redstone "
        + "Error404 Player1"),
    "title": words("Stone\\ Age Sky\\ Fortress Excalibur Lobby Getting\\ Wood The\\ End? Dust"),
    "chat": [
      "hi", "anyone here?", "gg", "server lags again", "wtf is that", "brb 5 min",
      "who took 64 iron",
      "restart when?", "nice", "error 404 :)",
    ],
    "city": words("Berlin Hamburg Lyon Porto Graz Utrecht New\\ York Malmö Łódź"),
    "folder": words("Documents Photos Desktop My\\ Music Projekte Mail\\ Archive"),
    "mailbox": words("INBOX Sent Archive Trash INBOX.lists Junk"),
    "proto": words("imap pop3 lmtp sieve submission"),
    "command": words(
      "/usr/bin/apt\\ update /bin/run-parts\\ /etc/cron.hourly ls\\ -la /opt/report.sh\\ --daily "
        + "systemctl\\ restart\\ web python3\\ job.py tp\\ Luna\\ 0\\ 64\\ 0"),
    "busname": words(
      "org.freedesktop.Notifications org.gnome.Calendar org.kde.kwalletd5 ca.desrt.dconf "
        + "org.example.Player"),
    "product": words("USB\\ Keyboard LaserJet\\ 400 Webcam\\ HD OfficeSuite Media\\ Player\\ 7"),
    "tty": words("pts/0 tty1 unknown pts/3"),
    "cipher": words("TLS_AES_256_GCM_SHA384 ECDHE-RSA-AES128-GCM-SHA256"),
    "lib": words("libc-2.31.so app libpython3.9.so.1.0"),
    "cri": words("containerd docker cri-o"),
    "client": words("consumer-orders-1-5f3a producer-7 billing-consumer-2-77ac audit-tail-0-1b9e"),
    "opname": words(
      "Source:\\ orders Map Sink:\\ Print Window(TumblingEvents) Filter\\ ->\\ Map KeyedProcess"),
    "mime": words("text/html image/png application/json -"),
    "branch": words("main feature/login-form release/2.4 fix-1093 develop"),
    "project": words("shop-api infra/terraform web_frontend docs acme/mobile-app"),
    "step": words("Build Unit\\ tests Deploy\\ to\\ staging lint Publish"),
    "glob": words("**/*.jar dist/* release/* target/*.war"),
    "event": words("push pull_request tag issue_comment"),
    "pkgver": words("left-pad@1.3.0 request@2.88.2 @types/node@18.1.0 core-js@2.6.12"),
    "flag": words("new-checkout dark_mode search.v2 fast-path"),
    "agent": words("Mozilla/5.0\\ (X11;\\ Linux) curl/7.88.1 bot-7 python-requests/2.31"),
    "jsonnull": words("null \"SPRING24\" \"X\""),
    "attempt": words("try_202611270311_0004_m_000012_0 try_202611270311_0004_m_000007_1"),
    "hresult": words("0x00000000 0x800f0805 0x80070005 0x800f080c"),
    "file": words("report.pdf IMG_2041.jpg notes.txt setup.exe kernel32.dll archive.tar.gz"),
  ]

  /// Words with blanks between them; a backslash keeps the blank behind it.
  static func words(_ text: String) -> [String] {
    text.replacing("\\ ", with: "\u{1}").split(separator: " ").map {
      String($0).replacing("\u{1}", with: " ")
    }
  }
}
