import { useEffect, useRef, useState } from 'react'

/** Takes files dropped on an element. `over` while something hangs above it. */
export function useDrop<E extends HTMLElement>(
  onFiles: (files: readonly File[]) => void,
): { readonly ref: React.RefObject<E | null>; readonly over: boolean } {
  const ref = useRef<E>(null)
  const [over, setOver] = useState(false)
  const handler = useRef(onFiles)
  handler.current = onFiles
  useEffect(() => {
    const element = ref.current
    if (element === null) return
    let depth = 0
    const carries = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false
    const enter = (event: DragEvent): void => {
      if (!carries(event)) return
      event.preventDefault()
      depth += 1
      setOver(true)
    }
    const move = (event: DragEvent): void => {
      if (carries(event)) event.preventDefault()
    }
    const leave = (event: DragEvent): void => {
      if (!carries(event)) return
      depth -= 1
      if (depth <= 0) setOver(false)
    }
    const drop = (event: DragEvent): void => {
      if (!carries(event)) return
      event.preventDefault()
      event.stopPropagation()
      depth = 0
      setOver(false)
      handler.current([...(event.dataTransfer?.files ?? [])])
    }
    element.addEventListener('dragenter', enter)
    element.addEventListener('dragover', move)
    element.addEventListener('dragleave', leave)
    element.addEventListener('drop', drop)
    return () => {
      element.removeEventListener('dragenter', enter)
      element.removeEventListener('dragover', move)
      element.removeEventListener('dragleave', leave)
      element.removeEventListener('drop', drop)
    }
  }, [])
  return { ref, over }
}
