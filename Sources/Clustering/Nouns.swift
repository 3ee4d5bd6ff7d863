/// Nouns for things that have names: what stands behind one may well be a name.
enum Nouns {
  /// Tells whether a part's hash is that of such a noun, in small letters or with a capital.
  static func contains(_ hash: UInt64) -> Bool { hashes.contains(hash) }

  private static let hashes: Set<UInt64> = Set(
    words.split(whereSeparator: { $0 == " " || $0 == "\n" }).flatMap { word in
      [String(word), word.prefix(1).uppercased() + word.dropFirst()].map {
        PatternPart.hash(of: $0)
      }
    })

  private static let words = """
    account agent alias app application attribute backend bean bucket cache channel class client
    cluster column component connector container context controller credential customer daemon
    database device directory disk document domain driver endpoint engine executor feature field
    filter flag folder frontend function gateway group handler host index instance interface job key
    keyring label library listener machine mailbox map member method metric model module mount name
    namespace network node object operator option owner package parameter partition peer pipeline
    player plugin pod policy pool port printer process processor profile program project property
    proxy queue realm region registry replica repository resource role route rule scheduler schema
    script section sensor server service session sink slice slot source store stream subsystem table
    target task team template tenant thread topic type unit user variable view volume warehouse
    watcher widget window worker zone
    """
}
