import type { KeyValueDType } from '@viscpm/cpm-bee'
import type { PaintPlaces } from '@viscpm/paint/node'
import type { DenoiseOptions } from '@viscpm/unet-sampler'
import type { TextKind } from './ours/lookup.js'
import type { Prompt } from './prompt.js'

/** How pictures are painted: what both sides are told besides the model. */
export interface PaintRequest {
  readonly candidates: number
  readonly steps: number
  readonly guidanceScale: number
  /** diffusers' `scheduler_config.json` of DPM-Solver++ 2M. */
  readonly scheduler: Readonly<Record<string, unknown>>
  readonly every: number
  /** Only on our side: what is left out. */
  readonly saver?: Pick<DenoiseOptions, 'guidanceInterval' | 'deepCache' | 'tokenMerging'>
}

/** Milliseconds on the clock and of processor time (all threads). */
export interface Timing {
  readonly ms: number
  readonly cpuMs: number
}

/** The same of every step. */
export interface StepTimings {
  readonly ms: readonly number[]
  readonly cpuMs: readonly number[]
}

/** Milliseconds after the first token, tokens, and what lookup did. */
export interface LookupSide {
  readonly ms: number
  readonly tokens: number
  readonly drafted: number
  readonly accepted: number
}

/** What both sides answer to; each is a JSON line with its name as `command`. */
export interface Commands {
  /** `importMs`: from the start of the process, or of its imports, to being able to answer. */
  info(request: { threads: number }): { version: string; importMs: number; blas?: string; diffusers?: string }
  /** Opens a folder written by `writeRandomModel`, up to being able to run. `dtype`: of a painter, on PyTorch's side. */
  load(request: { folder: string; threads: number; kvCache?: KeyValueDType; dtype?: 'bfloat16' }): { ms: number }
  /** Ours only: the language model of a folder, quantized or not, alone or inside a whole checkpoint. */
  loadLanguage(request: { folder: string; threads: number }): { ms: number }
  /** Logits after the prompt and each of `ids`. */
  logits(request: { prompt: Prompt; ids: readonly number[] }): { steps: number[][] }
  /** Reads a prompt; `rows` copies of it and `logits` of every token only on PyTorch's side. */
  prefill(request: { prompt: Prompt; rows: number; logits: boolean }): Timing
  /** Decodes `steps` tokens after the prompt: whole steps, the choice of tokens included. */
  decode(request: {
    prompt: Prompt
    beams: number
    steps: number
    penalty: number
    temperature: number
  }): StepTimings & { words: number[] }
  /** Encodes one picture; `sample` is every `every`th value of the result. */
  encode(request: { pixels: readonly number[]; every: number }): Timing & { sample: number[] }
  /** Makes ready what `load` of a painter imports; `peakMb` of the process before any weight is there. */
  preparePainter(request: object): { peakMb: number }
  /** Ours only: one evaluation of one picture, guided (2 rows) or not, of the whole UNet or of its shallow part after a whole one. */
  evaluate(request: { part: 'whole' | 'shallow'; guided: boolean; branch: number; tokenMerging: number }): Timing
  /**
   * The UNet's prediction for `rows` latents, half of them with the negative prompt, as guidance asks for them; of `side`
   * rows and columns of them, where given.
   */
  predict(request: { rows: number; timestep: number; every: number; side?: number }): Timing & { sample: number[] }
  /** One latent to pixels. */
  decodeLatents(request: { every: number }): Timing & { sample: number[] }
  /** All candidates from noise to bytes: `sample` is of the last latents, `bytes` of the pictures. */
  paint(request: PaintRequest): Timing & { sample: number[]; bytes: number[] }
  /** Ours only: loads the embedded model and asks it twice about a drawn picture. */
  chat(request: { threads: number }): { loadMs: number; firstMs: number; nextMs: number; tokens: number }
  /** Ours only: code points and tokens a second of encoding, decoding and packing with the embedded vocabulary. */
  tokenize(request: object): { encode: number; decode: number; pack: number }
  /** Ours only: the embedded model's talks about its pictures, greedily, without and with lookup. */
  lookupChat(request: { threads: number }): { plain: LookupSide; lookup: LookupSide; same: boolean }
  /** Ours only: a made-up answer with the loaded model's times, without and with lookup. */
  lookupText(request: { prompt: Prompt; kind: TextKind; tokens: number }): {
    plain: LookupSide
    lookup: LookupSide
    same: boolean
  }
  /** Ours only: the median step of a beam search after a prompt, and the most bytes of its cache. */
  keyValues(request: { prompt: Prompt; beams: number; steps: number }): { ms: number; bytes: number }
  /** Ours only: the embedded model's answers to its test questions, keys and values kept as `kvCache`. */
  keyValueAnswers(request: { kvCache: KeyValueDType; threads: number }): { answers: string[] }
  /** Ours only: calibrates the random UNet of `folder` and writes it as int8 into the folder `to`; `toWithVae`: the VAE too. */
  quantizePainter(request: { folder: string; to: string; toWithVae?: string; threads: number }): {
    ms: number
    layers: number
  }
  /**
   * Ours only: a 512 x 512 picture of the preset `fast` with memory 'low'. Milliseconds, and most MB of resident memory, of its
   * stages; the latter where the system tells.
   */
  paintWhole(request: { where: string; places: PaintPlaces; threads: number }): {
    pixels: number
    ms: Readonly<Record<'text' | 'denoise' | 'decode', number>>
    peakMb: Readonly<Partial<Record<'text' | 'denoise' | 'decode', number>>>
  }
  /**
   * Ours only: loads a whole VisCPM-Chat and asks about a picture, a second time with the picture seen; then, where `tokens` says
   * how long prompt and answer are together, answers at length. `small`: with what takes the least memory.
   */
  pictureTalk(request: {
    folder: string
    threads: number
    beams: number
    questionTokens: number
    tokens?: number
    small: boolean
  }): {
    visionMs: number
    firstTokenMs: number
    promptTokens: number
    imageTokens: number
    answerTokens?: number
    decodeMs?: number
  }
  memory(request: object): { peakMb: number }
}

export type CommandName = keyof Commands
export type Request<K extends CommandName> = Parameters<Commands[K]>[0]
export type Reply<K extends CommandName> = ReturnType<Commands[K]>
