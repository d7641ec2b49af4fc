import { defaultClientConditions, type Plugin } from 'vite'

/** Headers with which browsers let a page share memory between threads; everything that it loads must be its own. */
export const isolationHeaders: Readonly<Record<string, string>> = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
}

/** What Vite has to know to build the in-browser engine. */
export function browserEngine(): Plugin {
  return {
    name: 'viscpm-browser-engine',
    config: () => ({
      // onnxruntime's threads start from its own script: one bundled with ours would start ours in every thread.
      resolve: { conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions] },
      // Its build for WebGPU is loaded only where there is WebGPU.
      worker: { format: 'es' },
      optimizeDeps: { exclude: ['onnxruntime-web'] },
      server: { headers: { ...isolationHeaders } },
      preview: { headers: { ...isolationHeaders } },
    }),
  }
}
