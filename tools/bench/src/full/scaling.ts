/** A piece of work measured on `threads` threads of this machine. */
export interface Measured {
  readonly threads: number
  readonly ms: number
  /** Bytes that it reads from memory. */
  readonly bytes: number
  /** Of those threads together, in the same run. */
  readonly gbPerSecond: number
}

/**
 * time(cores) = bytes / bandwidth + compute / cores + serial. Additive: reading and computing do not overlap, so a machine may
 * do better than it says.
 */
export interface CostModel {
  readonly bytes: number
  /** Of one core. */
  readonly computeMs: number
  /** What no further core makes faster: small operators, the start of each, JavaScript. */
  readonly serialMs: number
}

/** A machine to say something about. */
export interface Assumed {
  readonly name: string
  readonly cores: number
  /** What it is taken to read, all cores together. */
  readonly gbPerSecond: number
}

/**
 * Cores of this kind, with the memory such machines have: about 80 % of the channels' nominal bandwidth. Sockets with eight
 * cores and with sixteen have the same two channels, so more cores do not help what memory bounds.
 */
export const assumedMachines: readonly Assumed[] = [
  { name: '8 cores, two channels of DDR5-5600', cores: 8, gbPerSecond: 70 },
  { name: '16 cores, two channels of DDR5-5600', cores: 16, gbPerSecond: 70 },
  { name: '64 cores, twelve channels of DDR5-4800', cores: 64, gbPerSecond: 360 },
]

const readMs = (bytes: number, gbPerSecond: number) => bytes / gbPerSecond / 1e6

/**
 * Fits one measurement. `serialShare` of its time is taken to be serial, which a profile gives.
 * Where reading alone would take longer than was measured, no compute is left: the bandwidth found was too low.
 */
export function fitCost({ threads, ms, bytes, gbPerSecond }: Measured, serialShare: number): CostModel {
  const serialMs = serialShare * ms
  const computeMs = Math.max(0, ms - serialMs - readMs(bytes, gbPerSecond)) * threads
  return { bytes, computeMs, serialMs }
}

export function predictMs({ bytes, computeMs, serialMs }: CostModel, cores: number, gbPerSecond: number): number {
  return readMs(bytes, gbPerSecond) + computeMs / cores + serialMs
}

/** How far the model is from a measurement that it was not fitted to: 0.1 = predicts 10 % more than was measured. */
export function errorOf(model: CostModel, { threads, ms, gbPerSecond }: Measured): number {
  return predictMs(model, threads, gbPerSecond) / ms - 1
}
