import { InvalidArgumentError } from '@viscpm/core'
import { randomNumbers } from '@viscpm/core/random'
import { mean } from '@viscpm/core/report'
import { type BootstrapOptions, bootstrap, type Estimate } from '../statistics/bootstrap.js'
import { estimateCKA, gram, linearCKA, type Rows } from './statistics/cka.js'

/** How alike a layer's states of texts and of their translations are. */
export interface LayerCard {
  /** How many layers have run; 0: the embeddings. */
  readonly layer: number
  /** Mean cosine of a text's state and its translation's. */
  readonly same: Estimate
  /** Mean cosine of a text's state and those of the translations of all other texts. */
  readonly other: Estimate
  /** The mean cosine of translations where each language's mean state is taken away. */
  readonly centred: Estimate
  /** As `centred`, of texts that are no translations of one another. */
  readonly centredOther: Estimate
  /** Linear centred kernel alignment without bias; the interval is the jackknife's. */
  readonly cka: Estimate
  /** The mean of `cka` over shuffled pairs. */
  readonly ckaShuffled: number
  /** Share of texts to which, of all texts in the other language, their translation is nearest (by centred cosine). */
  readonly zhToEn: Estimate
  readonly enToZh: Estimate
}

/** Where both languages are nearest to one another, by `centred`. */
export interface PivotCard {
  readonly layer: number
  /** Layers that resampled texts have it at: 95 % lie between. */
  readonly low: number
  readonly high: number
  /** The first layer that was measured. */
  readonly first: number
  /** `centred` there minus that of the first. The layer is chosen by the same texts, which flatters both differences a little. */
  readonly rise: Estimate
  /** `centred` there minus that of the last layer. */
  readonly fall: Estimate
  /** Resampled texts have it between the first layer and the last, and nearer than at both beyond the intervals. */
  readonly inside: boolean
}

export interface LayersCard {
  readonly texts: number
  /** What guessing finds: 1 / texts. */
  readonly chance: number
  readonly layers: readonly LayerCard[]
  readonly pivot: PivotCard
}

const shuffles = 20

/** Collects states layer by layer: of each, only what the card needs is kept. */
export class LayerAlignment {
  readonly #options: BootstrapOptions
  readonly #layers: LayerCard[] = []
  /** Of each layer, each text's centred cosine with its translation. */
  readonly #centred: number[][] = []

  constructor(options: BootstrapOptions = {}) {
    this.#options = options
  }

  /**
   * @param layer how many layers have run
   * @param en of the texts, [texts, dim]
   * @param zh of their translations in the same order, [texts, dim]
   * @throws InvalidArgumentError for fewer than four texts, or unequal numbers
   */
  add(layer: number, en: Rows, zh: Rows): void {
    const texts = en.data.length / en.dim
    if (texts < 4 || en.data.length !== zh.data.length)
      throw new InvalidArgumentError({
        argument: 'texts',
        message: 'at least four texts in both languages are compared',
      })
    const raw = cosines(en, zh)
    const [a, b] = [centred(en), centred(zh)]
    const middle = cosines(a, b)
    const at = (matrix: Float64Array, i: number) => matrix[i * texts + i]!
    const items = Array.from({ length: texts }, (_, i) => i)
    const own = items.map(i => at(middle, i))
    const of = (value: (i: number) => number) => {
      const values = items.map(value)
      return bootstrap(values, chosen => mean([...chosen]), this.#options)
    }
    const rest = (matrix: Float64Array) => (i: number) =>
      mean(items.filter(j => j !== i).map(j => matrix[i * texts + j]!))
    const [gramA, gramB] = [gram(a), gram(b)]
    this.#centred.push(own)
    this.#layers.push({
      layer,
      same: of(i => at(raw, i)),
      other: of(rest(raw)),
      centred: of(i => own[i]!),
      centredOther: of(rest(middle)),
      cka: estimateCKA(gramA, gramB),
      ckaShuffled: this.#shuffled(gramA, gramB, items),
      zhToEn: of(i => (items.every(j => j === i || middle[j * texts + i]! < own[i]!) ? 1 : 0)),
      enToZh: of(i => (items.every(j => j === i || middle[i * texts + j]! < own[i]!) ? 1 : 0)),
    })
  }

  /** @throws InvalidArgumentError when no layer was added */
  card(): LayersCard {
    const texts = this.#centred[0]?.length
    if (texts === undefined) throw new InvalidArgumentError({ argument: 'layers', message: 'none was measured' })
    return { texts, chance: 1 / texts, layers: this.#layers, pivot: this.#pivot(texts) }
  }

  #pivot(texts: number): PivotCard {
    const items = Array.from({ length: texts }, (_, i) => i)
    const highest = (chosen: readonly number[]): number => {
      const means = this.#centred.map(own => mean(chosen.map(i => own[i]!)))
      return means.indexOf(Math.max(...means))
    }
    const { value: at, low, high } = bootstrap(items, highest, this.#options)
    const last = this.#centred.length - 1
    const above = (other: number) =>
      bootstrap(
        items,
        chosen => mean(chosen.map(i => this.#centred[at]![i]! - this.#centred[other]![i]!)),
        this.#options,
      )
    const [rise, fall] = [above(0), above(last)]
    const layerOf = (index: number): number => this.#layers[Math.round(index)]!.layer
    return {
      ...{ layer: layerOf(at), low: layerOf(low), high: layerOf(high), first: layerOf(0), rise, fall },
      inside: low > 0 && high < last && rise.low > 0 && fall.low > 0,
    }
  }

  #shuffled(a: Float64Array, b: Float64Array, items: readonly number[]): number {
    const random = randomNumbers((this.#options.seed ?? 0) + 1)
    return mean(Array.from({ length: shuffles }, () => linearCKA(a, b, items, shuffled(items, random))))
  }
}

/** Fisher-Yates. */
function shuffled(items: readonly number[], random: () => number): number[] {
  const out = [...items]
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[out[i], out[j]] = [out[j]!, out[i]!]
  }
  return out
}

/** Without the mean row. */
function centred({ data, dim }: Rows): Rows {
  const rows = data.length / dim
  const middle = new Float64Array(dim)
  for (let i = 0; i < data.length; i++) middle[i % dim]! += data[i]! / rows
  return { data: data.map((value, i) => value - middle[i % dim]!), dim }
}

/** Cosines of all rows of one with all rows of the other: [rows, rows]. */
function cosines(a: Rows, b: Rows): Float64Array {
  const { dim } = a
  const n = a.data.length / dim
  const lengths = [a, b].map(({ data }) =>
    Array.from({ length: n }, (_, i) => Math.hypot(...data.subarray(i * dim, (i + 1) * dim)) || 1),
  ) as [number[], number[]]
  const out = new Float64Array(n * n)
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      let dot = 0
      for (let k = 0; k < dim; k++) dot += a.data[i * dim + k]! * b.data[j * dim + k]!
      out[i * n + j] = dot / (lengths[0][i]! * lengths[1][j]!)
    }
  return out
}
