import type { ModelFile } from '../types.js'

/**
 * CPM-Bee's vocabulary, under its name in the hub's repositories. Size and SHA-256 are those of bee.txt in the authors' code
 * repository, which is asked where a hub's copy should differ.
 */
export const beeVocabulary: ModelFile = {
  path: 'vocab.txt',
  size: 629_410,
  exact: true,
  sha256: 'e733a3080e0a2b176e994bc04f53f98390d6146fc2b828464edb0243aeb536ff',
  elsewhere: [
    {
      url: 'https://raw.githubusercontent.com/OpenBMB/VisCPM/d21f3ebda1d5195c49c9ca4cf6c1db8be50e0385/VisCPM/cpm_tokenizers/vocabs/bee.txt',
    },
  ],
}
