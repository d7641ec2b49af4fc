import { useSyncExternalStore } from 'react'

export type View = 'chat' | 'paint'

/** The view that an address names: '#/paint', else chat. */
export function viewOf(hash: string): View {
  return hash.startsWith('#/paint') ? 'paint' : 'chat'
}

export function hrefOf(view: View): string {
  return `#/${view}`
}

export function goTo(view: View): void {
  location.hash = hrefOf(view)
}

export function useView(): View {
  return useSyncExternalStore(
    listener => {
      addEventListener('hashchange', listener)
      return () => removeEventListener('hashchange', listener)
    },
    () => viewOf(location.hash),
  )
}
