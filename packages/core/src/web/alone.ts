import type { OrtRuntime } from '../session/ort-session.js'

const last = new WeakMap<OrtRuntime, Promise<unknown>>()

/** One thing at a time: a build of onnxruntime-web that waits for a graphics card cannot be entered again meanwhile. */
export function alone<T>(ort: OrtRuntime, work: () => Promise<T>): Promise<T> {
  const running = (last.get(ort) ?? Promise.resolve()).then(work)
  last.set(
    ort,
    running.catch(() => {}),
  )
  return running
}
