import { median, ratios, type Spread, spread } from './statistics.js'

interface Value {
  readonly ms: number
  readonly cpuMs?: number
}

/** One thing measured: a value of each run on each side. */
export class Measurement {
  readonly ours: number[] = []
  readonly theirs: number[] = []
  /** Processor time of the same, where it was taken. */
  readonly oursCpu: number[] = []
  readonly theirsCpu: number[] = []

  constructor(
    readonly group: string,
    readonly name: string,
    readonly unit: 'ms' | 'MB' | 'M characters/s' | 'M tokens/s' | 'x',
    /** Smallest ratio aimed at; or, for a thing only we do, the largest value. */
    readonly goal?: number,
  ) {}

  /** One run's values, `ms` standing for whatever the unit is. */
  add(ours: Value | undefined, theirs?: Value): void {
    if (ours) {
      this.ours.push(ours.ms)
      if (ours.cpuMs !== undefined) this.oursCpu.push(ours.cpuMs)
    }
    if (theirs) {
      this.theirs.push(theirs.ms)
      if (theirs.cpuMs !== undefined) this.theirsCpu.push(theirs.cpuMs)
    }
  }

  summary(): Summary {
    const paired = this.theirs.length === this.ours.length && this.theirs.length > 0
    const cpuPaired = this.theirsCpu.length === this.oursCpu.length && this.theirsCpu.length > 0
    return {
      group: this.group,
      name: this.name,
      unit: this.unit,
      runs: this.ours.length,
      ours: spread(this.ours),
      ...(this.oursCpu.length > 0 && { oursCpu: median(this.oursCpu) }),
      ...(paired && { pytorch: spread(this.theirs), ratio: ratios(this.ours, this.theirs) }),
      ...(cpuPaired && { pytorchCpu: median(this.theirsCpu), cpuRatio: ratios(this.oursCpu, this.theirsCpu) }),
      ...(this.goal !== undefined && { goal: this.goal }),
    }
  }
}

/** A row of the report. */
export interface Summary {
  readonly group: string
  readonly name: string
  readonly unit: string
  readonly runs: number
  readonly ours: Spread
  readonly oursCpu?: number
  readonly pytorch?: Spread
  readonly pytorchCpu?: number
  /** PyTorch's time / ours, run by run: above 1 we are faster (less memory, for MB). */
  readonly ratio?: Spread
  /** The same of processor time, which a busy machine disturbs less. */
  readonly cpuRatio?: Spread
  readonly goal?: number
}

/** Whether the goal was met; undefined where there is none or nothing to compare with. */
export function met({ goal, ratio, ours, pytorch, group }: Summary): boolean | undefined {
  if (goal === undefined) return undefined
  if (group === 'event-loop') return ours.median < goal
  if (group === 'fast') return ours.median >= goal
  return pytorch && ratio ? ratio.median >= goal : undefined
}
