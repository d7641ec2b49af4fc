export { auditFile } from './audit-file.js'
export { hashOfWeights } from './hash.js'
export { type LoadBertPromptCheckerOptions, loadBertPromptChecker } from './load-bert.js'
export {
  type LoadStableDiffusionSafetyCheckerOptions,
  loadStableDiffusionSafetyChecker,
} from './load-stable-diffusion.js'
export { buildSafety, checkSafetyFiles, type OpenSafety } from './setup.js'
