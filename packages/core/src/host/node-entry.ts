/**
 * The script that a new thread or process starts with. Node 20 cannot run TypeScript, so from the sources (tests,
 * development) it is one that first registers a loader for them; the built package has plain JavaScript.
 */
export const hostEntry: URL = new URL(
  import.meta.url.endsWith('.ts') ? './node-source-entry.mjs' : './node-bootstrap.js',
  import.meta.url,
)
