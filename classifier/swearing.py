"""Common insults and swear words that people mask, split or respell, and words like them.

It says which word a disguise hides, never that a text is bad: that is the model's to say. No
slurs against groups of people: who writes of them, also in quotation, is left alone here.
"""

from typing import Final


def _words(words: str) -> tuple[str, ...]:
    return tuple(words.split())


LISTED: Final = _words("""
    ass asses asshole assholes arse arsehole arseholes bastard bastards bellend bitch bitches
    bitching bitchy bloody bollocks brainless bullshit bullshitter clown clowns cock cocks
    cocksucker coward cowardly cowards crap crappy creep creeps creepy cretin cretins cunt cunts
    damn damned delusional deranged despicable dick dickhead dickheads dicks dimwit dimwits
    dipshit disgrace disgraceful disgusting douche douchebag douchebags dumb dumbass dumbasses
    dumbest dumbfuck dummy dunce dunces fathead fatso filthy foolish fuck fucked fucker
    fuckers fuckhead fucking fucks fuckwit garbage goddamn halfwit halfwits horrible horseshit
    hypocrite hypocrites idiocy idiot idiotic idiots ignoramus ignorant imbecile imbeciles
    incompetent jackass jackasses jerk jerks knobhead laughable liar liars loser losers lunatic
    lunatics maggot maggots mindless moron moronic morons motherfucker motherfuckers motherfucking
    muppet nincompoop numbskull obnoxious parasite parasites pathetic pervert perverts pigheaded
    piss pissed pissing prick pricks psycho psychopath psychopaths pussies pussy repulsive
    ridiculous rubbish scum scumbag scumbags shit shitbag shithead shitheads shithole shits shitty
    simpleton slut sluts sluttish stupid stupidest stupidity stupidly sucker suckers thickhead
    tosser tossers trash trashy troll trolls turd turds twat twats ugly useless vermin vile
    wanker wankers whore whores witless worthless wretched
""")
# What is sold with the same tricks; only split: "Cassini" is no casino.
SOLD: Final = _words("viagra cialis pharmacy casino casinos bitcoin bitcoins")
# Halves of listed words that are words of their own, with those of other languages and names;
# the shortest are in `spellings.SHORT_WORDS`. Found with word lists of five languages.
ORDINARY: Final = frozenset(
    _words("""
        able ace ads ant ash ashy ass asses bags bas bass basses bast bell belle best bitch boll
        bra brain bull bulls bullshit cable casi cock cocks coin coins competent coward crap cum
        dam damn del delusion dick dim dip dips disgrace disgust douche dumb dun est etched eton
        foo fool fuck fucker fuckers fucking garb grace graceful gusting ha hal half head headed
        heads hing hits hitter hole holes horse horses hypo idiot idly inc ins itch itches
        itching itchy jack jackass king knob laugh lend les less li lo locks lose luna macy mi
        mind moron moth mother noxious numb numbs ore ores os owns par pat path paths pig piss
        poop psych psycho puss race ranged rant rap rash rep retched rid rite rites rolls rub
        scum se ser shit sim simple sing sino site sites skull slut sting stu stupid suck sucker
        tent th thick thy tic tin ting tins ton toss tu via wa wan wank ward wards wit wits
        worth wretch
    """)
)
# Other words that sound like a listed one, from the same lists, and names.
SOUND_ALIKE: Final = frozenset(
    _words("""
        aas aases assess assez ballend batches batching botches botching bullocks bustard
        bustards butches butchy coc cok cont cook cooks coq coqs crepi cretan crottin crottins
        cuck cucks cuk dances dankes despicably dic dik domi domy doncas doucha dumbos dyck dyk
        facers facing fakers faking fickers foc fock focs fokker fokkers fook fooks hippocrates
        horribly imbecilli jacassas jacasses jacassez koc kock kok koks kook kooks koontz krapp
        krepp krepps kuc kuntz lasers laughably lesers looser magot magots maroons marrons
        mirons moppet moran morans murons parasita parasitas parasitez parassita parassiti
        passiez passing pesiez pis pissiez posi posies posiez posing posy pozzi psiche psyche
        pusing pusings pussiez puzzi qoq repulsiva repulsivi repulsivo seekers slot slots soccer
        stooped stopped succors sucer tasers tord tords toser trull ville wattles wheres winker
        winkers zucker zuckers
    """)
)
