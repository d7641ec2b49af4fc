import type { DenoiseOptions } from '@viscpm/unet-sampler'
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

/** What both sides answer to; each is a JSON line with its name as `command`. */
export interface Commands {
  /** `importMs`: from the start of the process, or of its imports, to being able to answer. */
  info(request: { threads: number }): { version: string; importMs: number; blas?: string; diffusers?: string }
  /** Opens a folder written by `writeRandomModel`, up to being able to run. */
  load(request: { folder: string; threads: number }): { ms: number }
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
  /** The UNet's prediction for `rows` latents, half of them with the negative prompt, as guidance asks for them. */
  predict(request: { rows: number; timestep: number; every: number }): Timing & { sample: number[] }
  /** Ours only: one evaluation of one picture, guided (2 rows) or not, of the whole UNet or of its shallow part after a whole one. */
  evaluate(request: { part: 'whole' | 'shallow'; guided: boolean; branch: number; tokenMerging: number }): Timing
  /** One latent to pixels. */
  decodeLatents(request: { every: number }): Timing & { sample: number[] }
  /** All candidates from noise to bytes: `sample` is of the last latents, `bytes` of the pictures. */
  paint(request: PaintRequest): Timing & { sample: number[]; bytes: number[] }
  /** Ours only: loads the embedded model and asks it twice about a drawn picture. */
  chat(request: { threads: number }): { loadMs: number; firstMs: number; nextMs: number; tokens: number }
  /** Ours only: code points and tokens a second of encoding, decoding and packing with the embedded vocabulary. */
  tokenize(request: object): { encode: number; decode: number; pack: number }
  memory(request: object): { peakMb: number }
}

export type CommandName = keyof Commands
export type Request<K extends CommandName> = Parameters<Commands[K]>[0]
export type Reply<K extends CommandName> = ReturnType<Commands[K]>
