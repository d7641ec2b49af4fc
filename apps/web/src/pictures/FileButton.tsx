import { type ReactNode, useRef } from 'react'
import { accepted } from './read.js'

export interface FileButtonProps {
  readonly className: string
  readonly children: ReactNode
  readonly label?: string
  readonly onFiles: (files: readonly File[]) => void
  /** Opens the camera on phones. */
  readonly capture?: boolean
}

/** A button that asks for a picture file. */
export function FileButton({ className, children, label, onFiles, capture = false }: FileButtonProps): ReactNode {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <button
        type="button"
        className={className}
        aria-label={label}
        title={label}
        onClick={() => input.current?.click()}
      >
        {children}
      </button>
      <input
        ref={input}
        type="file"
        accept={accepted}
        capture={capture ? 'environment' : undefined}
        hidden
        onChange={({ target }) => {
          onFiles([...(target.files ?? [])])
          // The same file again is a change, too.
          target.value = ''
        }}
      />
    </>
  )
}
