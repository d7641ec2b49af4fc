import type { ReactNode } from 'react'
import { useModel } from '../app/model.js'
import { goTo } from '../app/route.js'
import type { PaintSettings } from '../engine/types.js'
import { useMessages } from '../i18n/index.js'
import { Icon } from '../ui/Icon.js'
import { save } from '../ui/save.js'
import { fileNameOf } from './gallery.js'

export interface PictureActionsProps {
  readonly picture: Blob
  readonly settings: PaintSettings
  /** Called when another place takes over. */
  readonly onLeave?: () => void
  /** Further buttons. */
  readonly children?: ReactNode
}

/** What can be done with a painted picture. */
export function PictureActions({ picture, settings, onLeave, children }: PictureActionsProps): ReactNode {
  const t = useMessages().paint
  const { paint, chat, notices } = useModel()
  const start = (): void => {
    paint.startFrom(picture)
    notices.tell(t.started)
    onLeave?.()
  }
  const talk = (): void => {
    onLeave?.()
    chat.talkAbout(picture)
    goTo('chat')
  }
  return (
    <div className="picture-actions">
      {children}
      <button type="button" className="secondary" onClick={talk}>
        <Icon name="chat" size={18} />
        {t.talk}
      </button>
      <button type="button" className="secondary" onClick={start}>
        <Icon name="brush" size={18} />
        {t.start}
      </button>
      <button type="button" className="secondary" onClick={() => save(picture, fileNameOf(settings))}>
        <Icon name="download" size={18} />
        {t.download}
      </button>
    </div>
  )
}
