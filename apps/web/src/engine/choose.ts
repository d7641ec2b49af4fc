import { serverEngine } from './server/index.js'
import type { Engine } from './types.js'

/** Where models compute. */
export type Place = Engine['place']

export interface ChooseOptions {
  /** The API key that was typed, if any; asked before every request. */
  readonly key: () => string | undefined
}

/** Present where this build of the page has an engine for the browser itself; loaded only when it is chosen. */
const inBrowser = import.meta.glob<{ browserEngine: () => Engine }>('./browser/index.ts')

/** The places that this build of the page can compute at. */
export const places: readonly Place[] = Object.keys(inBrowser).length > 0 ? ['server', 'browser'] : ['server']

export async function chooseEngine(place: Place, { key }: ChooseOptions): Promise<Engine> {
  if (place === 'server') return serverEngine({ key })
  const load = Object.values(inBrowser)[0]
  if (load === undefined) throw new Error('This build of the page has no engine for the browser.')
  return (await load()).browserEngine()
}
