import { numel } from '@viscpm/core'
import type { SynthTensor } from './tensors.js'

const encoder = new TextEncoder()
const storages = { float16: 'HalfStorage', float32: 'FloatStorage' } as const

/**
 * The data.pkl of torch.save(state_dict): protocol 2, an OrderedDict of `_rebuild_tensor_v2`, storage i being `data/i`.
 * Source: pickle (protocol 2), torch._utils.
 */
export function pickleStateDict(tensors: readonly SynthTensor[]): Uint8Array {
  const out: number[] = []
  const ascii = (text: string): void => void out.push(...encoder.encode(text))
  const u32 = (value: number): void =>
    void out.push(value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24)
  const text = (value: string): void => {
    const bytes = encoder.encode(value)
    ascii('X') // BINUNICODE
    u32(bytes.length)
    out.push(...bytes)
  }
  const int = (value: number): void => {
    if (value >= 2 ** 31) throw new RangeError(`${value} does not fit into a BININT`)
    ascii('J')
    u32(value)
  }
  const ints = (values: readonly number[]): void => {
    ascii('(')
    for (const value of values) int(value)
    ascii('t')
  }

  out.push(0x80, 2)
  ascii('ccollections\nOrderedDict\n)R(')
  for (const [i, { key, dtype, shape }] of tensors.entries()) {
    text(key)
    ascii('ctorch._utils\n_rebuild_tensor_v2\n((')
    text('storage')
    ascii(`ctorch\n${storages[dtype]}\n`)
    text(String(i))
    text('cpu')
    int(numel(shape))
    ascii('tQ') // BINPERSID
    int(0)
    ints(shape)
    ints(shape.map((_, axis) => numel(shape.slice(axis + 1))))
    out.push(0x89) // NEWFALSE: needs no gradient
    ascii('ccollections\nOrderedDict\n)RtR')
  }
  ascii('u.')
  return Uint8Array.from(out)
}
