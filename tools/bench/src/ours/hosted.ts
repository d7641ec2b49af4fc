import { OursSide } from './commands.js'

/** Our side inside a host: what `largestGap` is measured against. */
export function hostedSide(): { ask(request: { command: string }): Promise<unknown>; dispose(): Promise<void> } {
  const side = new OursSide()
  return { ask: request => side.answer(request), dispose: () => side.dispose() }
}
