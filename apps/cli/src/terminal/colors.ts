import picocolors from 'picocolors'
import type { Io, TextOutput } from '../io.js'

export type Colors = ReturnType<typeof picocolors.createColors>

/** Colours for one stream: a terminal without NO_COLOR, or FORCE_COLOR. See no-color.org. */
export function colorsFor(stream: TextOutput, env: Io['env']): Colors {
  return picocolors.createColors(hasColors(stream, env))
}

function hasColors(stream: TextOutput, env: Io['env']): boolean {
  if (env.NO_COLOR) return false
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0'
  return stream.isTTY === true && env.TERM !== 'dumb'
}

/** How many bits of colour the terminal shows: 1 (none), 4, 8 or 24. */
export function colorDepth(stream: TextOutput, env: Io['env']): number {
  if (!hasColors(stream, env)) return 1
  return stream.getColorDepth?.(env) ?? 1
}
