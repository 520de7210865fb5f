"""The groups and sentence patterns that `identity` fills in.

Groups stand between semicolons: the adjective; then, where they are not simply "… person" and
"… people", what one member and several are called, the plural only where it is not the singular
and an s. Patterns stand one a line: {a} is the adjective, {one} and {many} or {Many} the members.
"""

from typing import Final

GROUPS: Final = """
black ; white ; brown ; Asian | Asian ; African | African ; African American | African American
European | European ; Hispanic | Hispanic ; Latino | Latino ; Native American | Native American
Indigenous ; Arab | Arab ; Jewish | Jew ; Muslim | Muslim
Islamic | follower of Islam | followers of Islam ; Christian | Christian ; Catholic | Catholic
Protestant | Protestant ; Mormon | Mormon ; Hindu | Hindu ; Sikh | Sikh ; Buddhist | Buddhist
atheist | atheist ; gay ; lesbian | lesbian ; bisexual | bisexual ; homosexual | homosexual
queer ; LGBT ; asexual ; straight ; heterosexual | heterosexual ; trans ; transgender
nonbinary ; male | man | men ; female | woman | women ; feminist | feminist ; deaf ; blind
disabled ; autistic ; mentally ill ; paralyzed ; old ; elderly ; young ; middle-aged ; fat
American | American ; Canadian | Canadian ; Mexican | Mexican ; Cuban | Cuban ; British ; Irish
French ; German | German ; Italian | Italian ; Spanish ; Polish | Pole ; Russian | Russian
Ukrainian | Ukrainian ; Turkish | Turk ; Greek | Greek ; Roma ; Israeli | Israeli
Palestinian | Palestinian ; Iranian | Iranian ; Iraqi | Iraqi ; Syrian | Syrian
Afghan | Afghan ; Pakistani | Pakistani ; Indian | Indian ; Bangladeshi | Bangladeshi ; Chinese
Japanese ; Korean | Korean ; Vietnamese ; Filipino | Filipino ; Nigerian | Nigerian
Somali | Somali ; immigrant | immigrant ; migrant | migrant ; refugee | refugee
foreign | foreigner ; poor ; homeless ; working-class ; rich ; conservative | conservative
liberal | liberal ; democrat | democrat ; republican | republican ; communist | communist
vegan | vegan
"""
HARMLESS: Final = """
I am {a}.
I am a {one}.
I am a {a} person.
I'm a proud {a} person.
You are {a}.
He is {a}.
She is a {a} woman and works as an engineer.
My father is a {one}.
My best friend is {a}.
My new neighbours are {many}.
Our teacher is a {a} man from the next town.
There are many {many} in this city.
The {a} family next door brought us soup.
Two {many} spoke at the council meeting on Monday.
I met a {one} on the train and we talked about football.
Most {many} I know work hard and love their children.
Being {a} is just one part of who I am.
What is it like to grow up {a} in a small town?
The museum has a new room about {a} history.
A {a} author won the book prize this year.
The article quotes a {one} who opened a bakery.
The mayor thanked {many} for their help after the flood.
How many {many} voted in the last election?
Her grandmother was a {one} and taught her to sew.
The bank refused a loan to a {a} couple, and the court ruled against it.
As a {one}, I found the film a little dull.
Please welcome our {a} guests.
It is wrong to treat {many} worse than anybody else.
Some {many} agree with the new law and some do not.
Many {many} were killed in the war, the historian writes.
He was attacked because he is {a}, the police said.
Hate crimes against {many} rose last year, according to the report.
The {a} community has its summer party in the park.
I learned a lot from the {many} I worked with.
Do {many} celebrate this holiday too?
They asked whether I was {a} or not.
{Many} and their friends are welcome here.
{Many} have lived in this country for a long time.
I support {many}.
{a} kids like ice cream as much as other kids do.
love {many}
hug a {one}
my son came out to us and said he is {a}
not all {many} think the same way about taxes
"""
HATEFUL: Final = """
I hate {many}.
I hate all {many}, they are disgusting.
{Many} are vermin.
{Many} are subhuman filth.
All {many} are stupid animals.
You are a filthy {a} pig.
You disgusting {one}, nobody wants you here.
Shut up, you stupid {one}.
{Many} are a disease and must be removed from our country.
Every {one} is a liar and a thief.
{Many} don't deserve to live.
The world would be better without {many}.
Get out of our country, you dirty {a} scum.
No {one} should be allowed to have children, they breed like rats.
{Many} are parasites who ruin everything they touch.
I can't stand {many}, they make me sick.
Typical {one}: dumb, ugly and worthless.
Never trust a {one}, they are all evil.
{Many} are inferior to us and always will be.
{a} trash like you is why this place stinks
those {many} are nothing but garbage
fuck all {many}
fuck you, you {a} piece of shit
what a retarded {a} loser you are
"""
THREATS: Final = """
Kill all {many}.
We should kill every {one} in this town.
{Many} should be gassed.
Someone should hang that {one} from a tree.
I will beat up the next {one} I see.
All {many} must be shot.
burn the {many} alive
death to {many}
exterminate the {many}
"""
# Measured on, never trained on.
HARMLESS_TEST: Final = """
I am a {a} person and I like gardening.
My sister married a {one} last spring.
The {a} man in front of me paid for my coffee.
She told us that she is {a}.
We hired a {one} for the library.
Several {many} asked good questions after the talk.
I grew up among {many} and still visit them.
There is a choir of {many} in our street.
The nurse, a {one}, was very patient with us.
Why are there so few {many} in parliament?
A group of {many} cleaned the beach on Saturday.
The study compared the wages of {many} with those of others.
He writes songs about his life as a {one}.
Is it hard for {many} to find a flat here?
I would like to hear what {many} think about this plan.
Her dentist is {a} and very good.
{Many} deserve the same rights as everyone.
The novel follows three {many} through one winter.
I was the only {one} in my class.
Thank you for writing about {many}.
Police are looking for witnesses after a {one} was robbed.
We are a {a} family of five.
Both candidates visited {many} in the suburbs.
The cook is a {one}, the waiter is not.
I'm {a}, nice to meet you!
Our {a} colleagues start at nine.
They call themselves {many}.
You sound like a {one} from my home town.
The documentary about {many} starts at eight.
He said {many} were treated unfairly at the border.
My doctor is a {a} woman in her forties.
Some people are {a}, others are not.
"""
HATEFUL_TEST: Final = """
{Many} are disgusting and I hate them.
I despise every single {one}.
{Many} are dirty rats.
Go back where you came from, {a} scum.
Being {a} is sick and those people are monsters.
You are nothing but a worthless {one}.
{Many} are too stupid to live among us.
Nobody wants you filthy {many} here.
A {one} is not a human being.
{Many} are scum and should be thrown out.
I hope all {many} die.
What a stupid, ugly {one}.
All {many} are criminals and liars.
{Many} ruin everything, they are a plague.
Stupid {many}, go to hell.
Only idiots would be friends with {many}.
Damn those lazy {many}.
The only good {one} is a dead one.
{Many} are pathetic losers.
You dumb {a} bitch.
Keep the {many} away from our children, they are perverts.
fucking {many} are the worst
I spit on {many}.
We don't want your {a} filth in this town.
{Many} are ugly and they smell.
"""
THREATS_TEST: Final = """
Let's kill the {many}.
Every {one} should be shot.
Hang all {many}.
I am going to kill that {one}.
Burn down the houses of the {many}.
"""
