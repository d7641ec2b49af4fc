import { PageCache } from './page-cache.js'
import type { PageFiles } from './page-files.js'
import type { WorkerScope } from './worker-scope.js'

/** Put in by the build, which alone knows the names; see vite-plugin.ts. */
declare const __PAGE_FILES__: PageFiles

const scope = globalThis as unknown as WorkerScope
const pages = new PageCache(__PAGE_FILES__, scope.registration.scope)

// A new version waits until no tab shows the old one: parts of two versions never meet.
scope.addEventListener('install', event => event.waitUntil(pages.install()))
scope.addEventListener('activate', event => event.waitUntil(pages.takeOver().then(() => scope.clients.claim())))
scope.addEventListener('fetch', event => {
  const file = pages.fileOf(event.request)
  // The API, models, and all else go to the server as if there were nobody between.
  if (file !== undefined) event.respondWith(pages.answer(file, event.request, done => event.waitUntil(done)))
})
