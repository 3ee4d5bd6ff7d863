/// The measures of the built-in model, sentence-transformers/all-MiniLM-L6-v2.
enum MiniLM {
  static let name = "all-MiniLM-L6-v2"
  static let dimension = 384
  static let layerCount = 6
  static let innerDimension = 1536
  static let wordCount = 30_522
  static let positionCount = 512
  static let weightsFile = "model.safetensors"
  static let vocabularyFile = "vocab.txt"
}
