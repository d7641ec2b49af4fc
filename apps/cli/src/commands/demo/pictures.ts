import { embeddedPlace } from '../../embedded.js'

/** Folder of the pictures that come with the embedded model. */
export const picturesFolder = (): Promise<string> => embeddedPlace('pictures')
