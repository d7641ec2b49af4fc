const KiB = 1024
const MiB = 1024 * KiB

/**
 * What a checkpoint may ask of the reader before any tensor is read. Far above real files (VisCPM-Chat: 1,413 tensors,
 * a 0.3 MB pickle), low enough that a hostile file stays under 256 MB and about a second.
 */
export const limits: {
  readonly zipDirectoryBytes: number
  readonly pickleBytes: number
  readonly pickleOpcodes: number
  readonly pickleStack: number
  readonly pickleMemo: number
  readonly pickleMemory: number
  readonly headerBytes: number
  readonly tensors: number
  readonly keyLength: number
  readonly allKeysLength: number
  readonly nesting: number
  readonly values: number
  readonly dimensions: number
  readonly expandedBytes: number
} = {
  zipDirectoryBytes: 16 * MiB,
  pickleBytes: 32 * MiB,
  pickleOpcodes: 8_000_000,
  pickleStack: 1_000_000,
  pickleMemo: 2_000_000,
  /** Estimated bytes of all objects that one pickle may make. */
  pickleMemory: 96 * MiB,
  /** safetensors header. */
  headerBytes: 25 * MiB,
  tensors: 100_000,
  keyLength: 1024,
  allKeysLength: 16 * MiB,
  nesting: 64,
  /** Values visited while looking for tensors in nested containers. */
  values: 4_000_000,
  dimensions: 64,
  /** A view that repeats its storage (stride 0) may be larger than it, up to this. */
  expandedBytes: 64 * MiB,
}
