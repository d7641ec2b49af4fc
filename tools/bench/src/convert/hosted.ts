import { type ConversionOptions, quantizeCheckpoint } from '@viscpm/core/node'

export interface Conversion {
  readonly seconds: number
  readonly sourceBytes: number
  readonly targetBytes: number
  /** Largest memory of the process, with all of its threads. */
  readonly peakMb: number
}

/** Converts once, in a process of its own. */
export class Converter {
  async convert(source: string, folder: string, options: ConversionOptions): Promise<Conversion> {
    const started = performance.now()
    const { converted, manifest } = await quantizeCheckpoint(source, folder, options)
    return {
      seconds: (performance.now() - started) / 1000,
      sourceBytes: converted,
      targetBytes: manifest.file.bytes,
      peakMb: process.resourceUsage().maxRSS / 1000,
    }
  }
}

export default (): Converter => new Converter()
