import { useModel } from '../app/model.js'
import { useMessages } from '../i18n/index.js'
import { pictureProblem, picturesIn, readPicture } from './read.js'

/** Takes the first usable picture of some files; says what is wrong with the others. */
export function usePictureTaker(onPicture: (picture: Blob) => void): (files: readonly File[]) => Promise<void> {
  const { notices } = useModel()
  const t = useMessages()
  return async files => {
    const [first, second] = picturesIn(files)
    if (first === undefined) {
      if (files.length > 0) notices.tell(t.chat.picture.kind, { tone: 'error' })
      return
    }
    try {
      onPicture(await readPicture(first))
      if (second) notices.tell(t.chat.picture.many)
    } catch (thrown) {
      notices.tell(pictureProblem(thrown, t), { tone: 'error' })
    }
  }
}
