import { type ReactNode, type RefObject, useState } from 'react'
import { useModel } from '../app/model.js'
import { langOfText, useMessages } from '../i18n/index.js'
import { CameraDialog } from '../pictures/CameraDialog.js'
import { FileButton } from '../pictures/FileButton.js'
import { useStore } from '../store/store.js'
import { BlobImage } from '../ui/BlobImage.js'
import { isComposing } from '../ui/composing.js'
import { Icon, IconButton } from '../ui/Icon.js'
import { hasPicture, isRunning } from './conversation.js'

export interface ComposerProps {
  readonly textarea: RefObject<HTMLTextAreaElement | null>
  readonly onFiles: (files: readonly File[]) => void
  readonly onPicture: (picture: Blob) => void
}

const decodings = ['greedy', 'beam', 'sample'] as const

/** Where the next question is written. */
export function Composer({ textarea, onFiles, onPicture }: ComposerProps): ReactNode {
  const t = useMessages()
  const { chat } = useModel()
  useStore(chat.store, state => state)
  const [camera, setCamera] = useState(false)
  const conversation = chat.current
  const draft = chat.draft()
  const running = conversation !== undefined && isRunning(conversation)
  const pictured = draft.picture !== undefined || (conversation !== undefined && hasPicture(conversation))
  const ask = (): void => {
    if (chat.ask() !== undefined) textarea.current?.focus()
  }
  const stop = (): void => {
    if (conversation) chat.stop(conversation.id)
    textarea.current?.focus()
  }
  return (
    <form
      className="composer"
      onSubmit={event => {
        event.preventDefault()
        ask()
      }}
    >
      <div className="composer-box">
        {draft.picture && (
          <div className="attached">
            <BlobImage blob={draft.picture} alt={t.chat.attached} />
            <IconButton
              icon="close"
              label={t.chat.removePicture}
              onClick={() => {
                chat.write({ text: draft.text })
                textarea.current?.focus()
              }}
            />
          </div>
        )}
        <textarea
          ref={textarea}
          aria-label={t.chat.question}
          aria-describedby="composer-hint"
          placeholder={t.chat.ask}
          lang={langOfText(draft.text)}
          rows={1}
          value={draft.text}
          onChange={({ target }) => chat.write({ ...draft, text: target.value })}
          onKeyDown={event => {
            // Enter that ends the composing of a Chinese word asks nothing.
            if (isComposing(event)) return
            if (event.key === 'Escape' && running) stop()
            if (event.key !== 'Enter' || event.shiftKey) return
            event.preventDefault()
            ask()
          }}
        />
        <div className="composer-tools">
          <FileButton className="icon-button" label={t.chat.choose} onFiles={onFiles}>
            <Icon name="picture" />
          </FileButton>
          <IconButton icon="camera" label={t.chat.takePicture} onClick={() => setCamera(true)} />
          <DecodingSelect />
          {running ? (
            <button type="button" className="round primary" aria-label={t.chat.stop} title={t.chat.stop} onClick={stop}>
              <Icon name="stop" />
            </button>
          ) : (
            <button
              type="submit"
              className="round primary"
              aria-label={t.chat.send}
              title={t.chat.send}
              disabled={!chat.canAsk()}
            >
              <Icon name="send" />
            </button>
          )}
        </div>
      </div>
      <p id="composer-hint" className="hint composer-hint">
        {pictured ? '' : t.chat.needPicture}
      </p>
      {camera && <CameraDialog onPicture={onPicture} onClose={() => setCamera(false)} />}
    </form>
  )
}

function DecodingSelect(): ReactNode {
  const t = useMessages().chat
  const { preferences } = useModel()
  const decoding = useStore(preferences, state => state.decoding)
  return (
    <select
      className="decoding"
      aria-label={t.decoding}
      title={t.decoding}
      value={decoding}
      onChange={({ target }) => preferences.set({ decoding: decodings.find(d => d === target.value) ?? 'greedy' })}
    >
      {decodings.map(name => (
        <option key={name} value={name}>
          {t.decodings[name]}
        </option>
      ))}
    </select>
  )
}
