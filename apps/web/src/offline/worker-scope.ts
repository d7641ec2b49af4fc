/**
 * The part of a service worker's global scope that is used here. TypeScript's own types for it (lib `webworker`) cannot stand beside
 * those of the page (lib `dom`).
 */
export interface WorkerScope {
  readonly registration: { readonly scope: string }
  readonly clients: { claim(): Promise<void> }
  addEventListener(type: 'install' | 'activate', listener: (event: LifeEvent) => void): void
  addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void
}

interface LifeEvent {
  /** The worker is kept alive until then; a rejected install is none. */
  waitUntil(done: Promise<unknown>): void
}

interface FetchEvent extends LifeEvent {
  readonly request: Request
  respondWith(response: Promise<Response>): void
}
