extension ValuePools {
  /// Names of clusters, clouds, network devices and application frameworks.
  static let infrastructure: [String: [String]] = [
    "bundle": words(
      "com.orchard.mailsync com.orchard.photod org.example.notes com.acme.vpn.tunnel "
        + "net.maps.navi com.orchard.storekit com.social.chat com.acme.mail.Share io.sample.music"),
    "component": words(
      "InvoiceService OrderRepository PaymentGateway HealthIndicator TokenFilter StockClient "
        + "MailSender SearchIndexer CartController RateLimiter TenantResolver OutboxPoller"),
    "server": words("sched1 sched2 pbs-head head2.cluster mgmt01"),
    "queuename": words("short long gpu debug bigmem preempt interactive night"),
    "account": words("chem-0412 climate lqcd bio_core astro22 mat-sci train"),
    "application": words("vasp_std lmp_mpi gmx_mpi python3.11 wrf.exe a.out ior xhpl julia"),
    "blockdev": words("sda sdb1 nvme0n1p2 dm-3 vg0-scratch md0 sdq"),
    "filesystem": words("/scratch /home /lustre/fs1 /project /apps /var /tmp"),
    "ost": words("fs1-OST0004 fs1-OST001f fs1-MDT0000 scratch-OST00a2 home-MDT0001"),
    "sensor": words("CPU1_TEMP VRM_B DIMM_A7 FAN_3 PSU2_IN INLET 12V_AUX NIC_TEMP"),
    "appname": words("Mail Notes Photo\\ Studio Navigator Calendar Chat Music Sheets Terminal"),
    "assertion": words("AudioPlayback DisplayAwake BackupRun NetworkClient SoftwareCheck UserIdle"),
    "aclname": words("OUTSIDE_IN dmz-out acl_vpn INSIDE-NAT MGMT branch_filter"),
    "zone": words("inside outside dmz guest mgmt voice"),
    "neighbour": words("core-sw1 core-sw2 dist-b2 edge-rtr7 access-3f fw-pair-a"),
    "flavor": words("m1.small c4.xlarge gpu.2x mem-16 tiny"),
    "hypervisor": words("cmp-r1-07 cmp-r1-12 cmp-r2-03 kvm-gpu-1 kvm-gpu-2 cmp-r3-22"),
    "vmname": words("web-frontend-1 jenkins-agent test db-replica-2 bastion k8s-worker-04 win2022"),
    "imagename": words("debian-12-generic ubuntu-24.04 rocky9-cloud win2022-std cirros golden-v14"),
    "controller": words(
      "deployment replicaset node endpointslice job cronjob statefulset namespace podgc "
        + "serviceaccount horizontalpodautoscaler"),
    "resource": words(
      "pods deployments configmaps nodes leases secrets services persistentvolumes"),
    "nodehost": words("kn-01 kn-02 pool-a-7x2k pool-a-9dvf ip-10-4-7-31 gpu-node-3 kn-14"),
    "volume": words("config-vol kube-api-access-x8v2k data-pgsql-0 tmp certs cache-dir"),
    "model": words("Order User Invoice Cart Product Ticket Report"),
    "job": words(
      "InvoiceMailJob ReindexJob Exports::CsvJob CleanupUploadsJob SyncStockJob WebhookJob"),
    "service": words(
      "cart-svc pricing inventory.v1 ledger auth-gateway notifier geo recommendation"),
    "bean": words(
      "orderService dataSource flywayInitializer stockClient jwtDecoder mailSender taskScheduler"),
    "javathread": words(
      "http-nio-8080-exec-4 http-nio-8080-exec-11 scheduling-1 kafka-consumer-0-C-1 main "
        + "task-3 HikariPool-1:housekeeper lettuce-nioEventLoop-4-1"),
    "ktopic": words("order.events stock-updates invoices.v2 audit mail_out"),
    "dbname": words("shop ledger analytics postgres crm_prod app_test"),
    "dbapp": words("psql pgbench shop-api metabase DBeaver\\ 24 backup_agent walreceiver"),
    "relation": words(
      "public.orders public.order_items audit.entries public.users_email_key stats.daily "
        + "public.events_2026_03 pg_toast.pg_toast_16402"),
    "znode": words(
      "/locks/orders /brokers/ids/4 /config/topics/audit /leader/election-01 /services/geo/n_007"),
    "phoneprocess": words(
      "com.acme.mail com.acme.mail:sync com.social.chat com.system.launcher net.maps.navi "
        + "com.system.phone org.example.notes com.game.run3d:remote"),
    "feature": words("wideColor hdr10 fastUnlock gestureBar pipResize darkSchedule"),
    "updatetitle": [
      "Cumulative Update for x64 Systems", "Security Intelligence Update", "Display Driver 31.0",
      "Runtime Framework 8.0", "Printer Extension", "Firmware 1.14.2",
    ],
    "capability": words(
      "Language.Basic~~~de-DE~0.0.1.0 Media.Player~~~~0.0.12.0 Tools.Shell.Admin~~~~0.0.1.0 "
        + "Fonts.Kana~~~und-JPAN~0.0.1.0"),
  ]
}
