/// The words that log lines are made of, as against the names they mention.
///
/// Consulted only when a fold holds too many distinct patterns (`Tier.vocabulary`). It is part of the
/// fold file's format: a change makes a new format version.
enum Vocabulary {
  /// Longer words are never looked up.
  static let wordLimit = 20

  /// Tells whether a range spells a word of the vocabulary, in any case of letters.
  static func contains(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int) -> Bool {
    guard end - start <= wordLimit else { return false }
    var hash = offsetBasis
    for index in start..<end { hash = step(hash, bytes[index] | 0x20) }
    var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    while slots[slot] != 0 {
      if slots[slot] == hash { return true }
      slot = (slot + 1) & (slots.count - 1)
    }
    return false
  }

  // FNV-1a, 64 bits (RFC 9923): short words, and no pair of ours collides (a test sees to it).
  private static let offsetBasis: UInt64 = 0xcbf2_9ce4_8422_2325

  @inline(__always)
  private static func step(_ hash: UInt64, _ byte: UInt8) -> UInt64 {
    (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
  }

  /// The hashes of all words, open addressing; 0 is a free slot.
  private static let slots: [UInt64] = {
    var slots = [UInt64](repeating: 0, count: 8192)
    for word in words.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
      var hash = offsetBasis
      for byte in word.utf8 { hash = step(hash, byte) }
      var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
      while slots[slot] != 0 && slots[slot] != hash { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = hash
    }
    return slots
  }()

  /// Lower-case, sorted.
  static let words = """
    a abort aborted aborting absent accept accepted accepting access accessed account acknowledge
    acknowledged acquire acquired acquiring action activate activated active actual add added
    adding address addresses admin after again against agent alarm alert alias alive all allocate
    allocated allocating allocation allow allowed already also alternate am amqp an analysis and
    annotation another any api app append appended application applied apply applying apps apr
    archive archived are argument arguments array as ask assert assertion assign assigned
    assigning assignment associate associated association asynchronous at attach attached attempt
    attempted attempting attempts attribute audit aug auth authenticate authenticated
    authenticating authentication author authorization authorize authorized auto available average
    away aws azure back backend background backlog backup bad balance balancer bandwidth base
    based batch be because become been before begin beginning begins behind being below between
    big bin binary bind binding bit bits block blocked blocking blocks body boot bootstrap both
    bound branch break bridge broadcast broken broker browser bucket buffer buffers build building
    built bus busy but button by byte bytes cache cached caches caching calculate calculated
    calculating call callback called caller calling calls can cancel canceled cancelled cancelling
    cannot capability capacity capture card cart case cause caused cert certificate chain change
    changed changes changing channel channels check checked checking checkout checkpoint checks
    checksum child children chunk chunks circuit claim class clean cleaned cleaning cleanup clear
    cleared clearing client clients clock clone close closed closes closing cluster code collect
    collected collecting collection column command commands comment commit commits committed
    committing common compact compacted compaction compare compared complete completed completes
    completing completion component compress compressed compression compute computed computing
    condition config configuration configure configured configuring confirm confirmed conflict
    connect connected connecting connection connections connector consider console constraint
    consume consumed consumer consuming contain container containers contains content context
    continue continued continues continuing control controller conversion convert converted cookie
    copied copy copying core correct corrected corrupt corrupted corruption could count counter
    counts cpu crash crashed create created creates creating creation credential credentials
    credit critical cron css current currently cursor customer cycle daemon data database dataset
    date day days dead deadline deadlock deallocate debug dec decline declined decode decoding
    decrease decrypt default defer deferred define defined definition delay delayed delays
    delegate delete deleted deletes deleting deletion deliver delivered delivery denied deny
    dependencies dependency deploy deployed deploying deployment deprecated depth deregister
    descriptor deserialize destination destroy destroyed destroying detach detached detail details
    detect detected detecting detection device devices did different direct directory dirty
    disable disabled disabling discard discarded disconnect disconnected disconnecting discover
    discovered discovery disk dispatch dispatched dispatcher display distinct dns do docker
    document does doing domain done down download downloaded downloading drain drained draining
    drift drive driver drop dropped dropping due dump duplicate duplicated duration during dynamic
    each early edge edit effect either elapsed elected election element email emit emitted empty
    enable enabled enabling encode encoding encountered encrypt encrypted encryption end ended
    ending endpoint endpoints ends engine enough enqueue enqueued ensure enter entered entering
    entries entry environment epoch equal err error errors escape establish established
    establishing estimate evaluate evaluated even event events every evict evicted eviction exceed
    exceeded exceeding exceeds except exception exceptions exclude excluded exclusive exec execute
    executed executing execution executor exhausted exist existing exists exit exited exiting
    exits expect expected expiration expire expired expires expiring explicit export exported
    exporter expression extend extended extension external extra extract fail failed failing
    failover fails failure failures fall fallback false fast fatal fault feature feb fetch fetched
    fetching field fields file filename files fill filter filtered final finalize finalized
    finally find finding fine finish finished finishes finishing first fit fix fixed flag flags
    flow flush flushed flushing folder follow follower following follows for force forced forcing
    forget fork format forward forwarded forwarding found fragment frame free freed fri from
    frontend ftp full function further future garbage gateway gave gb gc gcp general generate
    generated generating generation get gets getting gid give given global gmt go goes going gone
    good got gpu grace graceful gracefully grant granted graph greater group groups grow grpc
    guard guest had halt halted hand handle handled handler handlers handles handling handshake
    hang happened hard has hash have having head header headers health healthy heap heartbeat
    height hello help helper here high history hit hits hold holding holds home hook host hostname
    hosts hour hours how html http https hung icon id identifier identity idle if ignore ignored
    ignoring illegal image images imap immediate immediately impl implementation import imported
    in inactive inbound include included includes including incoming incomplete inconsistent
    incorrect increase increased index indexed indexes indexing info inform information ingest
    ingress init initial initialise initialised initialization initialize initialized initializing
    initiate initiated inner input insert inserted inserting inside install installed installing
    instance instances instead instruction insufficient integer integrity interface internal
    interrupt interrupted interval into invalid invalidate invalidated inventory invocation
    invoice invoke invoked io ip ipv is isolated issue issued it item items iteration its jan java
    job jobs join joined joining journal json jul jun just jvm kafka kb keep keepalive keeping
    kept kernel key keys kill killed killing kind known kubernetes label lag large last latency
    later latest launch launched launching layer ldap lead leader leadership leak lease leave
    leaves leaving left length less level library license lifecycle lifetime like limit limited
    limits line lines link linked linux list listed listen listener listeners listening lists live
    load loaded loader loading loads local locate located location lock locked locking locks log
    logged logger logging logic login logins logout logs long longer look looking lookup loop loss
    lost low lower mac machine made mail main maintenance major make makes making malformed manage
    managed management manager manifest manual many map mapped mapping mar mark marked marker mask
    master match matched matches matching max maximum may mb mean measure media member members
    membership memory merge merged merging message messages metadata method methods metric metrics
    migrate migrated migrating migration min minimum minor minute minutes mirror miss missed
    misses missing mix mode model modified modify module modules mon monitor monitored monitoring
    more most mount mounted move moved moving mqtt ms much multi multiple must mutex mysql name
    named names namespace native need needed needs negative negotiate negotiated neighbor nested
    net network never new newer next nfs nginx no node nodes non none normal not note nothing
    notice notification notifications notified notify notifying nov now null number numbers object
    objects observed obsolete obtain obtained occupied occurred oct of off offline offset offsets
    ok old older on once one ones online only open opened opening opens operation operations
    operator optimize option optional options or orchestrator order orders origin original orphan
    orphaned os other otherwise out outage outbound outcome outer outgoing output outside over
    overflow overload overloaded override own owned owner pack package packet packets page pages
    pair panic parallel parameter parameters parent parse parsed parser parsing part partial
    partially partition partitions partner party pass passed passes passing passive password past
    patch path pattern pause paused pausing payload payment payments peer peers pending per
    percent perform performed performing period periodic permanent permission permissions permit
    permitted persist persisted persistent phase physical pick picked picking pid ping pipe
    pipeline place placed placement plan planned platform please plugin plugins pm pod pods point
    pointer policy poll polled polling pool pooled pools port ports position possible post posted
    postgres power pre prefix prepare prepared preparing present preserve press prevent prevented
    previous previously price primary principal print priority private privilege probe problem
    problems procedure proceed proceeding process processed processes processing processor produce
    produced producer producing product profile program progress project prometheus promote
    promoted propagate properties property proposal protect protected protocol provide provided
    provider provision provisioned proxy public publish published publisher publishing pull pulled
    pulling purge purged purging push pushed pushing put python queries query queue queued queues
    quick quit quorum quota raise raised ram random range rate rates raw reach reachable reached
    read reader readiness reading reads ready real really reason reassign rebalance rebalanced
    rebalancing reboot rebuild rebuilding receive received receiver receives receiving recent
    reclaim reconcile reconciled reconciling reconnect reconnected reconnecting record recorded
    recording records recover recovered recovering recovery recreate redirect redirected
    redirecting redis reduce reduced reference references refresh refreshed refreshing refund
    refunded refuse refused region register registered registering registration registry regular
    reject rejected rejecting relation release released releasing reload reloaded reloading remain
    remaining remains remote removal remove removed removes removing rename renamed render
    rendered renew renewed reopen repair repeat repeated replace replaced replacing replay replica
    replicas replicate replicated replication replied reply report reported reporting reports
    repository request requested requester requesting requests require required requires rerun
    reschedule reserve reserved reserving reset resetting resize resolve resolved resolver
    resolving resource resources respond responded responding response responses rest restart
    restarted restarting restore restored restoring restrict result results resume resumed
    resuming retain retained retention retried retries retry retrying return returned returning
    returns reuse reused reverse revert reverted review revision revoke revoked right role roles
    roll rollback rolled rolling root rotate rotated rotating rotation round route routed router
    routes routing row rows rpc rule rules run runner running runs runtime safe same sample
    sampling sanity sat save saved saving say scale scaled scaling scan scanned scanner scanning
    schedule scheduled scheduler schedules scheduling schema scope score script search searching
    sec second secondary seconds secret section secure security see seed seek seen segment
    segments select selected selection selector self send sender sending sends sensor sent sep
    sequence serial serialization serialize series serve served server servers serves service
    services serving session sessions set sets setting settings setup several severe shard shards
    share shared ship shipment shipped shipping short should shuffle shut shutdown shutting side
    signal signature signed silent similar simple since single sink site size sizes skew skip
    skipped skipping slave sleep sleeping slot slots slow small smtp snapshot snapshots so socket
    sockets soft software some soon sort source sources space spawn spawned special specific
    specified speed spill spilled split splits sql ssh ssl stack stage staging stale standard
    standby start started starting starts startup state stated statement states static statistics
    stats status stay step steps still stock stop stopped stopping stops storage store stored
    stores storing strategy stream streaming streams strict string strings structure stuck style
    sub subject submission submit submitted submitting subnet subscribe subscribed subscriber
    subscription subsystem succeed succeeded success successful successfully such suffix suggest
    suite summary sun support supported suspend suspended suspicious swap switch switched
    switching symbol sync synced synchronization synchronize synchronized synchronous syncing
    syntax system table tables tag tags tail take taken takes taking target targets task tasks tb
    tcp team tell temp template temporarily temporary tenant term terminate terminated terminates
    terminating termination test tested testing tests text than that the their them then there
    these they thing this thread threads threshold throttle throttled throttling through
    throughput throw thrown thu thus tick ticket tid time timed timeout timeouts timer times
    timestamp title tls to together token tokens too took tool top topic topics topology total
    touch trace track tracked tracker tracking traffic transaction transactions transfer
    transferred transferring transform transient transition transitioned transitioning translate
    transmission transmit transport tree tried tries trigger triggered triggering true truncate
    truncated trust trusted try trying tue tunnel turn turned two type types udp uid unable
    unassigned unauthorized unavailable unbind unblock uncaught unchanged undefined under undo
    unexpected unhandled unhealthy unique unit units unknown unless unload unlock unlocked unmount
    unreachable unready unrecognized unregister unregistered unreliable unresolved unsafe unset
    unsubscribe unsuccessful unsupported until unused up update updated updater updates updating
    upgrade upgraded upgrading upload uploaded uploading upper upstream uptime url usage use used
    user username users uses using utc utf utilization uuid valid validate validated validating
    validation value values variable vendor verbose verification verified verify verifying version
    versions very via victim view violated violation virtual visible vm volume volumes vote votes
    wait waited waiting waits wake waking walk want warm warn warning warnings was watch watchdog
    watched watcher watching way we webhook wed weight well went were what when where whether
    which while who whole why will window windows with within without word work worker workers
    working workload would write writer writes writing written wrong wrote xml yes yet you your
    zero zone zones
    """
}
