import type { Generation, LanguageModel } from '@viscpm/cpm-bee'

/**
 * A model that takes its time for every step, and then says what a script says: the id at each position of the answer.
 * So texts of any kind can be timed with random weights.
 */
export class ScriptedModel implements LanguageModel {
  constructor(
    readonly model: LanguageModel,
    readonly script: (position: number) => number,
  ) {}

  get vocabSize(): number {
    return this.model.vocabSize
  }

  async prefill(...prompt: Parameters<LanguageModel['prefill']>): Promise<Generation> {
    const generation = await this.model.prefill(...prompt)
    return {
      step: async (rows, options) => {
        const { width } = await generation.step(rows, options)
        const data = new Float32Array(rows.length * width)
        for (const [r, { position }] of rows.entries()) data[r * width + this.script(position)] = 20
        return { rows: rows.length, width, data }
      },
      dispose: () => generation.dispose(),
    }
  }
}
