// Development only: lets a thread or process of the sources load TypeScript, then starts it. See node-entry.ts.
import { register } from 'node:module'

register('./node-source-hooks.mjs', import.meta.url)
await import('./node-bootstrap.ts')
