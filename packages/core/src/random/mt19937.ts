const size = 624
const offset = 397

/**
 * Mersenne twister with 32-bit output. Source: Matsumoto and Nishimura 1998, init_genrand; torch's at::mt19937.
 */
export class MT19937 {
  /** The 624 words of state. */
  readonly words: Uint32Array = new Uint32Array(size)
  /** Words used since the last twist, 0..624. */
  index: number = size

  /** Starts again from the low 32 bits of a seed. */
  seed(seed: number): void {
    const { words } = this
    words[0] = seed
    for (let i = 1; i < size; i++) {
      const previous = words[i - 1]! ^ (words[i - 1]! >>> 30)
      words[i] = Math.imul(previous, 1812433253) + i
    }
    this.index = size
  }

  /** The next 32 bits, as an unsigned number. */
  next(): number {
    if (this.index >= size) this.twist()
    let y = this.words[this.index++]!
    y ^= y >>> 11
    y ^= (y << 7) & 0x9d2c5680
    y ^= (y << 15) & 0xefc60000
    return (y ^ (y >>> 18)) >>> 0
  }

  private twist(): void {
    const { words } = this
    for (let i = 0; i < size; i++) {
      const y = (words[i]! & 0x80000000) | (words[(i + 1) % size]! & 0x7fffffff)
      words[i] = words[(i + offset) % size]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0)
    }
    this.index = 0
  }
}
