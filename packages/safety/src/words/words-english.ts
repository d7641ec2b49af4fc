import type { WordCategory } from './categories.js'

const list = (words: string): readonly string[] => words.split(/[,\n]/).flatMap(word => word.trim() || [])

/**
 * English words by category. A `*` lets a word match inside longer ones. 'sexual', 'hate' and 'profanity' are the English
 * list of LDNOOBW 1.2.0 (CC-BY-4.0; sorted, without what is harmless more often than not: the test beside the checker
 * names each omission), with slurs of cuss 2.2.0 (MIT) and spellings of obscenity 0.4.6 (MIT). 'violence', 'self-harm' and
 * 'drugs' are ours, and short.
 */
export const englishWords: Readonly<Record<WordCategory, readonly string[]>> = {
  sexual: list(`
    2g1c, acrotomophilia, alaskan pipeline, anal, anilingus, anus, auto erotic, autoerotic, baby batter, baby juice, ball gag,
    ball gravy, ball kicking, ball licking, ball sack, ballsack, ball sucking, bangbros, bangbus, bbw, bdsm, beaver lips,
    *beastiality*, *bestiality*, big breasts, big knockers, big tits, bimbo, black cock, blonde action, *blowjob*, blow job,
    blow your load, blumpkin, bondage, boner, boob, booby, boobies, booty call, brown showers, brunette action, *bukkake*,
    bullet vibe, bung hole, bunghole, busty, buttcheek, *butthole*, butt plug, buttplug, camel toe, cameltoe, camgirl,
    camslut, camwhore, carpet muncher, carpetmuncher, circlejerk, cleveland steamer, clit, clitoris, clover clamps, big cock, huge cock, hard cock,
    my cock, your cock, his cock, suck cock, cock and balls, *cocksuck*, coprolagnia, coprophilia, *creampie*, cum, cumming, *cumshot*, *cunniling*, date rape, daterape,
    deep throat, *deepthroat*, dendrophilia, dick, *dildo*, dirty sanchez, doggie style, doggiestyle, doggy style,
    doggystyle, dolcett, dominatrix, domme, donkey punch, double dong, double penetration, dp action, dry hump,
    eat my ass, ecchi, *ejaculat*, erotic, erotica, erotism, felch, *fellat*, feltch, female squirting, femdom, figging,
    *fingerbang*, fisting, foot fetish, *footjob*, frotting, *futanari*, *gangbang*, gang bang, gay sex, genitals,
    giant cock, girls gone wild, goatcx, goatse, gokkun, golden shower, goo girl, goregasm, grope, group sex, g spot,
    hand job, *handjob*, *hentai*, homoerotic, hooker, horny, hot carl, humping, incest, jack off, jail bait, jailbait,
    jerk off, *jerkoff*, *jizz*, juggs, kinbaku, kinkster, livesex, lolita, lovemaking, male squirting, *masturbat*,
    *masterbat*, menage a trois, milf, missionary position, mound of venus, muff diver, muffdiving, nambla, nawashi,
    nimphomania, nipple, nsfw, nude, nudity, nutten, nympho, nymphomania, nymphomaniac, omorashi, one cup two girls,
    one guy one jar, *orgasm*, orgy, orgies, *paedophil*, *pedophil*, pedobear, panties, panty, penis, penises, phone sex,
    pole smoker, ponyplay, poon, poontang, *porn*, pr0n, pthc, pube, punany, *pussy*, pussies, queaf, queef, quim, raging boner,
    rape, raped, raping, rapist, reverse cowgirl, rimjob, rosy palm, schlong, semen, sex, sexcam, sexo, sexy, sexual,
    sexually, sexual intercourse, shaved beaver, shemale, shibari, shota, *slut*, smut, sodomize, sodomise, sodomy, splooge,
    spooge, spread legs, strapon, strip club, stripclub, style doggy, s m club, suicide girls, sultry women, tea bagging, threesome,
    throating, thumbzilla, tit, tittie, titty, tittys, topless, tribadism, tub girl, tubgirl, twat, twink,
    two girls one cup, 2 girls 1 cup, undressing, upskirt, urethra play, urophilia, *vagina*, venus mound, vibrator, vorarephilia,
    *voyeur*, voyuer, vulva, wet dream, *whore*, worldsex, yaoi, yellow showers, yiffy, *zoophil*, necrophilia,
    fucktard, naked girl, naked woman, naked women, naked child, naked children, undressed girl`),
  hate: list(`
    abeed, africoon, beaner, camel jockey, chinaman, chinamen, ching chong, *chingchong*, chink, chinky, coon,
    curry muncher, dago, darkie, darky, diaper head, dot head, fudge packer, fudgepacker, fag, *faggot*, fagot, gook, golliwog, gyppo, half breed,
    heil hitler, sieg heil, honkey, injun, jap, jewboy, jigaboo, jiggaboo, jiggerboo, jigga, jungle bunny, jungle bunnies,
    kaffir, kike, kkk, kyke, neonazi, neo nazi, negro, negroes, nig, *nigga*, *nigger*, niglet, nig nog, nignog, paki,
    piccaninny, pickaninny, pikey, polack, porch monkey, *raghead*, retard, retarded, roundeye, slanteye, slopehead,
    spastic, spearchucker, spic, spick, squaw, swastika, tar baby, towelhead, towel head, trailer trash, tranny, trannie,
    wetback, whigger, wigger, white power, white supremacy, white trash, wog, wop, yid, zipperhead, gas the jews,
    death to jews, death to muslims, kill all jews, kill all muslims, bulldyke`),
  violence: list(`
    how to kill, how to murder, i will kill you, kill him, kill her, kill them all, kill everyone, kill people,
    killing people, kill you, behead, beheaded, beheading, *decapitat*, *dismember*, *disembowel*, goregasm, guro, gory,
    blood and gore, gore porn, snuff film, snuff movie, severed head, severed limb, mutilated, mutilation, mutilate,
    slit throat, slit his throat, slit her throat, stabbed to death, stab him, stab her, stab someone, beaten to death,
    hacked to death, tortured to death, bleeding corpse, bloody corpse, mangled corpse, rotting corpse, school shooting,
    mass shooting, shoot up a school, terrorist attack, suicide bomb, suicide bomber, suicide bombing, pipe bomb,
    make a bomb, build a bomb, making bombs, bomb making, molotov cocktail, child abuse, lynching, behead him, behead her,
    execution by hanging, poison someone`),
  'self-harm': list(`
    *suicide*, suicidal, kill myself, killing myself, kill yourself, kys, cut myself, cutting myself, hurt myself,
    self harm, selfharm, self mutilation, slit my wrist, slit wrist, hang myself, hanging myself, want to die, end my life,
    proana, pro ana, thinspo, thinspiration, painless way to die`),
  drugs: list(`
    heroin, *cocaine*, crack cocaine, crystal meth, meth, *methamphetamine*, *fentanyl*, mdma, lsd, *ketamine*, ghb, rohypnol,
    roofie, magic mushroom, snort coke, snorting coke, *marijuana*, *cannabis*, drug dealer, hashish, psilocybin,
    cook meth, buy drugs, sell drugs`),
  profanity: list(`
    apeshit, arse, arsehole, ass, *asshole*, asshat, asswipe, assmunch, assclown, bastard, bastardo, biatch, *bitch*,
    bollocks, bollock, bugger off, *bullshit*, clusterfuck, *cunt*, *dickhead*, dickwad, dingleberry, dingleberries,
    douchebag, dumbass, fatass, *fuck*, fcuk, fuk, fuking, fvck, phuck, *motherfuck*, mofo, god damn, goddamn, goddamnit,
    horseshit, jackshit, piece of shit, piss off, pissing, piss pig, pisspig, poop chute, poopchute, shit, shite, shithead,
    shitface, shitty, shitting, shitblimp, shittier, shitted, shitstorm, shitbag, dipshit, smartass, jackass,
    son of a bitch, sonofabitch, tosser, wank, wanker, wanking, wtf, stfu`),
}
