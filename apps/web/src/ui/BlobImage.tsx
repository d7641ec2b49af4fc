import { type ReactNode, useState } from 'react'
import { useObjectUrl } from './use-object-url.js'

export interface BlobImageProps {
  readonly blob: Blob
  readonly alt: string
  readonly className?: string
  /** Of what the picture shows. */
  readonly lang?: string | undefined
}

/** A picture file. Very small ones are enlarged without blur. */
export function BlobImage({ blob, alt, className = '', lang }: BlobImageProps): ReactNode {
  const url = useObjectUrl(blob)
  const [small, setSmall] = useState(false)
  if (url === undefined) return <span className={`image-space ${className}`} />
  return (
    <img
      src={url}
      alt={alt}
      lang={lang}
      className={`${className} ${small ? 'pixels' : ''}`}
      onLoad={event => setSmall(event.currentTarget.naturalWidth <= 128)}
      draggable={false}
    />
  )
}
