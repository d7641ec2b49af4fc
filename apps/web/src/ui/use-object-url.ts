import { useEffect, useState } from 'react'

/** An address of a picture for as long as the component is there. */
export function useObjectUrl(blob: Blob | undefined): string | undefined {
  const [url, setUrl] = useState<{ blob: Blob; url: string }>()
  useEffect(() => {
    if (blob === undefined) return setUrl(undefined)
    const made = { blob, url: URL.createObjectURL(blob) }
    setUrl(made)
    return () => URL.revokeObjectURL(made.url)
  }, [blob])
  // Never the address of the picture before.
  return url?.blob === blob ? url?.url : undefined
}
