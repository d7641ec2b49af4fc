/** Has the browser keep the page's own files, so that it opens without its server; where browsers allow it: over HTTPS, or on this machine. */
export function openOffline(): void {
  if (!('serviceWorker' in navigator)) return
  const register = () => {
    // Without it the page needs its server to open, and nothing else is different.
    navigator.serviceWorker.register('./sw.js', { updateViaCache: 'none' }).catch(() => {})
  }
  // After all that the page needs at once.
  if (document.readyState === 'complete') register()
  else addEventListener('load', register, { once: true })
}
