/** The part of node-llama-cpp 3 that is used; the package itself is installed on demand and is no dependency. */
export interface LlamaModule {
  getLlama(options: {
    gpu: false
    build: 'never'
    skipDownload: boolean
    progressLogs: boolean
    logLevel: 'error'
    maxThreads: number
  }): Promise<Llama>
}

export interface Llama {
  /** e.g. 'b7826' */
  readonly llamaCppRelease?: { readonly release: string }
  loadModel(options: { modelPath: string; gpuLayers: number }): Promise<LlamaModel>
  dispose(): Promise<void>
}

export interface LlamaModel {
  createContext(options: {
    contextSize: number
    batchSize: number
    threads: number
    sequences: number
  }): Promise<LlamaContext>
}

export interface LlamaContext {
  getSequence(): LlamaSequence
}

export interface LlamaSequence {
  clearHistory(): Promise<void>
  evaluateWithoutGeneratingNewTokens(tokens: readonly number[]): Promise<void>
  evaluate(
    tokens: readonly number[],
    options: { temperature: number; yieldEogToken: boolean },
  ): AsyncGenerator<number, void, void>
}
