/** What a machine can do; rates are those of the runtime's own kernels on all threads, not of a data sheet. */
export interface Machine {
  readonly cores: number
  /** Bytes a second that a product with one row reads its float32 weights at. */
  readonly ramBandwidth: number
  /** Bytes a second from the file, as it lies now: a file in the system's cache is fast. */
  readonly diskBandwidth: number
  /** Floating-point operations a second of a float32 product with many rows. */
  readonly float32: number
  /** The same of a product with weights in blocks and int8 activations. */
  readonly int8: number
}

/** The machine that the coefficients were measured on: two Zen 4 cores with AVX-512 and VNNI, 24 GB. */
export const referenceMachine: Machine = {
  cores: 2,
  ramBandwidth: 28e9,
  diskBandwidth: 0.65e9,
  float32: 1.7e11,
  int8: 3.8e11,
}
