/** One thing that is done, and what it takes. */
export interface StageCost {
  readonly stage: 'load' | 'see' | 'read' | 'answer' | 'text' | 'denoise' | 'decode'
  /** Bytes of the process at its most: what lies in its own memory, and what it has mapped from files and needs. */
  readonly memory: number
  /** Of these, weights that the system may drop and read again from their file. */
  readonly mapped: number
  readonly seconds: number
}

/** What a way of running a model takes. Estimates: see docs/memory.md for how far they are off. */
export interface Cost {
  /** Bytes: the most that any stage takes. */
  readonly memory: number
  /** Bytes: the most that any stage takes beside what is mapped from files. */
  readonly own: number
  /** Seconds until it is ready. */
  readonly load: number
  readonly stages: readonly StageCost[]
  /** Of a chat, while it answers. */
  readonly tokensPerSecond?: number
  /** Of a painter, text included. */
  readonly secondsPerPicture?: number
}

/** What all stages take together; the first one is loading. */
export function costOf(stages: readonly StageCost[]): Cost {
  return {
    memory: Math.max(...stages.map(s => s.memory)),
    own: Math.max(...stages.map(s => s.memory - s.mapped)),
    load: stages[0]?.seconds ?? 0,
    stages,
  }
}
