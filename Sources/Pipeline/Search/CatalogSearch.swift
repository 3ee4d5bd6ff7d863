internal import DaybreakCore
internal import Embedding
package import Foundation
internal import Postgres

/// A passage of a catalog that a search found.
package struct FoundPassage: Sendable {
  package var id: UUID
  /// The project or knowledge source that it belongs to.
  package var place: String
  package var content: String
  /// nil where words alone were compared.
  package var vectorScore: Double?
  package var textScore: Double
  package var score: Double
}

/// A catalog whose passages can be searched: each in its own dimension, through its own functions and
/// under its own row-level security.
package enum SearchableCatalog: String, CaseIterable, Sendable {
  /// `rag_vectors` of the projects that a user may read, 384 dimensions.
  case loglytics
  /// `documents` of an organization, 768 dimensions.
  case anzx

  var dimension: Int { self == .loglytics ? 384 : 768 }

  /// The setting that says who asks.
  fileprivate var setting: String {
    self == .loglytics ? "app.current_user_id" : "anzx.organization_id"
  }

  /// The models that made the passages' vectors.
  fileprivate var models: String {
    switch self {
    case .loglytics: "SELECT DISTINCT embedding_model::text AS model FROM loglytics.rag_vectors"
    case .anzx: "SELECT DISTINCT embedding_model::text AS model FROM anzx.knowledge_sources"
    }
  }

  /// By meaning and words: `$1` text, `$2` vector, `$3` limit, `$4` and `$5` weights, `$6` model, `$7`
  /// who asks.
  fileprivate var hybrid: String {
    switch self {
    case .loglytics:
      """
      SELECT f.id, p.name::text AS place, f.content, f.vector_score, f.text_score, f.combined_score
      FROM loglytics.projects AS p
      CROSS JOIN LATERAL loglytics.hybrid_search_rag_vectors(
        p.id, $1, $2::real[], $3::integer, $4, $5) AS f
      WHERE $6::text IS NOT NULL AND $7::uuid IS NOT NULL
      ORDER BY f.combined_score DESC, f.id LIMIT $3
      """
    case .anzx:
      """
      SELECT f.id, s.name::text AS place, f.content, f.vector_score, f.text_score, f.combined_score
      FROM anzx.hybrid_search($7::uuid, $1, $2::real[], $3::integer, $4, $5, $6::text) AS f
      JOIN anzx.knowledge_sources AS s ON s.id = f.knowledge_source_id
      ORDER BY f.combined_score DESC, f.id LIMIT $3
      """
    }
  }

  /// By words alone: `$1` text, `$2` limit.
  fileprivate var words: String {
    let (table, source, key) =
      self == .loglytics
      ? ("loglytics.rag_vectors", "loglytics.projects", "project_id")
      : ("anzx.documents", "anzx.knowledge_sources", "knowledge_source_id")
    return """
      SELECT d.id, s.name::text AS place, d.content, NULL::double precision AS vector_score,
        d.score AS text_score, d.score AS combined_score
      FROM (
        SELECT id, content, \(key) AS source,
          \(rawValue).text_similarity(content, $1)::double precision AS score
        FROM \(table)
      ) AS d JOIN \(source) AS s ON s.id = d.source
      WHERE d.score > 0.1 ORDER BY d.score DESC, d.id LIMIT $2
      """
  }
}

/// Searches the passages of a catalog's database.
package struct CatalogSearch {
  private let catalog: SearchableCatalog
  private let target: String
  private let asker: UUID
  private let maker: EncoderMaker

  /// - Parameters:
  ///   - catalog: which system.
  ///   - url: its database, whose login must be a member of `daybreak_service`.
  ///   - asker: the user of Loglytics or the organization of ANZx whose rows are seen.
  ///   - embedding: who encodes the query.
  ///   - surroundings: environment and home.
  package init(
    _ catalog: SearchableCatalog, url: String, asker: UUID, embedding: EmbeddingSettings,
    surroundings: Surroundings
  ) {
    self.catalog = catalog
    target = url
    self.asker = asker
    maker = EncoderMaker(embedding, surroundings)
  }

  /// Searches.
  ///
  /// - Parameter request: what for; its filters are those of clusters and do not apply.
  /// - Returns: the passages that fit best.
  /// - Throws: `SearchError.otherModel`, `PostgresError`.
  package func run(_ request: SearchRequest) throws -> SearchResults<FoundPassage> {
    let outcome = QueryEncoder(maker: maker, isWanted: request.vectorWeight > 0)
      .encode(request.text)
    var options = ConnectionOptions()
    options.role = "daybreak_service"
    let connection = try Connection(ConnectionTarget(target), options: options)
    return try connection.transaction(readOnly: true) {
      try connection.setLocal(catalog.setting, asker.uuidString.lowercased())
      switch outcome {
      case .unwanted: return SearchResults(results: try byWords(request, connection))
      case .failed(let summary, let remedy):
        return SearchResults(
          results: try byWords(request, connection), problem: summary, remedy: remedy)
      case .vector(let model, let numbers):
        try check(model, connection)
        return SearchResults(
          results: try byBoth(request, model, numbers, connection), model: model.name)
      }
    }
  }

  private func check(_ model: EncoderModel, _ connection: Connection) throws {
    let known = try connection.query(named: "models of passages", catalog.models)
      .map { try $0.string("model") }.sorted()
    let isKnown = known.isEmpty || known.contains { Self.areSame($0, model.name) }
    guard model.dimension == catalog.dimension, isKnown else {
      throw SearchError.otherModel(
        catalog: catalog.rawValue,
        known: (known.isEmpty ? ["no model yet"] : known).map {
          "\($0) (\(catalog.dimension) dimensions)"
        }, asked: "\(model.name) (\(model.dimension) dimensions)")
    }
  }

  /// Whether two names are of one model: Ollama has a name of its own for all-MiniLM-L6-v2
  /// (https://ollama.com/library/all-minilm), Hugging Face puts its maker in front.
  private static func areSame(_ one: String, _ other: String) -> Bool {
    func plain(_ name: String) -> String {
      let own = ["all-minilm", "all-minilm:l6-v2", "all-minilm:22m"].contains(name.lowercased())
      return own ? MiniLMEncoder.model.name : name.replacing("sentence-transformers/", with: "")
    }
    return one == other || plain(one) == plain(other)
  }

  private func byBoth(
    _ request: SearchRequest, _ model: EncoderModel, _ numbers: [Float], _ connection: Connection
  ) throws -> [FoundPassage] {
    let vector = "{" + numbers.map(\.description).joined(separator: ",") + "}"
    return try passages(
      connection.query(
        named: "search of \(catalog.rawValue)", catalog.hybrid,
        [
          .text(request.text), .text(vector), .int64(Int64(request.limit)),
          .double(request.vectorWeight), .double(request.textWeight), .text(model.name),
          .uuid(asker),
        ]))
  }

  private func byWords(
    _ request: SearchRequest, _ connection: Connection
  ) throws -> [FoundPassage] {
    try passages(
      connection.query(
        named: "search of \(catalog.rawValue) by words", catalog.words,
        [.text(request.text), .int64(Int64(request.limit))]))
  }

  private func passages(_ rows: Rows) throws -> [FoundPassage] {
    try rows.map {
      FoundPassage(
        id: try $0.uuid("id"), place: try $0.string("place"), content: try $0.string("content"),
        vectorScore: try $0.optionalDouble("vector_score"),
        textScore: try $0.double("text_score"), score: try $0.double("combined_score"))
    }
  }
}
