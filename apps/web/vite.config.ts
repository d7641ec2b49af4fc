import react from '@vitejs/plugin-react'
import { defaultClientConditions, defineConfig, type UserConfig } from 'vite'
import { browserEngine } from './src/engine/browser/vite-plugin.js'
import { offlinePage } from './src/offline/vite-plugin.js'

const config: UserConfig = defineConfig({
  // Relative, so that the page can be served from any folder.
  base: './',
  plugins: [react(), browserEngine(), offlinePage()],
  // Siblings are bundled from their sources: the page needs no other build.
  resolve: { conditions: ['@viscpm/source', ...defaultClientConditions] },
  build: { target: 'es2022', sourcemap: false, assetsInlineLimit: 0, chunkSizeWarningLimit: 1500 },
  worker: { format: 'es' },
  server: { proxy: { '/v1': 'http://127.0.0.1:8080', '/models': 'http://127.0.0.1:8080' } },
})
export default config
