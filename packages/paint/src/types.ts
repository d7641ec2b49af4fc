import type { Image, TaskOptions, Tensor, Verdict } from '@viscpm/core'
import type { TorchGenerator } from '@viscpm/core/random'
import type { RerankerLanguage } from '@viscpm/reranker'
import type { Action, Coverage, Decision } from '@viscpm/safety'
import type {
  DeepCache,
  DeepCacheOptions,
  DenoisingStep,
  GuidanceOptions,
  Scheduler,
  SchedulerConfig,
  Seed,
} from '@viscpm/unet-sampler'
import type { PresetName } from './presets.js'

export interface GenerateOptions extends GuidanceOptions, TaskOptions {
  /** In Chinese or English; may be empty. */
  readonly prompt: string
  /** What not to paint. Default ''. */
  readonly negativePrompt?: string | undefined
  /**
   * 'text' (default): nothing typed can become a control token. 'raw': both texts are in CPM-Bee's syntax, as the original
   * takes them (`<<` is a `<`, `<mask>` a token).
   */
  readonly syntax?: 'text' | 'raw' | undefined
  /** Pictures asked for. Default 1. */
  readonly count?: number | undefined
  /** Pictures painted for each one, of which the best is chosen. Default 4 with a reranker (upstream's), else 1. */
  readonly candidates?: number | undefined
  /** One seed for all, or one for each of the count * candidates pictures. Default: a random one. */
  readonly seed?: Seed | readonly Seed[] | undefined
  /** In place of seeds: torch generators, which go on from where they are. Such a picture cannot be replayed. */
  readonly generators?: TorchGenerator | readonly TorchGenerator[] | undefined
  /** In place of the first noise: standard normal, [count * candidates, channels, height / scale, width / scale]. */
  readonly latents?: Tensor | undefined
  /** Denoising steps. Default: the model's, see `PaintDefaults`. */
  readonly steps?: number | undefined
  /** In pixels, divisible by the VAE's scale (8). Default: of `image`, else what the UNet was trained on (512). */
  readonly width?: number | undefined
  readonly height?: number | undefined
  /** Default: DDPM as diffusers 0.15.0 numbers it, or what the model was loaded with. */
  readonly scheduler?: Scheduler | undefined
  /** Picture to start from. */
  readonly image?: Image | undefined
  /** Of the size of `image`: white is painted anew, black stays. */
  readonly mask?: Image | undefined
  /** How much of `image` is lost, above 0 to 1. Default 0.8. */
  readonly strength?: number | undefined
  /** Pictures that go through the UNet at once; changes memory, not the noise. Default 4. */
  readonly batchSize?: number | undefined
  /** Settings that go together: 'fast' takes a fraction of the time; see `presets`. What is given beside it comes first. */
  readonly preset?: PresetName | undefined
  /** Runs the whole UNet at every so many-th evaluation only, its outermost part between them. Default: always the whole. */
  readonly deepCache?: DeepCacheOptions | undefined
  /**
   * Share of the pixels merged with similar ones while they attend to one another at the finest level, 0 to 0.75. Default 0.
   * Where it changes from one call to the next the UNet's session is made anew; overlapping calls should not differ in it.
   */
  readonly tokenMerging?: number | undefined
  /** Called after every evaluation of the UNet. */
  readonly onStep?: ((step: DenoisingStep) => void) | undefined
}

/** What has to be known to paint a picture again. JSON; written into PNG files under the key `viscpm`. */
export interface PaintMetadata {
  /** Of this description. */
  readonly format: 1
  readonly prompt: string
  readonly negativePrompt: string
  readonly syntax: 'text' | 'raw'
  /** Decimal, as seeds may pass 2^53; one for all, or one for each picture. Absent with the caller's own generators. */
  readonly seed?: string | readonly string[]
  /** SHA-256 of latents that the caller gave. */
  readonly latents?: string
  /** Pictures asked for, candidates of each, and which of all these this one is. One each, for a replacement. */
  readonly count: number
  readonly candidates: number
  readonly candidate: number
  /** Painted in place of a candidate that was blocked: which one, and the how many-th try, from 1. */
  readonly replaces?: { readonly candidate: number; readonly try: number }
  readonly width: number
  readonly height: number
  readonly steps: number
  readonly guidanceScale: number
  readonly guidanceInterval?: readonly [from: number, to: number]
  readonly skipUnguided?: boolean
  readonly deepCache?: DeepCache
  readonly tokenMerging?: number
  /** With `_class_name`, as diffusers' scheduler_config.json. */
  readonly scheduler: SchedulerConfig
  /** SHA-256 of the pictures that were given. */
  readonly image?: string
  readonly mask?: string
  readonly strength?: number
  readonly batchSize: number
  readonly model: { readonly name: string; readonly hash: string }
  /** This package's version, and what ran the networks. */
  readonly software: { readonly paint: string; readonly backend: string }
}

/** A picture that was blocked, and painted anew with other noise. */
export interface ReplacedPicture {
  /** The worst verdict, and all. */
  readonly verdict: Verdict
  readonly verdicts: readonly Verdict[]
  /** What its noise was drawn with, decimal; absent for the first one, which was painted together with the others. */
  readonly seed?: string
}

/** One painted picture. */
export interface Candidate {
  /** All black where it was withheld, without detail where it was blurred. */
  readonly image: Image
  /** Which of the `count` pictures it was painted for. */
  readonly picture: number
  /** The reranker's; absent without one and for what did not take part. */
  readonly score?: number
  /** The worst of `verdicts`; 'none' without a checker. */
  readonly verdict: Verdict | 'none'
  readonly verdicts: readonly Verdict[]
  /** What the policy did. Anything but 'allow' is never chosen before one that is allowed, unless the policy says so. */
  readonly action: Action
  /** Nothing of it is shown: it was blackened or blocked. */
  readonly withheld: boolean
  /** Those that were blocked in its place before it, oldest first. */
  readonly replaced: readonly ReplacedPicture[]
  /** All that is needed to paint it again; `paintedPng` writes it into the file. */
  readonly metadata: PaintMetadata
}

/** What chose among the candidates. */
export interface RankingReport {
  /** The reranker's name, or 'none': then the first allowed candidate is taken. */
  readonly by: string
  /** Languages that it reads. */
  readonly languages: readonly RerankerLanguage[]
  /** Says when the prompt is in a language that it does not read. */
  readonly note?: string
}

/** What was checked, and what was said of what was given; 'none' where there is no checker, or nothing to check. */
export interface SafetyReport {
  /** The policy's name. */
  readonly policy: string
  /** Names of the checkers of each stage; a stage without one is 'none': what passed there is not known to be harmless. */
  readonly coverage: Coverage
  readonly prompt: Verdict | 'none'
  readonly negativePrompt: Verdict | 'none'
  /** Of the picture to start from. */
  readonly image: Verdict | 'none'
  /** Names of the checkers of painted pictures (`Candidate.verdict`), or 'none'. */
  readonly painted: string
  /** Every decision about something given that a checker did not allow. */
  readonly flagged: readonly Decision[]
}

/** Milliseconds; 0 for what was not done. */
export interface Timings {
  readonly text: number
  /** Of the picture to start from. */
  readonly encode: number
  readonly denoise: number
  readonly decode: number
  readonly check: number
  readonly rank: number
  readonly total: number
}

export interface PaintResult {
  /** 'blocked': a checker did not allow a text or the given picture; nothing was painted, and `safety` says why. */
  readonly status: 'painted' | 'blocked'
  /** The chosen ones, `count` of them; none when blocked. */
  readonly images: readonly Image[]
  /** Index of each chosen one in `candidates`. */
  readonly chosen: readonly number[]
  /** All that were painted: those of the first picture, then those of the second. */
  readonly candidates: readonly Candidate[]
  /** What noise was drawn with; undefined with `generators`. */
  readonly seed: Seed | readonly Seed[] | undefined
  readonly ranking: RankingReport
  readonly safety: SafetyReport
  readonly timings: Timings
}
