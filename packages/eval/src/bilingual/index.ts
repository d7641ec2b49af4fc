export {
  type AnsweredPair,
  type AnswersCard,
  answerEquivalence,
  type CompareAnswersOptions,
  type RightCard,
} from './answers.js'
export {
  type BilingualCard,
  type BilingualPart,
  bilingualParts,
  type ModelLayersCard,
  type PicturesCard,
} from './card.js'
export { cosineDistance, pixelDistance } from './distances.js'
export { LayerAlignment, type LayerCard, type LayersCard, type PivotCard } from './layers.js'
export { type LexiconEntry, parseLexicon } from './lexicon/entry.js'
export { type Fact, Lexicon } from './lexicon/lexicon.js'
export { meaningByFacts, type Said, type SameMeaning, sharedFacts, statesAll } from './lexicon/meaning.js'
export { type Language, type PairSet, parsePairs, type QuestionPair, type TextPair } from './pairs.js'
export { type DistancesCard, type PaintedPair, type PairDistances, pictureEquivalence } from './pictures.js'
export { poolTexts, type TextSpan, textSpan } from './pooling.js'
export type { Rows } from './statistics/cka.js'
export { compareVerdicts, type JudgedPair, type VerdictsCard } from './verdicts.js'
