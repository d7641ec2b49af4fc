const fragments = `
  a ab abo ace ad ae aff ag age agin ago ai ail ain aine ait ake akin aking al ale alit all alls ally als am ama ame
  amen ami amin amine amp amphetamine an ana and ane ani anil anilin anker ann anna ant ante anti any ao ape aped
  apes aping apo ar arc arch ard are ark arm ars art as ash aster at ate ats auto aw awa awash ay ba bac back bad
  bag bait bal ball balls ban bang bar bas bass bast basta bat be bean bear beast bee berries berry bes best besti
  bestial bi bin bis bit blimp blow bo boll bon bond bone boo boobie bow bowel boy bra brat bro bros bull bulls bun
  bung bus bust but butt by cain cam came camel cams can cann canna cap capi capita car carp carpet ch che cheek
  cher chi chin china chon chuck chucker chut chute cid cide circle clow clown club cluster coca cocain cocks coo
  cop cream crop cummin cums da dag dal dam damn dark date dater de dee deep den dey di din ding dingle dip dips dis
  disme dit div divi diving do dob dog doggie doggies doggiest doggy dol dolce dom domy dop douc douche dr dress
  dressing drop dumb dyke ea ean ear eas east ed ee eek ef eg eh el elf ell elt em ember embow embowel eme en end
  eon er era erf erk err es ess est et eta etamin etamine eth ex exo eye fa fab face fat fe fell fella felt fem fen
  fent fie fig fin finger fir fist foot fro fy gab gan gang gas gen genital ger gi gie gies gin ging girl glebe go
  goa goat goats god goddam goo gor gore got gu gur gus gyp ha ham han hand harm has hash hat he head headed heading
  hem hemal hen hent her hero het hi hili hin hing hinky hins his hish hit hithe hits hitting ho hole hom homa homo
  hon hong honk hoo hook hore horn hors horse horses hot huck hum hump hut hyp i ick id ide ie if iff iffy igg
  igging ilia ill imp in ing ingle ink inks inky inn ins inspiration io ion is ish ism it ita itch its ja jack jacks
  jai jail jerk jew jig jigger jiz jo job jug jun ka kaf kak kas ket keta key ki kin king kink kinks kir ko koff ky
  la lac lack lag lant lat late lated lati lay le les less let li limp lin ling lit live lives lo lock locks long
  loo lop lope love low lown lug lum lump lumpkin lust luster lynch ma mak maki making mal male man mani mania
  maniac mar mart mas mast master me mel melt mem member men met mi mil mina mine ming mis mise miz mm mo moe moer
  mop mor mora moras mot moth mother ms mu muff mun munch muncher mut muti my na nab nabis nam name nan nat naw nazi
  ne necrophil neg neon nie nil nim ninny nip nis nit no nog nu nus nut ny nymph o oat oats ob obe obi oca od odd oe
  oes of off oh oi ok oke ole om on one oner ono ony oo oof oon oont oop oot op ope or ora ore ors os other otic ou
  ouch ow owe own oy oye pa paedo pan pant pantie pas past pc pe pea pear ped peh pen peni per pes pet phi pho pi
  pic piccanin pick pie pig pike pin ping pir pis piss pit pita play plu plug po pol pony poo poop pro proa prop psi
  pub pun puna pus puss qua rag ran rap rare ras rash rat ratio ration rato re ream ree rees reg rep res ret rhea
  rib riba rim rip roan roating roe roes roin rolag roo roof rope rot roti rotis roto rotting round sac sack sel
  self seme ser sesh sh sha shat she shish shits shot si sies silo sin sing ski skirt slant slop slope sma smart so
  sod sodom som some son spa spas spear spiration st star sting storm strap strip sty style suck sui swipe ta tai
  tam tamin tamine tan tana tang tar tardo tas tass tat te ted ten terf the thin thins tho thole three threes thro
  throat thumb ti tic tie tier ties tik tika til tin ting tis to toe tom tomo top tor tori toss tow towel trap trip
  tub twa twin u ua ug uk ulva um umm umming ump umping ums un unde undress up ups ur urb us ut uta ute vag vagi
  vibrato vin vor wad wan was wash wast wat we wet whig who wig win wink wipe wo world worlds xu y ya ye yu zill
  zilla zip zipper zo zoo`

/** Pieces of listed words that are words of their own: where such a piece stands by itself, no word was cut in two. */
export const commonFragments: ReadonlySet<string> = new Set(fragments.trim().split(/\s+/))
