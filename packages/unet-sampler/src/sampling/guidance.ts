import { InvalidArgumentError, type Tensor, tensor } from '@viscpm/core'

export interface GuidanceOptions {
  /** How far the prediction is pushed from the negative prompt's to the prompt's. Default 7.5. */
  readonly guidanceScale?: number | undefined
  /**
   * The part of the run that is guided, as shares of its steps: [0.2, 0.8] leaves out the first and last fifth, where only
   * the prompt's half runs, at half the cost. Default [0, 1]. Source: Kynkaanniemi et al., arXiv:2404.07724.
   */
  readonly guidanceInterval?: readonly [from: number, to: number] | undefined
  /** At scale 1 the negative prompt's half changes nothing but rounding: true leaves it out. Default false, as upstream. */
  readonly skipUnguided?: boolean | undefined
}

/** What a run does at each of its steps: the scale, or undefined where only the prompt's half runs. */
export type Guidance = (step: number, steps: number) => number | undefined

/** @throws InvalidArgumentError */
export function guidanceOf({
  guidanceScale = 7.5,
  guidanceInterval = [0, 1],
  skipUnguided = false,
}: GuidanceOptions): Guidance {
  if (!Number.isFinite(guidanceScale))
    throw new InvalidArgumentError({
      argument: 'guidanceScale',
      message: `must be a finite number, not ${guidanceScale}`,
    })
  const [from, to] = guidanceInterval
  if (!(from >= 0 && from <= to && to <= 1))
    throw new InvalidArgumentError({
      argument: 'guidanceInterval',
      message: `must be two shares of the run with 0 <= from <= to <= 1, not [${String(guidanceInterval)}]`,
    })
  if (skipUnguided && guidanceScale === 1) return () => undefined
  return (step, steps) => (step / steps >= from && step / steps < to ? guidanceScale : undefined)
}

/**
 * Classifier-free guidance: uncond + scale * (cond - uncond), each operation rounded to float32 as PyTorch does.
 * both: [2 n, ...], the unconditional half first. Source: Ho, Salimans, arXiv:2207.12598.
 */
export function guided(both: Tensor<'float32'>, scale: number): Tensor<'float32'> {
  const [double, ...shape] = both.shape as [number, ...number[]]
  const half = both.data.length / 2
  const { data } = both
  const factor = Math.fround(scale)
  const out = new Float32Array(half)
  for (let i = 0; i < half; i++) out[i] = data[i]! + Math.fround(factor * Math.fround(data[half + i]! - data[i]!))
  return tensor('float32', out, [double / 2, ...shape])
}
