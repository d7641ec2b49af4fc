export {
  type BeamDecoded,
  type BeamSearchOptions,
  type BeamStep,
  beamSearch,
  beamStream,
  type Hypothesis,
} from './beam-search.js'
export { decode, decodeStream } from './decode.js'
export {
  type BeamOptions,
  type DecodeInputs,
  type Decoding,
  type DecodingOptions,
  decodingOptionNames,
  type GreedyOptions,
  type PenaltyOptions,
  type SampleOptions,
  type SpecialTokens,
} from './options.js'
export { type AnswerToken, type Decoded, drain } from './run.js'
export { greedy, sample } from './sample.js'
